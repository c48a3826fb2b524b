"""Roles put on with an outside identity: SAML and web identity (semantics.md section 2)."""

from __future__ import annotations

from tests.world.model import Actor, Credential, Issue, Record, Role
from tests.world.sts import ROLE_TYPE, assumed, role_session
from tests.world.times import HOUR
from tests.world.world import World

SAML_TYPE = "AWS::IAM::SAMLProvider"


def role_with_saml(
    world: World,
    role: Role,
    subject: str,
    *,
    at: int | None = None,
    duration: int = HOUR,
    provider: str = "corp-idp",
    issuer: str = "https://idp.example.com/saml",
    ip: str = "198.51.100.20",
    agent: str = "aws-cli/2.34.30",
    source_identity: str | None = None,
    console: bool = False,
    actor: Actor | None = None,
    session_name: str | None = None,
    via: str | None = None,
) -> Credential:
    """AssumeRoleWithSAML: recorded in the role's account only.

    console -- the keys that follow are the console's, not the issued one; actor, via -- the
        true person and the calling address where Identity Center makes the call.
    """
    when = world.tick() if at is None else at
    account = role.account.id
    qualifier = world.ids.alnum(27) + "="
    person = actor or Actor("saml-user", account, subject)
    session = role_session(
        world,
        role,
        session_name or subject,
        actor=person,
        at=when,
        duration=duration,
        ip=ip,
        agent=agent,
        key_a_call=console,
        context={"sourceIdentity": source_identity} if source_identity else {},
    )
    provider_arn = f"arn:aws:iam::{account}:saml-provider/{provider}"
    params: Record = {"sAMLAssertionID": f"_{world.ids.uuid()}", "roleArn": role.arn}
    params |= {"roleSessionName": session.session_name, "principalArn": provider_arn}
    params["durationSeconds"] = duration
    more: Record = {"subject": subject, "subjectType": "persistent", "issuer": issuer}
    more |= {"audience": "https://signin.aws.amazon.com/saml", "nameQualifier": qualifier}
    if source_identity:
        params["sourceIdentity"] = source_identity
        more["sourceIdentity"] = source_identity
    who = {"type": "SAMLUser", "principalId": f"{qualifier}:{subject}", "userName": subject}
    who["identityProvider"] = qualifier
    kinds = [(ROLE_TYPE, role.arn), (SAML_TYPE, provider_arn)]
    resources = [{"accountId": account, "type": kind, "ARN": arn} for kind, arn in kinds]
    fields = {"requestParameters": params, "responseElements": assumed(session, **more)}
    call = world.raw(
        who,
        person,
        "sts",
        "AssumeRoleWithSAML",
        role.account,
        at=when,
        fields=fields,
        extra={"resources": resources},
        ip=via or ip,
        agent=agent,
    )
    session.issue = Issue(call, session.key, plain=not console and via is None)
    return session


def role_with_web_identity(
    world: World,
    role: Role,
    subject: str,
    name: str,
    *,
    provider: str = "token.actions.githubusercontent.com",
    audience: str = "sts.amazonaws.com",
    at: int | None = None,
    duration: int = HOUR,
    ip: str = "192.0.2.77",
    agent: str = "configure-aws-credentials-for-github-actions",
    tags: dict[str, str] | None = None,
) -> Credential:
    """AssumeRoleWithWebIdentity: GitHub, EKS service accounts, Cognito identities."""
    when = world.tick() if at is None else at
    account = role.account.id
    arn = (
        provider
        if provider.endswith("cognito-identity.amazonaws.com")
        else (f"arn:aws:iam::{account}:oidc-provider/{provider}")
    )
    actor = Actor("web-identity", account, subject)
    session = role_session(
        world,
        role,
        name,
        actor=actor,
        at=when,
        duration=duration,
        ip=ip,
        agent=agent,
    )
    session.context["webIdFederationData"] = {"federatedProvider": arn, "attributes": {}}
    params: Record = {"roleArn": role.arn, "roleSessionName": name, "durationSeconds": duration}
    if tags:
        params["principalTags"] = tags
    more = {"subjectFromWebIdentityToken": subject, "provider": arn, "audience": audience}
    who = {"type": "WebIdentityUser", "principalId": f"{arn}:{audience}:{subject}"}
    who |= {"userName": subject, "identityProvider": arn}
    call = world.raw(
        who,
        actor,
        "sts",
        "AssumeRoleWithWebIdentity",
        role.account,
        at=when,
        fields={"requestParameters": params, "responseElements": assumed(session, **more)},
        extra={"resources": [{"accountId": account, "type": ROLE_TYPE, "ARN": role.arn}]},
        ip=ip,
        agent=agent,
    )
    session.issue = Issue(call, session.key)
    return session
