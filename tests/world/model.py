"""The cast of a world: accounts, roles, people, and the credentials that sign calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.world.times import iso

if TYPE_CHECKING:
    from tests.world.world import World

Record = dict[str, Any]
Chain = tuple[str, ...]
DEFAULT = "default"
"""Stands for 'the credential's own key' where None means 'no key in the record'."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who really did something; kinds and names as in design.md section 3.

    also -- other (kind, name) pairs that mean the same: the SAML subject of an
        Identity Center user, a build's bare id.
    """

    kind: str
    account: str | None
    name: str
    arn: str | None = None
    also: tuple[tuple[str, str], ...] = ()

    def is_named(self, kind: str, name: str) -> bool:
        """Whether this kind and name mean this actor."""
        return (kind, name) == (self.kind, self.name) or (kind, name) in self.also


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account. outside -- its trail is not ours: no record is ever delivered from it."""

    id: str
    name: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role; its ARN carries the path, the ARN of its sessions does not."""

    account: Account
    name: str
    id: str
    path: str = "/"

    @property
    def arn(self) -> str:
        """ARN with path."""
        return f"arn:aws:iam::{self.account.id}:role{self.path}{self.name}"

    def session_arn(self, session_name: str) -> str:
        """ARN of a session: the path is dropped."""
        return f"arn:aws:sts::{self.account.id}:assumed-role/{self.name}/{session_name}"


@dataclass(eq=False, slots=True)
class Event:
    """One record, and what is known about it.

    actor, chain -- the truth: who did it, under which roles (first assumed first).
    session -- the session whose evidence decides what can be shown; None: the record says it.
    copy_of -- the caller's copy, where this is the role owner's copy of the same call.
    delay -- seconds until delivery; None: the usual minutes.
    broken -- the text that is delivered in place of the record.
    """

    record: Record
    at: int
    actor: Actor
    chain: Chain
    session: Credential | None = None
    copy_of: Event | None = None
    withheld: bool = False
    delay: int | None = None
    broken: str | None = None

    @property
    def id(self) -> str:
        """The record's eventID."""
        return str(self.record["eventID"])

    @property
    def delivered(self) -> bool:
        """Whether a reader of the trail gets this record whole."""
        return not self.withheld and self.broken is None

    @property
    def key(self) -> str | None:
        """The access key in the record."""
        key: str | None = self.record["userIdentity"].get("accessKeyId")
        return key


@dataclass(eq=False, slots=True)
class Issue:
    """The call that issued a session's credentials.

    call -- the record: the caller's copy, where there are two.
    owner_copy -- the role owner's copy of a cross-account call.
    key -- access key id in the response, if any.
    plain -- the issued key is the one that is used (not so in the console, Identity Center).
    names_session -- the response says which session it made (not so for ec2, lambda).
    """

    call: Event
    key: str | None = None
    owner_copy: Event | None = None
    plain: bool = True
    names_session: bool = True


@dataclass(eq=False, slots=True)
class Credential:
    """Something that signs calls: a long-term key, a password, a session.

    creation -- when the session's credentials were issued; None for a long-term credential.
    parent -- whose call issued it, in truth.
    hats -- the true chain of role ARNs worn, first assumed first.
    """

    world: World
    actor: Actor
    account: Account
    user_type: str
    principal_id: str
    arn: str
    ip: str
    agent: str
    key: str | None = None
    user_name: str | None = None
    creation: int | None = None
    expires: int | None = None
    parent: Credential | None = None
    issue: Issue | None = None
    hats: Chain = ()
    role: Role | None = None
    session_name: str | None = None
    issuer: dict[str, str] | None = None
    mfa: bool = False
    key_a_call: bool = False
    old_style: bool = False
    self_evident: bool = False
    """The record itself shows who it is (IAM user, service-linked role)."""
    sign_ins: list[Event] = field(default_factory=list)
    context: dict[str, Any] = field(default_factory=dict)
    """Further fields of sessionContext: sourceIdentity, ec2RoleDelivery, signInSessionArn…"""
    identity_extra: dict[str, Any] = field(default_factory=dict)
    """Further fields of userIdentity: onBehalfOf, inScopeOf, invokedBy."""
    tags: dict[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    _identities: dict[str | None, Record] = field(default_factory=dict)

    def call(self, source: str, name: str, **details: Any) -> Event:
        """Make an API call; see `World.call` for the details that can be given."""
        return self.world.call(self, source, name, **details)

    def identity(self, key: str | None) -> Record:
        """The `userIdentity` of a call signed with this key (semantics.md section 1.3)."""
        known = self._identities.get(key)
        if known is not None:
            return known
        made: Record = {"type": self.user_type, "principalId": self.principal_id}
        made |= {"arn": self.arn, "accountId": self.account.id}
        if key is not None:
            made["accessKeyId"] = key
        if self.user_name is not None:
            made["userName"] = self.user_name
        if self.creation is not None:
            made["sessionContext"] = self._session_context()
        made |= self.identity_extra
        if not self.key_a_call:
            self._identities[key] = made
        return made

    def _session_context(self) -> Record:
        context: Record = {}
        if self.issuer is not None or self.old_style:
            context["sessionIssuer"] = self.issuer or {}
        if self.old_style:
            context["webIdFederationData"] = {}
        assert self.creation is not None
        context["attributes"] = {
            "creationDate": iso(self.creation),
            "mfaAuthenticated": "true" if self.mfa else "false",
        }
        return context | self.context

    def stub(self) -> Record:
        """What another account's trail shows of this caller: type AWSAccount, no more."""
        return {
            "type": "AWSAccount",
            "principalId": self.principal_id,
            "accountId": self.account.id,
        }
