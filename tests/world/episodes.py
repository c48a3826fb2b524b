"""Episodes of a random organisation, one for each way of getting credentials, with weights."""

from __future__ import annotations

from tests.world.identity_center import account_access, portal_session
from tests.world.model import Credential
from tests.world.organisation import Episode, Organisation
from tests.world.signin import (
    aws_login,
    console_call,
    console_from_credentials,
    console_login,
    federated_console,
    switch_role,
)
from tests.world.sts import (
    assume_role,
    assume_root,
    deny_assume_role,
    get_federation_token,
    get_session_token,
    like,
)
from tests.world.workloads import (
    codebuild,
    ec2_instance,
    ecs_task,
    lambda_function,
    other_service,
    pod_identity,
    roles_anywhere,
    service_call,
    service_linked_session,
)


def user_key(org: Organisation) -> None:
    """A user works with an access key, sometimes through GetSessionToken."""
    key = org.person()
    org.work(get_session_token(key, mfa=True) if org.dice.random() < 0.4 else key)


def chain(org: Organisation) -> None:
    """A user puts on one role or several, in whatever accounts."""
    hat = org.person()
    if org.dice.random() < 0.3:
        hat = get_session_token(hat, mfa=True)
    made: list[Credential] = []
    for _ in range(org.dice.choice((1, 1, 1, 2, 2, 3, 5))):
        hat = assume_role(hat, org.role(near=hat.account), org.name())
        org.work(hat)
        made.append(hat)
    org.maybe_lose(*made)


def same_second(org: Organisation) -> None:
    """Two people, one role, one name, one second."""
    role, name, at = org.role(), org.dice.choice(("ops", "admin")), org.world.tick()
    pair = [assume_role(org.person(), role, name, at=at) for _ in range(2)]
    for hat in pair:
        org.work(hat)
    org.maybe_lose(*pair)


def juggling(org: Organisation) -> None:
    """Two roles in turn, dozens of times."""
    first, second = org.role(), org.role()
    hat = assume_role(org.person(), first, "x")
    for _ in range(org.dice.randrange(8, 50)):
        role = second if hat.role is first else first
        hat = assume_role(hat, role, "x", at=org.world.tick(org.dice.randrange(60, 1200)))
        org.work(hat, 1, 4)


def recurring_key(org: Organisation) -> None:
    """A key id that was seen long ago, now of another principal."""
    old = org.old_keys.pop(0) if len(org.old_keys) > 50 else None
    hat = assume_role(org.person(), org.role(), org.name(), key=old)
    org.work(hat)
    if hat.key is not None and old is None:
        org.old_keys.append(hat.key)
    org.maybe_lose(hat)


def denied(org: Organisation) -> None:
    """Somebody tries the doors."""
    key = org.person()
    for _ in range(org.dice.randrange(1, 6)):
        deny_assume_role(key, org.role())


def stranger(org: Organisation) -> None:
    """A caller from an account whose trail we do not have."""
    hat = assume_role(org.dice.choice(org.foreign_keys), org.role(), org.name())
    org.work(hat)
    if org.dice.random() < 0.3:
        org.work(assume_role(hat, org.role(), org.name()))


def way_out(org: Organisation) -> None:
    """A role of an account whose trail we do not have."""
    hat = assume_role(org.person(), org.role(), org.name())
    org.work(hat, 1, 5)
    org.work(assume_role(hat, org.dice.choice(org.foreign_roles), org.name()))


def root(org: Organisation) -> None:
    """Root with its key, or a member account's root by AssumeRoot."""
    if org.dice.random() < 0.3:
        org.work(org.dice.choice(org.roots), 1, 6)
        return
    session = assume_root(
        assume_role(org.person(), org.role(), "root-task"), org.dice.choice(org.accounts)
    )
    org.work(session, 1, 6)
    org.maybe_lose(session)


def guest(org: Organisation) -> None:
    """GetFederationToken."""
    session = get_federation_token(org.person(), org.dice.choice(("guest", "app")))
    org.work(session)
    org.maybe_lose(session)


def console(org: Organisation) -> None:
    """The console; often Switch Role from there."""
    session = console_login(org.dice.choice(org.users), mfa=org.dice.random() < 0.8)
    for _ in range(org.dice.randrange(2, 12)):
        console_call(session, "ec2", "DescribeInstances")
    if org.dice.random() < 0.6:
        name = org.dice.choice((None, "ops"))
        hat = switch_role(session, org.role(near=session.account), name=name)
        org.work(hat)
        org.maybe_lose(hat)
        if org.dice.random() < 0.3:
            org.work(aws_login(hat, with_arn=org.dice.random() < 0.5))


