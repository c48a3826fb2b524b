"""SAML, web identity, Identity Center, GetFederationToken, AssumeRoot."""

from __future__ import annotations

from tests.world.federation import role_with_saml, role_with_web_identity
from tests.world.identity_center import (
    account_access,
    permission_set_role,
    portal_session,
    workforce,
)
from tests.world.scenarios.scenario import Cast, Scenario, lose_issue, use
from tests.world.signin import federated_console
from tests.world.sts import (
    access_key,
    assume_role,
    assume_root,
    get_federation_token,
    get_session_token,
    like,
)
from tests.world.world import World

GITHUB = "repo:example/shop:ref:refs/heads/main"
POD = "system:serviceaccount:shop:checkout"


def saml(world: World, *, lost: bool = False, onward: bool = False, console: bool = False) -> None:
    """A role put on with a SAML assertion, on the command line or in the console."""
    cast = Cast(world)
    hat = role_with_saml(world, cast.analyst, "alice@example.com", console=console)
    if console:
        federated_console(hat)
    if lost:
        lose_issue(hat)
    use(hat)
    if onward:
        use(assume_role(hat, cast.break_glass, "alice@example.com"))


def saml_call(world: World) -> None:
    """The AssumeRoleWithSAML record names the subject itself."""
    role_with_saml(world, Cast(world).analyst, "alice@example.com")


def web(world: World, *, subject: str = GITHUB, provider: str = "", lost: bool = False) -> None:
    """GitHub, a Kubernetes service account, a Cognito identity."""
    cast = Cast(world)
    host = provider or "token.actions.githubusercontent.com"
    hat = role_with_web_identity(world, cast.analyst, subject, "job", provider=host)
    if lost:
        lose_issue(hat)
    use(hat)


def two_jobs(world: World) -> None:
    """Two repositories, one role, one session name, one second."""
    cast = Cast(world)
    now = world.tick()
    use(role_with_web_identity(world, cast.analyst, GITHUB, "GitHubActions", at=now))
    other = "repo:example/docs:ref:refs/heads/main"
    use(role_with_web_identity(world, cast.analyst, other, "GitHubActions", at=now))


def person_named(world: World, *, marked: str = "all", onward: bool = False) -> None:
    """Identity Center: the issued key is not the one that is used.

    marked -- which of the session's calls carry onBehalfOf: `all`, `some`, `none`.
    """
    cast = Cast(world)
    staff = workforce(world, cast.security)
    person = staff.person("alice@example.com", user_id="u-alice")
    role = permission_set_role(world, cast.production, "Admin", suffix="0123456789abcdef")
    hat = portal_session(person, role, on_behalf_of=marked != "none")
    use(hat)
    if marked == "some":
        unmarked = like(hat, identity_extra={})
        world.sessions.append(unmarked)
        use(unmarked)
    if onward:
        use(assume_role(hat, cast.analyst, "alice@example.com"))


def access_manager(world: World, *, marked: bool = True) -> None:
    """Account access manager: a service issues, a person works."""
    cast = Cast(world)
    staff = workforce(world, cast.security)
    person = staff.person("alice@example.com", user_id="u-alice")
    use(account_access(person, cast.analyst, on_behalf_of=marked))


def federation_token(world: World, *, lost: bool = False, root: bool = False) -> None:
    """GetFederationToken: a FederatedUser whose issuer the record names."""
    cast = Cast(world)
    caller = access_key(world.root(cast.security)) if root else cast.alice
    guest = get_federation_token(caller, "guest")
    if lost:
        lose_issue(guest)
    use(guest)


def member_root(world: World, *, flag_on: str = "session", lost: bool = False) -> None:
    """AssumeRoot: a member account's root session is the caller's doing."""
    cast = Cast(world)
    root = assume_root(assume_role(cast.alice, cast.analyst, "x"), cast.production, flag_on=flag_on)
    if lost:
        lose_issue(root)
    use(root)


def own_root(world: World, *, session: bool = False) -> None:
    """Root with its own long-term key, or a session token of it."""
    key = access_key(world.root(Cast(world).production))
    use(get_session_token(key) if session else key)


def session_token(world: World, *, lost: bool = False) -> None:
    """GetSessionToken: the record names the user, with the issuing call or without."""
    session = get_session_token(Cast(world).alice, mfa=True)
    if lost:
        lose_issue(session)
    use(session)


ROOT = "arn:aws:iam::300000000003:root"
PERSON = "proven identity-center-user u-alice: AWSReservedSSO_Admin_0123456789abcdef"
SCENARIOS = (
    Scenario("saml/cli", saml, "proven saml-user alice@example.com: Analyst"),
    Scenario("saml/cli/lost", saml, "unresolved claims alice@example.com: Analyst", {"lost": True}),
    Scenario(
        "saml/onward", saml, "proven saml-user alice@example.com: Analyst > BreakGlass",
        {"onward": True},
    ),
    Scenario(
        "saml/console", saml, "matched saml-user alice@example.com: Analyst", {"console": True}
    ),
    Scenario("saml/call", saml_call, "direct saml-user alice@example.com"),
    Scenario("web/github", web, f"proven web-identity {GITHUB}: Analyst"),
    Scenario("web/github/lost", web, "unresolved claims job: Analyst", {"lost": True}),
    Scenario(
        "web/eks", web, f"proven web-identity {POD}: Analyst",
        {"subject": POD, "provider": "oidc.eks.us-east-1.amazonaws.com/id/0A1B2C"},
    ),
    Scenario(
        "web/cognito", web, "proven web-identity us-east-1:f33550b0: Analyst",
        {"subject": "us-east-1:f33550b0", "provider": "cognito-identity.amazonaws.com"},
    ),
    Scenario(
        "web/same-second", two_jobs,
        "proven web-identity repo:example/docs:ref:refs/heads/main: Analyst",
    ),
    Scenario("identity-center/marked", person_named, PERSON),
    Scenario("identity-center/partly-marked", person_named, PERSON, {"marked": "some"}),
    Scenario(
        "identity-center/unmarked", person_named, PERSON.replace("proven", "matched"),
        {"marked": "none"},
    ),
    Scenario("identity-center/onward", person_named, PERSON + " > Analyst", {"onward": True}),
    Scenario(
        "account-access/marked", access_manager, "proven identity-center-user u-alice: Analyst"
    ),
    Scenario(
        "account-access/unmarked", access_manager, "unresolved claims alice@example.com: Analyst",
        {"marked": False},
    ),
    Scenario("federation-token", federation_token, "proven iam-user alice"),
    Scenario("federation-token/lost", federation_token, "direct iam-user alice", {"lost": True}),
    Scenario("federation-token/root", federation_token, "proven root root", {"root": True}),
    Scenario("assume-root", member_root, f"proven iam-user alice: Analyst > {ROOT}"),
    Scenario(
        "assume-root/flag-on-call", member_root,
        f"proven iam-user alice: Analyst > {ROOT}", {"flag_on": "call"},
    ),
    Scenario(
        "assume-root/lost", member_root, f"unresolved claims None: {ROOT}",
        {"lost": True},
    ),
    Scenario("root/key", own_root, "direct root root"),
    Scenario("root/session-token", own_root, "direct root root", {"session": True}),
    Scenario("session-token", session_token, "direct iam-user alice"),
    Scenario("session-token/lost", session_token, "direct iam-user alice", {"lost": True}),
)  # fmt: skip
