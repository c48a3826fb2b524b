"""IAM Identity Center and the account access manager (semantics.md section 2, rows 10, 11, 25)."""

from __future__ import annotations

from dataclasses import dataclass

from tests.world.federation import role_with_saml
from tests.world.model import Account, Actor, Credential, Record, Role
from tests.world.times import HOUR
from tests.world.workloads import service_assume_role
from tests.world.world import World


@dataclass(frozen=True, slots=True)
class Workforce:
    """An Identity Center instance: the account that owns it and its identity store."""

    world: World
    account: Account
    store: str

    def person(self, mail: str, *, ip: str = "203.0.113.40", user_id: str | None = None) -> Person:
        """A user of the directory."""
        user_id = user_id or f"{self.world.ids.hex(10)}-{self.world.ids.uuid()}"
        actor = Actor("identity-center-user", self.account.id, user_id, also=(("saml-user", mail),))
        return Person(self, user_id, mail, actor, ip)


@dataclass(frozen=True, slots=True)
class Person:
    """A user of an Identity Center directory."""

    workforce: Workforce
    user_id: str
    mail: str
    actor: Actor
    ip: str

    @property
    def on_behalf_of(self) -> Record:
        """`userIdentity.onBehalfOf`."""
        return {"userId": self.user_id, "identityStoreArn": self.workforce.store}


def workforce(world: World, account: Account) -> Workforce:
    """A new Identity Center instance."""
    store = f"arn:aws:identitystore::{account.id}:identitystore/d-{world.ids.hex(10)}"
    return Workforce(world, account, store)


def permission_set_role(
    world: World, account: Account, permission_set: str, *, suffix: str | None = None
) -> Role:
    """The role that a permission set has in an account."""
    name = f"AWSReservedSSO_{permission_set}_{suffix or world.ids.hex(16)}"
    return world.role(account, name, path="/aws-reserved/sso.amazonaws.com/")


def portal_record(person: Person, name: str, *, at: int, credential: str, **more: Record) -> None:
    """A call of the access portal, by the person's bearer token."""
    world = person.workforce.world
    who: Record = {"type": "IdentityCenterUser", "accountId": person.workforce.account.id}
    who |= {"onBehalfOf": person.on_behalf_of, "credentialId": credential}
    event = world.raw(
        who,
        person.actor,
        "sso",
        name,
        person.workforce.account,
        at=at,
        extra=more,
        ip=person.ip,
        agent="aws-cli/2.34.30 md/command#sso.login",
    )
    event.record["eventType"] = "AwsApiCall" if name == "CreateToken" else "AwsServiceEvent"


def portal_session(
    person: Person,
    role: Role,
    *,
    at: int | None = None,
    on_behalf_of: bool = True,
    duration: int = 12 * HOUR,
) -> Credential:
    """`aws sso login`: CreateToken, GetRoleCredentials, AssumeRoleWithSAML in one second.

    The issued key is not the key that is used. on_behalf_of -- whether the session's calls
    carry `onBehalfOf` (it differs by service; `alternating` calls are up to the caller).
    """
    world = person.workforce.world
    when = world.tick() if at is None else at
    credential = world.ids.alnum(86)
    portal_record(person, "CreateToken", at=when - 3, credential=world.ids.hex(52))
    permission_set = role.name.removeprefix("AWSReservedSSO_").rsplit("_", 1)[0]
    details = {"role_name": permission_set, "account_id": role.account.id}
    portal_record(
        person, "GetRoleCredentials", at=when, credential=credential, serviceEventDetails=details
    )
    session = role_with_saml(
        world,
        role,
        person.mail,
        at=when,
        duration=duration,
        provider=f"AWSSSO_{world.ids.hex(16)}_DO_NOT_DELETE",
        issuer=f"https://portal.sso.{world.region}.amazonaws.com/saml/assertion/x",
        ip=person.ip,
        agent="aws-cli/2.34.30",
        actor=person.actor,
        via="192.0.2.200",
    )
    session.key = world.ids.access_key("ASIA", role.account.id)
    if on_behalf_of:
        session.identity_extra = {"onBehalfOf": person.on_behalf_of}
    return session


def account_access(
    person: Person, role: Role, *, at: int | None = None, on_behalf_of: bool = True
) -> Credential:
    """Account access manager: a service issues, yet the session is a person's."""
    context = {
        "providerArn": "arn:aws:iam::aws:contextProvider/IdentityCenter",
        "contextAssertion": "HIDDEN_DUE_TO_SECURITY_REASONS",
    }
    extra = {"onBehalfOf": person.on_behalf_of} if on_behalf_of else {}
    return service_assume_role(
        person.workforce.world,
        "account-access",
        role,
        person.mail,
        actor=person.actor,
        at=at,
        ip=person.ip,
        agent="aws-cli/2.34.30",
        params={"providedContexts": [context]},
        identity_extra=extra,
    )
