"""The console and `aws login` (semantics.md section 2, rows 12 to 16; section 2.1)."""

from __future__ import annotations

from typing import Any

from tests.world.model import Credential, Event, Issue, Record, Role
from tests.world.sts import assume_role, like
from tests.world.times import HOUR
from tests.world.world import BROWSER, World

SIGN_IN_URL = "https://console.aws.amazon.com/console/home?isauthcode=true"


def sign_in_record(
    session: Credential,
    name: str,
    *,
    at: int,
    fields: Record,
    event_type: str = "AwsConsoleSignIn",
    key: str | None = None,
    keep_context: bool = True,
) -> Event:
    """A record of signin.amazonaws.com about a session."""
    world = session.world
    who = dict(session.identity(key))
    if not keep_context:
        who.pop("sessionContext", None)
    event = world.raw(
        who,
        session.actor,
        "signin",
        name,
        session.account,
        at=at,
        fields=fields,
        ip=session.ip,
        agent=session.agent,
        read_only=False,
        chain=session.hats,
    )
    event.record["eventType"] = event_type
    event.session = session if session.creation is not None else None
    return event


def console_login(
    user: Credential, *, at: int | None = None, mfa: bool = True, agent: str = BROWSER
) -> Credential:
    """ConsoleLogin of an IAM user or root: a session with a new key a call."""
    world = user.world
    when = world.tick() if at is None else at
    session = like(
        user,
        key=None,
        key_a_call=True,
        creation=when,
        expires=when + 12 * HOUR,
        parent=user,
        agent=agent,
        mfa=mfa,
        old_style=True,
    )
    world.sessions.append(session)
    more = {"LoginTo": SIGN_IN_URL, "MobileVersion": "No", "MFAUsed": "Yes" if mfa else "No"}
    if mfa:
        more["MFAIdentifier"] = f"arn:aws:iam::{user.account.id}:mfa/phone"
    fields = {"responseElements": {"ConsoleLogin": "Success"}, "additionalEventData": more}
    login = sign_in_record(session, "ConsoleLogin", at=when, fields=fields, keep_context=False)
    session.sign_ins.append(login)
    return session


def failed_login(user: Credential, *, at: int | None = None) -> Event:
    """A wrong password: only an errorMessage, and no ARN or principal for an IAM user."""
    world = user.world
    when = world.tick() if at is None else at
    who = {"type": user.user_type, "accountId": user.account.id, "accessKeyId": ""}
    if user.user_name:
        who |= {"principalId": user.principal_id, "userName": user.user_name}
    fields: Record = {"errorMessage": "Failed authentication"}
    fields |= {"requestParameters": None, "responseElements": {"ConsoleLogin": "Failure"}}
    more = {"LoginTo": SIGN_IN_URL, "MobileVersion": "No", "MFAUsed": "No"}
    event = world.raw(
        who,
        user.actor,
        "signin",
        "ConsoleLogin",
        user.account,
        at=when,
        fields=fields | {"additionalEventData": more},
        ip=user.ip,
        agent=BROWSER,
        read_only=False,
    )
    event.record["eventType"] = "AwsConsoleSignIn"
    return event


def federated_console(session: Credential, *, at: int | None = None) -> Credential:
    """ConsoleLogin after AssumeRoleWithSAML: the same session, in the browser."""
    assert session.creation is not None
    when = session.creation if at is None else at
    session.agent = BROWSER
    fields = {"responseElements": {"ConsoleLogin": "Success"}}
    more = {"LoginTo": SIGN_IN_URL, "MobileVersion": "No", "MFAUsed": "No"}
    login = sign_in_record(
        session, "ConsoleLogin", at=when, fields=fields | {"additionalEventData": more}
    )
    session.sign_ins.append(login)
    return session


