"""Machines and AWS services that wear roles (semantics.md section 2, rows 2 and 17 to 25)."""

from __future__ import annotations

from typing import Any

from tests.world.model import Account, Actor, Credential, Event, Issue, Record, Role
from tests.world.sts import ROLE_TYPE, assumed, credentials, role_session
from tests.world.times import HOUR
from tests.world.world import World

EC2_SPAN = 23_700


def service_assume_role(
    world: World,
    service: str,
    role: Role,
    name: str,
    *,
    actor: Actor,
    at: int | None = None,
    duration: int = HOUR,
    names_session: bool = True,
    ip: str = "192.0.2.10",
    agent: str = "aws-sdk-go-v2/1.36.3",
    params: Record | None = None,
    **more: Any,
) -> Credential:
    """AssumeRole by an AWS service; `sharedEventID` is there although no customer shares it.

    names_session -- whether the response has `assumedRoleUser` (ec2, lambda and ecs do not).
    """
    when = world.tick() if at is None else at
    who, _ = world.service(service)
    caller = Actor("aws-service", None, who["invokedBy"])
    session = role_session(
        world, role, name, actor=actor, at=when, duration=duration, ip=ip, agent=agent, **more
    )
    assert session.key is not None
    response = assumed(session)
    if not names_session:
        response = {"credentials": credentials(world.ids, session.key, when + duration)}
    request = {"roleArn": role.arn, "roleSessionName": name} | (params or {})
    extra: Record = {
        "resources": [{"accountId": role.account.id, "type": ROLE_TYPE, "ARN": role.arn}],
        "sharedEventID": world.ids.uuid(),
    }
    call = world.raw(
        who,
        caller,
        "sts",
        "AssumeRole",
        role.account,
        at=when,
        fields={"requestParameters": request, "responseElements": response},
        extra=extra,
    )
    session.issue = Issue(call, session.key, names_session=names_session)
    return session


def workload(role: Role, name: str, *, arn: str | None = None, also: tuple[str, ...] = ()) -> Actor:
    """The actor that a workload is."""
    aliases = tuple(("workload", other) for other in also)
    return Actor("workload", role.account.id, name, arn, aliases)


def ec2_instance(
    world: World, role: Role, *, at: int | None = None, instance: str | None = None
) -> tuple[Credential, Credential]:
    """An instance profile: two keys in one second, for IMDSv1 and IMDSv2."""
    when = world.tick() if at is None else at
    name = instance or f"i-0{world.ids.hex(16)}"
    arn = f"arn:aws:ec2:{world.region}:{role.account.id}:instance/{name}"
    pair = [
        service_assume_role(
            world,
            "ec2",
            role,
            name,
            actor=workload(role, name, arn=arn),
            at=when,
            duration=EC2_SPAN,
            names_session=False,
            agent="aws-sdk-go/1.41.4 (go1.18.3; linux; amd64) amazon-ssm-agent/",
            context={"ec2RoleDelivery": version},
        )
        for version in ("2.0", "1.0")
    ]
    return pair[0], pair[1]


def lambda_function(
    world: World, role: Role, function: str, *, at: int | None = None, scoped: bool = True
) -> Credential:
    """A Lambda function's run-time session; its name is the function's."""
    arn = f"arn:aws:lambda:{world.region}:{role.account.id}:function:{function}"
    scope = {"inScopeOf": {"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": arn}}
    return service_assume_role(
        world,
        "lambda",
        role,
        function,
        actor=workload(role, function, arn=arn, also=(arn,)),
        at=at,
        duration=12 * HOUR,
        names_session=False,
        agent="Boto3/1.40.1 md/Botocore#1.40.1 exec-env/AWS_Lambda_python3.13",
        identity_extra=scope if scoped else {},
    )


def ecs_task(
    world: World,
    role: Role,
    *,
    at: int | None = None,
    scoped: bool = True,
    task: str | None = None,
) -> Credential:
    """An ECS task; the session's name is the task's id."""
    task = task or world.ids.hex(32)
    arn = f"arn:aws:ecs:{world.region}:{role.account.id}:task/main/{task}"
    scope = {"inScopeOf": {"issuerType": "AWS::ECS::Task", "credentialsIssuedTo": arn}}
    return service_assume_role(
        world,
        "ecs-tasks",
        role,
        task,
        actor=workload(role, task, arn=arn, also=(arn,)),
        at=at,
        duration=6 * HOUR,
        names_session=False,
        identity_extra=scope if scoped else {},
    )


