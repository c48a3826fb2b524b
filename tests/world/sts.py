"""The calls of AWS STS and IAM that hand out credentials (semantics.md sections 2, 3.3, 5)."""

from __future__ import annotations

from typing import Any

from tests.world.ids import Ids
from tests.world.model import Account, Actor, Credential, Event, Issue, Record, Role
from tests.world.times import HOUR, expiration_text
from tests.world.world import World

ROLE_TYPE = "AWS::IAM::Role"


def access_key(
    user: Credential, *, at: int | None = None, by: Credential | None = None
) -> Credential:
    """A long-term key of an IAM user or of root; `at` records CreateAccessKey, made by `by`."""
    key = user.world.ids.access_key("AKIA", user.account.id)
    made = like(user, key=key)
    if at is not None:
        create_access_key(by or user, made, at=at)
    return made


def like(credential: Credential, **changes: Any) -> Credential:
    """A copy of a credential with some fields changed."""
    names = [n for n in Credential.__slots__ if n not in {"_identities", "sign_ins"}]
    return Credential(**({n: getattr(credential, n) for n in names} | changes))


def create_access_key(by: Credential, made: Credential, *, at: int) -> Event:
    """The CreateAccessKey record of a long-term key."""
    key = {"accessKeyId": made.key, "status": "Active", "userName": made.user_name}
    key["createDate"] = expiration_text(at)
    params = {"userName": made.user_name}
    return by.call("iam", "CreateAccessKey", at=at, params=params, response={"accessKey": key})


def credentials(ids: Ids, key: str, expires: int, *, comma: bool = True) -> Record:
    """What stands under `responseElements.credentials`."""
    until = expiration_text(expires, comma=comma)
    return {"accessKeyId": key, "sessionToken": ids.token(), "expiration": until}


def role_session(
    world: World,
    role: Role,
    name: str,
    *,
    actor: Actor,
    at: int,
    duration: int,
    ip: str,
    agent: str,
    parent: Credential | None = None,
    key: str | None = None,
    **more: Any,
) -> Credential:
    """A session of a role, whoever had it issued."""
    issuer = {"type": "Role", "principalId": role.id, "arn": role.arn}
    issuer |= {"accountId": role.account.id, "userName": role.name}
    session = Credential(
        world=world,
        actor=actor,
        account=role.account,
        user_type="AssumedRole",
        principal_id=f"{role.id}:{name}",
        arn=role.session_arn(name),
        ip=ip,
        agent=agent,
        key=key or world.ids.access_key("ASIA", role.account.id),
        creation=at,
        expires=at + duration,
        parent=parent,
        role=role,
        session_name=name,
        issuer=issuer,
        hats=((*parent.hats, role.arn) if parent else (role.arn,)),
        **more,
    )
    world.sessions.append(session)
    return session


def assumed(session: Credential, **more: Any) -> Record:
    """ResponseElements of an AssumeRole call."""
    assert session.key is not None
    assert session.expires is not None
    user = {"assumedRoleId": session.principal_id, "arn": session.arn}
    made = credentials(session.world.ids, session.key, session.expires)
    return {"credentials": made, "assumedRoleUser": user} | more


