"""Workloads, service roles, service-linked roles, forward access (semantics.md 2, 3.4)."""

from __future__ import annotations

from tests.world.forward import forwarded
from tests.world.scenarios.scenario import Cast, Scenario, lose_issue, use
from tests.world.signin import console_login
from tests.world.sts import assume_role
from tests.world.workloads import (
    codebuild,
    ec2_instance,
    ecs_task,
    lambda_function,
    other_service,
    pod_identity,
    roles_anywhere,
    service_call,
    service_linked_role,
    service_linked_session,
)
from tests.world.world import World

INSTANCE = "i-0123456789abcdef0"


def instance(world: World, *, lost: str = "", onward: bool = False) -> None:
    """An instance has two keys in one second, and one session.

    lost -- `one` or `both` of the issuing calls.
    """
    cast = Cast(world)
    new, old = ec2_instance(world, cast.analyst, instance=INSTANCE)
    if lost:
        lose_issue(old)
    if lost == "both":
        lose_issue(new)
    use(old)
    use(new)
    if onward:
        use(assume_role(new, cast.break_glass, INSTANCE))


def function(world: World, *, scoped: bool = True, lost: bool = False) -> None:
    """A Lambda function: inScopeOf names it even where the issuing call is missing."""
    cast = Cast(world)
    session = lambda_function(world, cast.analyst, "checkout", scoped=scoped)
    if lost:
        lose_issue(session)
    use(session)


def build(world: World) -> None:
    """A CodeBuild build puts on a deployment role."""
    cast = Cast(world)
    session = codebuild(world, cast.analyst, build="7")
    use(assume_role(session, cast.break_glass, session.session_name or ""))


def task(world: World) -> None:
    """An ECS task."""
    use(ecs_task(world, Cast(world).analyst, task="0123456789abcdef0123456789abcdef"))


def pod(world: World, *, onward: bool = False) -> None:
    """EKS Pod Identity: the pod works, its node only carries the token."""
    cast = Cast(world)
    node, _ = ec2_instance(world, cast.role(cast.security, "Node"), instance=INSTANCE)
    session = pod_identity(
        world,
        node,
        cast.analyst,
        cluster="main",
        namespace="shop",
        account_name="checkout",
        pod="web-7",
    )
    use(session)
    if onward:
        use(assume_role(session, cast.break_glass, "x"))


def certificate(world: World, *, lost: bool = False) -> None:
    """Roles Anywhere: a certificate."""
    session = roles_anywhere(world, Cast(world).analyst, "build-7.example.com")
    if lost:
        lose_issue(session)
    use(session)


def service_role(world: World) -> None:
    """CloudTrail wears a customer's role to write into Logs."""
    cast = Cast(world)
    name = "CLOUDWATCH_LOGS_DELIVERY_SESSION"
    use(other_service(world, "cloudtrail", cast.analyst, name))


def linked_role(world: World, *, keyless: bool = False, lost: bool = False) -> None:
    """A service-linked role is its service, with a key or without."""
    cast = Cast(world)
    role = service_linked_role(world, cast.security, "rds", role_name="AWSServiceRoleForRDS")
    session = service_linked_session(world, role, "rds", keyless=keyless)
    if lost:
        lose_issue(session)
    use(session)


def service_itself(world: World) -> None:
    """A service that calls for itself: type and invokedBy, nothing else."""
    service_call(world, "cloudtrail", Cast(world).security, "kms", "GenerateDataKey")


def on_behalf(world: World, *, of: str = "key") -> None:
    """Forward access: the call stays the caller's, whatever key the service derived."""
    cast = Cast(world)
    if of == "key":
        use(cast.alice)
        forwarded(cast.alice, "athena", "s3", "GetObject")
    elif of == "console":
        forwarded(console_login(cast.alice_user), "AWS Internal", "health", "DescribeEvents")
    else:
        hat = assume_role(cast.alice, cast.analyst, "alice")
        use(hat)
        forwarded(hat, "athena", "s3", "GetObject")


def two_functions(world: World) -> None:
    """Two functions of one role, issued in one second."""
    cast = Cast(world)
    now = world.tick()
    use(lambda_function(world, cast.analyst, "checkout", at=now, scoped=False))
    use(lambda_function(world, cast.analyst, "refund", at=now, scoped=False))


SCENARIOS = (
    Scenario("machines/instance", instance, f"proven workload {INSTANCE}: Analyst"),
    Scenario(
        "machines/instance/one-lost", instance,
        f"proven workload {INSTANCE}: Analyst", {"lost": "one"},
    ),
    Scenario(
        "machines/instance/lost", instance, f"direct workload {INSTANCE}: Analyst",
        {"lost": "both"},
    ),
    Scenario(
        "machines/instance/onward", instance, f"proven workload {INSTANCE}: Analyst > BreakGlass",
        {"onward": True},
    ),
    Scenario("machines/function", function, "proven workload checkout: Analyst"),
    Scenario(
        "machines/function/unscoped", function, "proven workload checkout: Analyst",
        {"scoped": False},
    ),
    Scenario(
        "machines/function/lost", function, "direct workload checkout: Analyst", {"lost": True},
    ),
    Scenario(
        "machines/function/unscoped-lost", function, "unresolved claims checkout: Analyst",
        {"scoped": False, "lost": True},
    ),
    Scenario("machines/two-functions", two_functions, "proven workload refund: Analyst"),
    Scenario("machines/build", build, "proven workload AWSCodeBuild-7: Analyst > BreakGlass"),
    Scenario("machines/task", task, "proven workload 0123456789abcdef0123456789abcdef: Analyst"),
    Scenario("machines/pod", pod, "proven workload shop/web-7: Analyst"),
    Scenario(
        "machines/pod/onward", pod,
        "proven workload shop/web-7: Analyst > BreakGlass", {"onward": True},
    ),
    Scenario("machines/certificate", certificate, "proven workload build-7.example.com: Analyst"),
    Scenario(
        "machines/certificate/lost", certificate,
        "unresolved claims CN=build-7.example.com: Analyst",
        {"lost": True},
    ),
    Scenario("services/role", service_role, "proven aws-service cloudtrail.amazonaws.com: Analyst"),
    Scenario(
        "services/linked", linked_role,
        "direct aws-service rds.amazonaws.com: AWSServiceRoleForRDS",
    ),
    Scenario(
        "services/linked/keyless", linked_role,
        "direct aws-service rds.amazonaws.com: AWSServiceRoleForRDS", {"keyless": True},
    ),
    Scenario(
        "services/linked/lost", linked_role,
        "direct aws-service rds.amazonaws.com: AWSServiceRoleForRDS", {"lost": True},
    ),
    Scenario("services/itself", service_itself, "direct aws-service cloudtrail.amazonaws.com"),
    Scenario("forward/key", on_behalf, "direct iam-user alice"),
    Scenario("forward/console", on_behalf, "direct iam-user alice", {"of": "console"}),
    Scenario("forward/role", on_behalf, "proven iam-user alice: Analyst", {"of": "role"}),
)  # fmt: skip
