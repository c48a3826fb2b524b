"""What the oracle reads in the records: uses of session keys, issuing calls, known users."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.world.model import Record
from tests.world.times import HOUR, seconds

LONGEST = 36 * HOUR
Base = tuple[str, int]


@dataclass(slots=True)
class Use:
    """A key (or none) of a session: principal, second of issue, role, first use."""

    base: Base
    key: str | None
    role_arn: str
    first: int


@dataclass(slots=True)
class Call:
    """A call that issued credentials; its copies are one call."""

    at: int
    key: str | None
    principal: str | None
    role_arn: str
    name: str | None
    expires: int
    caller: Record
    key_may_differ: bool
    events: list[str] = field(default_factory=list)


def _expiry(text: str) -> int:
    """`Jul 10, 2023, 1:28:26 PM`, in UTC."""
    return int(datetime.strptime(text, "%b %d, %Y, %I:%M:%S %p").replace(tzinfo=UTC).timestamp())


def created(who: Record) -> int | None:
    """Second in which the session of an identity began."""
    text = who.get("sessionContext", {}).get("attributes", {}).get("creationDate")
    return None if text is None else seconds(text)


class Readings:
    """All records, and what they hold."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = list(records)
        self.users = self._users()
        self.calls = self._calls()
        self.uses = self._uses()

    def _users(self) -> dict[str, Record]:
        whos = (r["userIdentity"] for r in self.records)
        return {who["principalId"]: who for who in whos if who["type"] == "IAMUser"}

    def _calls(self) -> list[Call]:
        copies: dict[tuple[str, str], list[Record]] = {}
        for record in self.records:
            if record["responseElements"] and record["eventName"].startswith("AssumeRole"):
                one = record.get("sharedEventID") or record.get("requestID") or record["eventID"]
                copies.setdefault((one, record["eventTime"]), []).append(record)
        return [self._call(records) for records in copies.values()]

    def _call(self, copies: list[Record]) -> Call:
        rich = min(copies, key=lambda r: r["userIdentity"]["type"] == "AWSAccount")
        who = self.known(rich["userIdentity"])
        answer = rich["responseElements"]
        key = answer["credentials"]["accessKeyId"]
        at = seconds(rich["eventTime"])
        until = answer["credentials"].get("expiration")
        return Call(
            at=at,
            key=None if key == who.get("accessKeyId") else key,
            principal=answer.get("assumedRoleUser", {}).get("assumedRoleId"),
            role_arn=rich["resources"][0]["ARN"],
            name=rich["requestParameters"].get("roleSessionName"),
            expires=_expiry(until) if until else at + LONGEST,
            caller=who,
            key_may_differ=rich["eventName"] == "AssumeRoleWithSAML" or who["type"] == "AWSService",
            events=[copy["eventID"] for copy in copies],
        )

    def known(self, who: Record) -> Record:
        """An IAM user's id is enough to know the user; nobody else's is."""
        if who["type"] == "AWSAccount" and who["principalId"] in self.users:
            user = self.users[who["principalId"]]
            return {k: user[k] for k in ("type", "principalId", "arn", "accountId", "userName")}
        return who

    def _uses(self) -> list[Use]:
        uses: dict[tuple[Base, str | None], Use] = {}
        for record in self.records:
            who = record["userIdentity"]
            if who["type"] != "AssumedRole":
                continue
            began = created(who)
            assert began is not None
            base, key = (who["principalId"], began), who.get("accessKeyId")
            at = seconds(record["eventTime"])
            role_arn = who["sessionContext"]["sessionIssuer"]["arn"]
            use = uses.setdefault((base, key), Use(base, key, role_arn, at))
            use.first = min(use.first, at)
        return list(uses.values())