def assume_role(
    caller: Credential,
    role: Role,
    name: str,
    *,
    at: int | None = None,
    duration: int = HOUR,
    source_identity: str | None = None,
    tags: dict[str, str] | None = None,
    transitive: tuple[str, ...] = (),
    console: bool = False,
    key: str | None = None,
    serial: str | None = None,
) -> Credential:
    """AssumeRole by a user or a role session; across accounts both copies are recorded.

    console -- made by the console for SwitchRole: `AWS Internal`, and the issued key is
        never used; key -- force the issued key id (keys that recur); serial -- MFA device.
    """
    world = caller.world
    when = world.tick() if at is None else at
    inherited = {k: v for k, v in caller.tags.items() if k in caller.transitive}
    carried = source_identity or caller.context.get("sourceIdentity")
    session = role_session(
        world,
        role,
        name,
        actor=caller.actor,
        at=when,
        duration=min(duration, HOUR) if caller.role else duration,
        ip=caller.ip,
        agent=caller.agent,
        parent=caller,
        key=key,
        key_a_call=console,
        context={"sourceIdentity": carried} if carried else {},
        tags=inherited | (tags or {}),
        transitive=tuple({**dict.fromkeys(inherited), **dict.fromkeys(transitive)}),
    )
    params: Record = {"roleArn": role.arn, "roleSessionName": name}
    if duration != HOUR:
        params["durationSeconds"] = duration
    if source_identity:
        params["sourceIdentity"] = source_identity
    if serial:
        params |= {"serialNumber": serial, "tokenCode": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    if tags:
        params["tags"] = [{"key": k, "value": v} for k, v in tags.items()]
    if transitive:
        params["transitiveTagKeys"] = list(transitive)
    if inherited:
        params["incomingTransitiveTags"] = inherited
    more = {"sourceIdentity": carried} if carried else {}
    call = caller.call(
        "sts",
        "AssumeRole",
        at=when,
        params=params,
        response=assumed(session, **more),
        resources=[{"accountId": role.account.id, "type": ROLE_TYPE, "ARN": role.arn}],
        identity={"invokedBy": "AWS Internal"} if console else None,
        **({"ip": "AWS Internal", "agent": "AWS Internal"} if console else {}),
    )
    session.issue = Issue(call, session.key, plain=not console)
    if role.account.id != caller.account.id:
        session.issue.owner_copy = world.copy_for(call, caller, role.account)
    return session


def deny_assume_role(caller: Credential, role: Role, *, at: int | None = None) -> Event:
    """An AssumeRole that is refused: no parameters, no response, no session."""
    message = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: "
    return caller.call("sts", "AssumeRole", at=at, error=("AccessDenied", message + role.arn))


def assume_root(
    caller: Credential, target: Account, *, at: int | None = None, flag_on: str = "session"
) -> Credential:
    """AssumeRoot: a session of a member account's root.

    flag_on -- where `assumedRoot` is logged: `session`, or `call` (AWS's docs show both).
    """
    world = caller.world
    when = world.tick() if at is None else at
    root_arn = f"arn:aws:iam::{target.id}:root"
    session = like(
        world.root(target, ip=caller.ip, agent=caller.agent),
        actor=caller.actor,
        key=world.ids.access_key("ASIA", target.id),
        creation=when,
        expires=when + 900,
        parent=caller,
        hats=(*caller.hats, root_arn),
        self_evident=False,
        context={"assumedRoot": "true"} if flag_on == "session" else {},
    )
    world.sessions.append(session)
    policy = {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}
    params = {"targetPrincipal": target.id, "taskPolicyArn": policy, "durationSeconds": 900}
    assert session.key is not None
    response = {"credentials": credentials(world.ids, session.key, when + 900)}
    call = caller.call(
        "sts", "AssumeRoot", at=when, params=params, response=response, read_only=True
    )
    if flag_on == "call":
        who = dict(call.record["userIdentity"])
        who["sessionContext"] = who.get("sessionContext", {}) | {"assumedRoot": "true"}
        call.record["userIdentity"] = who
    session.issue = Issue(call, session.key, names_session=False)
    return session


def get_session_token(
    caller: Credential, *, at: int | None = None, mfa: bool = False, duration: int = 12 * HOUR
) -> Credential:
    """GetSessionToken by an IAM user or root: the same principal with a temporary key."""
    world = caller.world
    when = world.tick() if at is None else at
    span = min(duration, HOUR) if caller.user_type == "Root" else duration
    key = world.ids.access_key("ASIA", caller.account.id)
    session = like(
        caller,
        key=key,
        creation=when,
        expires=when + span,
        parent=caller,
        mfa=mfa,
        old_style=True,
    )
    world.sessions.append(session)
    params: Record = {"durationSeconds": span}
    if mfa:
        device = f"arn:aws:iam::{caller.account.id}:mfa/{caller.user_name or 'root'}"
        params |= {"serialNumber": device, "tokenCode": "HIDDEN_DUE_TO_SECURITY_REASONS"}
    response = {"credentials": credentials(world.ids, key, when + span)}
    call = caller.call("sts", "GetSessionToken", at=when, params=params, response=response)
    session.issue = Issue(call, key, names_session=False)
    return session


def get_federation_token(
    caller: Credential, name: str, *, at: int | None = None, duration: int = 12 * HOUR
) -> Credential:
    """GetFederationToken by an IAM user or root: a FederatedUser session, no role."""
    world = caller.world
    when = world.tick() if at is None else at
    span = min(duration, HOUR) if caller.user_type == "Root" else duration
    account = caller.account.id
    issuer = {"type": caller.user_type, "principalId": caller.principal_id, "arn": caller.arn}
    issuer["accountId"] = account
    if caller.user_name:
        issuer["userName"] = caller.user_name
    session = like(
        caller,
        user_type="FederatedUser",
        principal_id=f"{account}:{name}",
        arn=f"arn:aws:sts::{account}:federated-user/{name}",
        key=world.ids.access_key("ASIA", account),
        creation=when,
        expires=when + span,
        parent=caller,
        user_name=None,
        session_name=name,
        issuer=issuer,
    )
    world.sessions.append(session)
    assert session.key is not None
    user = {"federatedUserId": session.principal_id, "arn": session.arn}
    response: Record = {"credentials": credentials(world.ids, session.key, when + span)}
    response |= {"federatedUser": user, "packedPolicySize": 6}
    params = {"name": name, "durationSeconds": span}
    call = caller.call("sts", "GetFederationToken", at=when, params=params, response=response)
    session.issue = Issue(call, session.key)
    return session
