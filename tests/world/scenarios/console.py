"""Sign-in, Switch Role, sign-in tokens, `aws login` (semantics.md section 2, rows 12 to 16)."""

from __future__ import annotations

from tests.world.federation import role_with_saml
from tests.world.forward import forwarded
from tests.world.scenarios.scenario import Cast, Scenario, lose_issue, use
from tests.world.signin import (
    aws_login,
    console_call,
    console_from_credentials,
    console_login,
    exit_role,
    failed_login,
    federated_console,
    switch_role,
)
from tests.world.sts import assume_role
from tests.world.world import World


def signed_in(world: World, *, who: str = "alice", lost: bool = False) -> None:
    """A console session: a key for every call."""
    cast = Cast(world)
    user = cast.alice_user if who == "alice" else world.root(cast.security)
    session = console_login(user)
    if lost:
        world.withhold(*session.sign_ins)
    for _ in range(3):
        console_call(session, "ec2", "DescribeInstances")


def refused(world: World) -> None:
    """A wrong password."""
    failed_login(Cast(world).alice_user)


def switched(world: World, *, missing: str = "") -> None:
    """Switch Role across accounts: the issued key is never used.

    missing -- `account` (her account's trail), `issue` (both copies of the AssumeRole),
        `all` (SwitchRole too).
    """
    cast = Cast(world)
    hat = switch_role(console_login(cast.alice_user), cast.break_glass)
    console_call(hat, "iam", "ListRoles")
    if missing == "account":
        world.withhold_account(cast.security)
    elif missing:
        lose_issue(hat)
    if missing == "all":
        world.withhold(*hat.sign_ins)
    console_call(hat, "ec2", "DescribeInstances")


def switch_record(world: World) -> None:
    """The SwitchRole record counts under the session it names."""
    cast = Cast(world)
    hat = switch_role(console_login(cast.alice_user), cast.break_glass)
    exit_role(hat)


def switched_twice(world: World, *, gap: int = 0) -> None:
    """Two people switch to one role under one name, in the same second or one apart."""
    cast = Cast(world)
    first, second = console_login(cast.alice_user), console_login(cast.bob_user)
    now = world.tick()
    one = switch_role(first, cast.break_glass, at=now, name="ops")
    two = switch_role(second, cast.break_glass, at=now + gap, name="ops")
    world.now = now + gap
    console_call(one, "iam", "ListRoles")
    console_call(two, "iam", "ListRoles")


def switched_from_role(world: World, *, rivals: bool = False) -> None:
    """SwitchRole alone, from a role session: its ARN fits one living session, or two."""
    cast = Cast(world)
    console = role_with_saml(world, cast.analyst, "alice@example.com", console=True)
    federated_console(console)
    console_call(console, "iam", "ListRoles")
    if rivals:
        use(assume_role(cast.bob, cast.analyst, "alice@example.com"))
    hat = switch_role(console, cast.break_glass)
    lose_issue(hat)
    console_call(hat, "ec2", "DescribeInstances")


def token(world: World, *, kept: bool = False, lost: bool = False, rival: bool = False) -> None:
    """GetSigninToken with a role's keys, then the console.

    kept -- the console keeps the credentials' creationDate; rival -- another session of the
        same name asks for a token in the same minutes.
    """
    cast = Cast(world)
    cli = assume_role(cast.alice, cast.analyst, "x")
    use(cli)
    if rival:
        other = assume_role(cast.bob, cast.analyst, "x")
        console_call(console_from_credentials(other), "iam", "ListRoles")
    console = console_from_credentials(cli, kept=kept)
    if lost and console.issue:
        world.withhold(console.issue.call)
    world.tick(60)
    console_call(console, "ec2", "DescribeInstances")


def login(world: World, *, with_arn: bool = False, agent: bool = False) -> None:
    """`aws login`: the key has the sign-in session's creationDate; an agent may hold it."""
    cast = Cast(world)
    console = switch_role(console_login(cast.alice_user), cast.break_glass)
    cli = aws_login(console, with_arn=with_arn, agent_tool=agent)
    use(cli)
    if agent:
        forwarded(cli, "aws-mcp", "iam", "ListUsers")


def login_of_user(world: World) -> None:
    """`aws login` of an IAM user."""
    use(aws_login(console_login(Cast(world).alice_user), with_arn=True))


ALICE = "matched iam-user alice: "
SCENARIOS = (
    Scenario("console/user", signed_in, "direct iam-user alice"),
    Scenario("console/user/lost", signed_in, "direct iam-user alice", {"lost": True}),
    Scenario("console/root", signed_in, "direct root root", {"who": "root"}),
    Scenario("console/wrong-password", refused, "unresolved claims alice"),
    Scenario("console/switch", switched, ALICE + "BreakGlass"),
    Scenario(
        "console/switch/account-missing", switched,
        "matched external-account 200000000002: BreakGlass", {"missing": "account"},
    ),
    Scenario("console/switch/issue-lost", switched, ALICE + "BreakGlass", {"missing": "issue"}),
    Scenario(
        "console/switch/all-lost", switched, "unresolved claims alice: BreakGlass",
        {"missing": "all"},
    ),
    Scenario("console/switch/record", switch_record, ALICE + "BreakGlass"),
    Scenario("console/switch/same-second", switched_twice, "ambiguous alice or bob: BreakGlass"),
    Scenario(
        "console/switch/one-second-apart", switched_twice, "matched iam-user bob: BreakGlass",
        {"gap": 1},
    ),
    Scenario(
        "console/switch/from-role", switched_from_role,
        "matched saml-user alice@example.com: Analyst > BreakGlass",
    ),
    Scenario(
        "console/switch/from-role/rivals", switched_from_role,
        "unresolved claims alice@example.com: BreakGlass", {"rivals": True},
    ),
    Scenario("console/token", token, ALICE + "Analyst"),
    Scenario("console/token/kept", token, "proven iam-user alice: Analyst", {"kept": True}),
    Scenario("console/token/lost", token, "unresolved claims x: Analyst", {"lost": True}),
    Scenario("console/token/rival", token, "ambiguous alice or bob: Analyst", {"rival": True}),
    Scenario("console/login", login, ALICE + "BreakGlass"),
    Scenario("console/login/arn", login, ALICE + "BreakGlass", {"with_arn": True}),
    Scenario(
        "console/login/agent", login, ALICE + "BreakGlass", {"with_arn": True, "agent": True}
    ),
    Scenario("console/login/user", login_of_user, "direct iam-user alice"),
)  # fmt: skip