def switch_role(
    console: Credential, role: Role, *, at: int | None = None, name: str | None = None
) -> Credential:
    """Switch Role in the console: AssumeRole by AWS Internal, SwitchRole, keys a call."""
    world = console.world
    when = world.tick() if at is None else at
    label = name or console.user_name or console.session_name or "console"
    session = assume_role(console, role, label, at=when, console=True)
    session.agent = BROWSER
    more = {"SwitchFrom": console.arn, "RedirectTo": SIGN_IN_URL}
    fields = {"responseElements": {"SwitchRole": "Success"}, "additionalEventData": more}
    session.sign_ins.append(
        sign_in_record(session, "SwitchRole", at=when, fields=fields, event_type="AwsConsoleSignIn")
    )
    return session


def exit_role(session: Credential, *, at: int | None = None) -> Event:
    """ExitRole: the hat is put off."""
    when = session.world.tick() if at is None else at
    fields = {"responseElements": {"ExitRole": "Success"}}
    return sign_in_record(session, "ExitRole", at=when, fields=fields)


def console_from_credentials(
    cli: Credential, *, at: int | None = None, wait: int = 20, kept: bool = False
) -> Credential:
    """GetSigninToken with API credentials, then ConsoleLogin of the same principal.

    kept -- the console session keeps the creationDate of the credentials; otherwise it has
        the second of its ConsoleLogin.
    """
    world = cli.world
    when = world.tick() if at is None else at
    token = cli.call(
        "signin",
        "GetSigninToken",
        at=when,
        response={"credentials": None, "GetSigninToken": "Success"},
        additional={"MobileVersion": "No", "MFAUsed": "No"},
        agent="python-requests/2.32.0",
        read_only=False,
    )
    token.record["eventType"] = "AwsConsoleSignIn"
    if kept:
        session = cli
        session.key_a_call = True
    else:
        session = like(
            cli,
            key=None,
            key_a_call=True,
            creation=when + wait,
            parent=cli,
            issue=Issue(token, None, plain=False, names_session=False),
        )
        world.sessions.append(session)
    session.agent = BROWSER
    world.now = max(world.now, when + wait)
    fields: Record = {"responseElements": {"ConsoleLogin": "Success"}}
    fields["additionalEventData"] = {"LoginTo": SIGN_IN_URL, "MFAUsed": "No"}
    login = sign_in_record(session, "ConsoleLogin", at=when + wait, fields=fields)
    session.sign_ins.append(login)
    return session


def aws_login(
    console: Credential, *, at: int | None = None, with_arn: bool = False, agent_tool: bool = False
) -> Credential:
    """`aws login`: CreateOAuth2Token; the key has the sign-in session's creationDate.

    with_arn -- the token and the later calls carry signInSessionArn; agent_tool -- the token
        is for the AWS MCP server. The result is the same session as `console`, with a key.
    """
    world = console.world
    when = world.tick() if at is None else at
    client = "arn:aws:signin:::devtools/same-device"
    params = {"client_id": client}
    if agent_tool:
        params["resource"] = "https://aws-mcp.us-east-1.api.aws/mcp"
    more: Record = {"grant_type": "authorization_code", "success": "true"}
    session_arn = f"arn:aws:signin:{world.region}:{console.account.id}:session/{world.ids.uuid()}"
    if with_arn:
        more["signInSessionArn"] = session_arn
    fields: Record = {"requestParameters": params, "responseElements": None}
    if with_arn:
        fields["additionalEventData"] = more
    sign_in_record(console, "CreateOAuth2Token", at=when, fields=fields, event_type="AwsApiCall")
    context = {"signInSessionArn": session_arn} if with_arn else {}
    cli = like(
        console,
        key=world.ids.access_key("ASIA", console.account.id),
        key_a_call=False,
        agent="aws-cli/2.34.30 md/command#sts.get-caller-identity",
        context=console.context | context,
    )
    cli.sign_ins = console.sign_ins
    world.sessions.append(cli)
    return cli


def console_call(session: Credential, source: str, name: str, **details: Any) -> Event:
    """A call of the console, flagged as such for some services only (semantics.md 1.1)."""
    event = session.call(source, name, **details)
    event.record.pop("tlsDetails", None)
    if session.world.random.random() < 0.6:
        event.record["sessionCredentialFromConsole"] = "true"
    return event


__all__ = ["World", "aws_login", "console_call", "console_login", "switch_role"]