def codebuild(
    world: World, role: Role, *, at: int | None = None, build: str | None = None
) -> Credential:
    """A build; the session's name is `AWSCodeBuild-` and an id."""
    build = build or world.ids.uuid()
    name = f"AWSCodeBuild-{build}"
    return service_assume_role(
        world, "codebuild", role, name, actor=workload(role, name, also=(build,)), at=at
    )


def other_service(
    world: World, service: str, role: Role, name: str, *, at: int | None = None
) -> Credential:
    """A service that puts on a customer's role to do its own work (CloudTrail to Logs, Glue)."""
    host = world.service(service)[1].name
    actor = Actor("aws-service", None, host, also=(("workload", name),))
    return service_assume_role(world, service, role, name, actor=actor, at=at, ip=host, agent=host)


def pod_identity(
    world: World,
    node: Credential,
    role: Role,
    *,
    cluster: str,
    namespace: str,
    account_name: str,
    pod: str,
    at: int | None = None,
) -> Credential:
    """EKS Pod Identity: the node carries the token (eks-auth), the pod gets the session (sts)."""
    when = world.tick() if at is None else at
    arn = f"arn:aws:eks:{world.region}:{role.account.id}:cluster/{cluster}"
    node.call(
        "eks-auth",
        "AssumeRoleForPodIdentity",
        at=when,
        params={"clusterName": cluster, "token": "HIDDEN_DUE_TO_SECURITY_REASONS"},
        read_only=False,
    )
    tags = {
        "eks-cluster-arn": arn,
        "eks-cluster-name": cluster,
        "kubernetes-namespace": namespace,
        "kubernetes-service-account": account_name,
        "kubernetes-pod-name": pod,
        "kubernetes-pod-uid": world.ids.uuid(),
    }
    name = f"eks-{cluster}-{pod}-{world.ids.uuid()}"[:64]
    others = (pod, name, f"{namespace}/{account_name}", tags["kubernetes-pod-uid"])
    return service_assume_role(
        world,
        "pods.eks",
        role,
        name,
        actor=workload(role, f"{namespace}/{pod}", also=others),
        at=when,
        duration=6 * HOUR,
        params={
            "durationSeconds": 6 * HOUR,
            "tags": [{"key": k, "value": v} for k, v in tags.items()],
            "transitiveTagKeys": list(tags),
        },
        tags=tags,
        transitive=tuple(tags),
    )


def roles_anywhere(
    world: World, role: Role, common_name: str, *, at: int | None = None
) -> Credential:
    """IAM Roles Anywhere: a certificate; its serial is the session's name."""
    when = world.tick() if at is None else at
    serial = world.ids.hex(40)
    subject = f"CN={common_name}"
    tags = {"x509Subject/CN": common_name, "x509Serial": serial}
    session = service_assume_role(
        world,
        "rolesanywhere",
        role,
        serial,
        actor=workload(role, common_name, also=(subject, serial)),
        at=when,
        params={
            "sourceIdentity": subject,
            "tags": [{"key": k, "value": v} for k, v in tags.items()],
        },
        context={"sourceIdentity": subject},
        tags=tags,
    )
    session.issue.call.record["responseElements"]["sourceIdentity"] = subject  # type: ignore[union-attr]
    return session


def service_linked_role(
    world: World,
    account: Account,
    service: str,
    *,
    role_name: str,
    id: str | None = None,  # noqa: A002
) -> Role:
    """The service-linked role of a service in an account."""
    path = f"/aws-service-role/{world.service(service)[1].name}/"
    return Role(account, role_name, id or world.ids.principal("AROA", account.id), path)


def service_linked_session(
    world: World, role: Role, service: str, *, at: int | None = None, keyless: bool = False
) -> Credential:
    """A session of a service-linked role; some of its calls carry no access key."""
    host = world.service(service)[1].name
    session = service_assume_role(
        world,
        service,
        role,
        "SLRManagement",
        actor=Actor("aws-service", None, host),
        at=at,
        duration=900,
        ip=host,
        agent=host,
        identity_extra={"invokedBy": host},
        self_evident=True,
    )
    if keyless:
        session.key = None
    return session


def service_call(
    world: World, service: str, account: Account, source: str, name: str, **details: Any
) -> Event:
    """A call of a service for itself: `{type, invokedBy}` and nothing more."""
    who, actor = world.service(service)
    return world.raw(who, actor, source, name, account, **details)
