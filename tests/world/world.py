"""The world: its cast, its clock, and every record with the truth about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

from tests.world import services
from tests.world.ids import Ids
from tests.world.model import (
    DEFAULT,
    Account,
    Actor,
    Chain,
    Credential,
    Event,
    Record,
    Role,
)
from tests.world.times import iso, seconds

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
CLI = "aws-cli/2.34.30 md/awscrt#0.31.2 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.14.4"


class World:
    """Accounts, roles, people and everything they did.

    seed -- fixes every identifier and every random choice.
    start -- ISO time (UTC) at which the clock stands; `tick` moves it on.
    region -- where calls go unless told otherwise.
    """

    def __init__(
        self, seed: int | str, *, start: str = "2026-11-20T08:00:00Z", region: str = "us-east-1"
    ) -> None:
        self.seed = seed
        self.ids = Ids(seed)
        self.random = Random(f"world-{seed}")
        self.now = seconds(start)
        self.region = region
        self.events: list[Event] = []
        self.sessions: list[Credential] = []
        self.org_id: str | None = None

    # --- cast ---------------------------------------------------------------

    def account(self, name: str, *, id: str | None = None, outside: bool = False) -> Account:  # noqa: A002
        """A new account."""
        return Account(id or self.ids.account(), name, outside)

    def role(self, account: Account, name: str, *, path: str = "/") -> Role:
        """A new role."""
        return Role(account, name, self.ids.principal("AROA", account.id), path)

    def user(
        self, account: Account, name: str, *, ip: str = "203.0.113.10", agent: str = CLI
    ) -> Credential:
        """An IAM user who has not signed in yet; take an access key or sign in to the console."""
        arn = f"arn:aws:iam::{account.id}:user/{name}"
        return Credential(
            world=self,
            actor=Actor("iam-user", account.id, name, arn),
            account=account,
            user_type="IAMUser",
            principal_id=self.ids.principal("AIDA", account.id),
            arn=arn,
            ip=ip,
            agent=agent,
            user_name=name,
            self_evident=True,
        )

    def root(self, account: Account, *, ip: str = "203.0.113.9", agent: str = CLI) -> Credential:
        """The root user of an account, with no key."""
        arn = f"arn:aws:iam::{account.id}:root"
        return Credential(
            world=self,
            actor=Actor("root", account.id, "root", arn),
            account=account,
            user_type="Root",
            principal_id=account.id,
            arn=arn,
            ip=ip,
            agent=agent,
            self_evident=True,
        )

    # --- clock --------------------------------------------------------------

    def tick(self, by: int = 5) -> int:
        """Move the clock on by so many seconds; the new time."""
        self.now += by
        return self.now

    def at(self, text: str) -> int:
        """Set the clock to an ISO time (UTC); that time in seconds."""
        self.now = seconds(text)
        return self.now

    # --- records ------------------------------------------------------------

    def call(
        self,
        by: Credential,
        source: str,
        name: str,
        *,
        at: int | None = None,
        params: Record | None = None,
        response: Record | None = None,
        denied: bool | str = False,
        error: tuple[str, str] | None = None,
        key: str | None = DEFAULT,
        region: str | None = None,
        ip: str | None = None,
        agent: str | None = None,
        resources: list[Record] | None = None,
        read_only: bool | None = None,
        data: bool = False,
        extra: Record | None = None,
        additional: Record | None = None,
        identity: Record | None = None,
    ) -> Event:
        """An API call signed by a credential.

        source -- `s3` or `s3.amazonaws.com`; at -- seconds (None: the clock ticks);
        denied -- True, or the resource the caller was denied on; error -- (code, message);
        key -- the key that signed (None: none in the record); data -- a data event;
        extra -- further top-level fields; additional -- additionalEventData;
        identity -- merged into `userIdentity` (invokedBy).
        """
        host = services.host(source)
        when = self.tick() if at is None else at
        if key is DEFAULT:
            key = self.ids.access_key("ASIA", by.account.id) if by.key_a_call else by.key
        who = by.identity(key)
        if identity:
            who = who | identity
        if denied:
            target = denied if isinstance(denied, str) else None
            message = services.denial_message(by.arn, host, name, target)
            error = (services.denial(host), message)
        fields: Record = {} if error is None else {"errorCode": error[0], "errorMessage": error[1]}
        fields["requestParameters"] = params
        fields["responseElements"] = None if error else response
        if additional:
            fields["additionalEventData"] = additional
        address, agent = ip or by.ip, agent or by.agent
        record = self.blank(
            who, when, host, name, region=region, ip=address, agent=agent, fields=fields
        )
        record["readOnly"] = services.reads(name) if read_only is None else read_only
        if resources:
            record["resources"] = resources
        record["eventType"] = "AwsApiCall"
        record["managementEvent"] = not data
        record["recipientAccountId"] = by.account.id
        record["eventCategory"] = "Data" if data else "Management"
        if "." in record["sourceIPAddress"] and record["sourceIPAddress"][0].isdigit():
            record["tlsDetails"] = self._tls(host, record["awsRegion"])
        if extra:
            record |= extra
        session = None if by.creation is None else by
        return self.add(Event(record, when, by.actor, by.hats, session), outside=by.account.outside)

    def blank(
        self,
        who: Record,
        when: int,
        host: str,
        name: str,
        *,
        region: str | None,
        ip: str,
        agent: str,
        fields: Record,
    ) -> Record:
        """The fields that every record has, in CloudTrail's order."""
        return {
            "eventVersion": services.version(host),
            "userIdentity": who,
            "eventTime": iso(when),
            "eventSource": host,
            "eventName": name,
            "awsRegion": region or self.region,
            "sourceIPAddress": ip,
            "userAgent": agent,
            **fields,
            "requestID": self.ids.request_id(host),
            "eventID": self.ids.uuid(),
        }

    def raw(
        self,
        identity: Record,
        actor: Actor,
        source: str,
        name: str,
        account: Account,
        *,
        at: int | None = None,
        fields: Record | None = None,
        extra: Record | None = None,
        ip: str | None = None,
        agent: str | None = None,
        chain: Chain = (),
        read_only: bool | None = None,
    ) -> Event:
        """A record by somebody who is no credential of this world: a service, a SAML user."""
        host = services.host(source)
        when = self.tick() if at is None else at
        base: Record = {"requestParameters": None, "responseElements": None} | (fields or {})
        address = ip or identity.get("invokedBy", "AWS Internal")
        agent = agent or address
        record = self.blank(
            identity, when, host, name, region=None, ip=address, agent=agent, fields=base
        )
        record["readOnly"] = services.reads(name) if read_only is None else read_only
        record |= {"eventType": "AwsApiCall", "managementEvent": True}
        record |= {"recipientAccountId": account.id, "eventCategory": "Management"}
        record |= extra or {}
        return self.add(Event(record, when, actor, chain), outside=account.outside)

    def copy_for(self, original: Event, by: Credential, owner: Account) -> Event:
        """The role owner's copy of a cross-account call (semantics.md section 3.3)."""
        shared = self.ids.uuid()
        original.record["sharedEventID"] = shared
        record = original.record | {"userIdentity": by.stub(), "eventID": self.ids.uuid()}
        record["recipientAccountId"] = owner.id
        copy = Event(record, original.at, original.actor, original.chain, copy_of=original)
        return self.add(copy, outside=owner.outside)

    def add(self, event: Event, *, outside: bool = False) -> Event:
        """Take a finished event into the world."""
        event.withheld = outside
        self.events.append(event)
        return event

    def service(self, name: str) -> tuple[Record, Actor]:
        """Identity and actor of an AWS service that calls for itself."""
        host = services.host(name)
        return {"type": "AWSService", "invokedBy": host}, Actor("aws-service", None, host)

    def _tls(self, host: str, region: str) -> Record:
        service = host.split(".", maxsplit=1)[0]
        return {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": f"{service}.{region}.amazonaws.com",
        }

    # --- what is delivered ----------------------------------------------------

    def withhold(self, *events: Event) -> None:
        """These records never reach the reader."""
        for event in events:
            event.withheld = True

    def withhold_account(self, account: Account) -> None:
        """No record of this account's trail reaches the reader: it was not ingested."""
        self.withhold_where(lambda record: record["recipientAccountId"] == account.id)

    def withhold_where(self, unwanted: Callable[[Record], bool]) -> None:
        """Withhold every record that fits."""
        self.withhold(*(event for event in self.events if unwanted(event.record)))

    def delivered(self) -> Iterator[Event]:
        """The events that a reader gets, in order of time."""
        return iter(sorted((e for e in self.events if e.delivered), key=lambda e: e.at))

    def records(self) -> list[Record]:
        """The records that a reader gets, in order of time."""
        return [event.record for event in self.delivered()]

    def write(self, folder: Path, **options: Any) -> list[Path]:
        """Write the trail in S3's layout; options as in `tests.world.delivery.write`."""
        from tests.world.delivery import write  # noqa: PLC0415

        return write(self, folder, **options)