def sign_in_token(org: Organisation) -> None:
    """From a role's keys into the console."""
    hat = assume_role(org.person(), org.role(), org.name())
    org.work(hat, 1, 4)
    session = console_from_credentials(hat)
    org.world.tick(30)
    org.work(session)
    org.maybe_lose(hat, session)


def saml(org: Organisation) -> None:
    """SAML, on the command line or in the console, and perhaps onward."""
    web = org.dice.random() < 0.5
    hat = org.saml(console=web)
    if web:
        federated_console(hat)
    org.work(hat)
    if not web and org.dice.random() < 0.4:
        org.work(assume_role(hat, org.role(), org.name()))
    org.maybe_lose(hat)


def github(org: Organisation) -> None:
    """A workflow run."""
    repo = org.dice.choice(("shop", "docs", "infra"))
    hat = org.job(f"repo:example/{repo}:ref:refs/heads/main")
    org.work(hat)
    org.maybe_lose(hat)


def service_account(org: Organisation) -> None:
    """A Kubernetes service account or a Cognito identity."""
    if org.dice.random() < 0.7:
        hat = org.job("system:serviceaccount:shop:web", "oidc.eks.us-east-1.amazonaws.com/id/0A1")
    else:
        hat = org.job(f"us-east-1:{org.world.ids.uuid()}", "cognito-identity.amazonaws.com")
    org.work(hat)


def identity_center(org: Organisation) -> None:
    """A person of the directory; calls carry onBehalfOf or not; perhaps onward."""
    person, role = org.dice.choice(org.staff), org.dice.choice(org.permission_sets)
    marked = org.dice.random() < 0.9
    hat = portal_session(person, role, on_behalf_of=marked)
    org.work(hat)
    plain = like(hat, identity_extra={})
    org.world.sessions.append(plain)
    org.work(plain, 1, 4)
    if org.dice.random() < 0.3:
        org.work(assume_role(hat, org.role(), org.name()))
    org.maybe_lose(hat)


def access_manager(org: Organisation) -> None:
    """Account access manager."""
    marked = org.dice.random() < 0.8
    org.work(account_access(org.dice.choice(org.staff), org.role(), on_behalf_of=marked))


def instance(org: Organisation) -> None:
    """An instance, both metadata versions, perhaps a pod on it, perhaps onward."""
    new, old = ec2_instance(org.world, org.role())
    org.work(new, 10, 60)
    org.work(old, 1, 5)
    if org.dice.random() < 0.3:
        pod = pod_identity(
            org.world,
            new,
            org.role(near=new.account),
            cluster="main",
            namespace="shop",
            account_name="web",
            pod=f"web-{org.dice.randrange(9)}",
        )
        org.work(pod)
    if org.dice.random() < 0.2:
        org.work(assume_role(new, org.role(), org.name()))
    org.maybe_lose(new, old)


def function(org: Organisation) -> None:
    """A Lambda function, a task, a build, a certificate."""
    make = org.dice.choice((lambda_function, lambda_function, ecs_task, codebuild, roles_anywhere))
    if make is lambda_function:
        scoped = org.dice.random() < 0.7
        session = lambda_function(
            org.world, org.role(), f"f{org.dice.randrange(20)}", scoped=scoped
        )
    elif make is roles_anywhere:
        session = roles_anywhere(org.world, org.role(), f"host{org.dice.randrange(9)}.example.com")
    else:
        session = (
            ecs_task(org.world, org.role())
            if make is ecs_task
            else codebuild(org.world, org.role())
        )
    org.work(session, 5, 40)
    org.maybe_lose(session)


def service(org: Organisation) -> None:
    """Services: with a customer's role, with their own, and for themselves."""
    world = org.world
    name = "CLOUDWATCH_LOGS_DELIVERY_SESSION"
    org.work(other_service(world, "cloudtrail", org.role(), name), 1, 6)
    linked = service_linked_session(
        world,
        org.dice.choice(org.linked),
        "rds",
        keyless=org.dice.random() < 0.5,
    )
    for _ in range(3):
        linked.call("ec2", "DescribeNetworkInterfaces", at=world.tick(2))
    account = org.dice.choice(org.accounts)
    for _ in range(org.dice.randrange(5, 20)):
        service_call(world, "cloudtrail", account, "kms", "GenerateDataKey")


EPISODES: tuple[tuple[int, Episode], ...] = (
    (6, user_key),
    (14, chain),
    (3, same_second),
    (1, juggling),
    (2, recurring_key),
    (2, denied),
    (3, stranger),
    (2, way_out),
    (1, root),
    (2, guest),
    (8, console),
    (2, sign_in_token),
    (5, saml),
    (6, github),
    (3, service_account),
    (9, identity_center),
    (1, access_manager),
    (12, instance),
    (10, function),
    (8, service),
)
