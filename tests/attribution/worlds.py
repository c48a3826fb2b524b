"""Small random worlds of raw records, for the oracle: AssumeRole and its kin, in any disorder.

Few roles, names, keys and seconds, so that everything collides: cycles, fan-out, missing
parents, same-second rivals, copies that lost each other, keys that recur, clocks that differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from tests.world.model import Record
from tests.world.times import expiration_text, iso, seconds

START = seconds("2026-11-20T08:00:00Z")
LATER = (0, 0, 0, 0, 1, 2, 3, 60, 3000, 3900, 4 * 3600, 13 * 3600, 40 * 3600)
DRIFT = (0, 0, 0, 0, 0, 0, 0, 0, 1, -1, 2, -2, 3, -3)
SERVICES = ("ec2.amazonaws.com", "cloudtrail.amazonaws.com")


RawRole = tuple[str, str, str]
"""ARN, id and account of a role."""


@dataclass(frozen=True, slots=True)
class Hat:
    """Who can sign a call: `userIdentity` without its key, the account, and the keys."""

    identity: Record
    account: str
    keys: tuple[str | None, ...]


class RawWorld:
    """One world, fixed by its seed; its number keeps its ids apart from other worlds'."""

    def __init__(self, seed: int | str, number: int = 1) -> None:
        self.dice = Random(f"raw-{seed}")
        self.number = number
        self.count = 0
        self.records: list[Record] = []
        self.ours = (f"1{number:011}", f"2{number:011}")
        self.outside = f"9{number:011}"
        self.hats = [self._user("alice"), self._user("bob"), self._user("eve", self.outside)]
        self.people = len(self.hats)
        for _ in range(self.dice.randint(2, 16)):
            self._step()
        self.dice.shuffle(self.records)

    def _step(self) -> None:
        dice = self.dice
        luck = dice.random()
        if luck < 0.1 and len(self.hats) > self.people:
            self._rivals()
        elif luck < 0.55 or len(self.hats) == self.people:
            caller = dice.choice(self.hats[-3:] if dice.random() < 0.6 else self.hats)
            self._assume(caller, self._role(), dice.choice("xy"), self._when(caller))
        elif luck < 0.62:
            self._service()
        elif luck < 0.7:
            self._saml()
        self._use(dice.choice(self.hats[-2:] if dice.random() < 0.5 else self.hats))

    # --- who ------------------------------------------------------------------------------

    def _user(self, name: str, account: str = "") -> Hat:
        account = account or self.ours[0]
        who = {"type": "IAMUser", "principalId": f"AIDA{self.number:06}{name.upper():X<8}"}
        who |= {"arn": f"arn:aws:iam::{account}:user/{name}", "accountId": account}
        return Hat(who | {"userName": name}, account, (f"AKIA{self.number:06}{name.upper():X<8}",))

    def _role(self) -> RawRole:
        which = self.dice.choice((0, 0, 1, 2, 2, 3))
        account = (*self.ours, self.outside)[which // 2] if which < 3 else self.outside
        arn = f"arn:aws:iam::{account}:role/team/R{which}"
        return arn, f"AROA{self.number:06}ROLE{which:04}", account

    def _hat(self, role: RawRole, name: str, at: int, key: str | None) -> Hat:
        arn, role_id, account = role
        short = arn.rsplit("/", 1)[-1]
        created = iso(at + self.dice.choice(DRIFT))
        who = {
            "type": "AssumedRole",
            "principalId": f"{role_id}:{name}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{short}/{name}",
            "accountId": account,
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": role_id, "arn": arn},
                "attributes": {"creationDate": created, "mfaAuthenticated": "false"},
            },
        }
        odd = self.dice.choice((None, *(k for hat in self.hats for k in hat.keys)))
        hat = Hat(who, account, (key, key, key, key, odd))
        self.hats.append(hat)
        return hat

    # --- what -----------------------------------------------------------------------------

    def _assume(self, caller: Hat, role: RawRole, name: str, at: int) -> None:
        answer = self._answer(role, name, at)
        parts: Record = {"requestParameters": {"roleArn": role[0], "roleSessionName": name}}
        parts |= {"responseElements": answer, "resources": [_resource(role)]}
        parts["requestID"] = f"request-{self.number}-{self.count}"
        if role[2] != caller.account:
            parts["sharedEventID"] = f"shared-{self.number}-{self.count}"
            thin = {k: caller.identity[k] for k in ("principalId", "accountId")}
            thin["type"] = "AWSAccount"
            if self.dice.random() < 0.8:
                self._record(thin, role[2], at, "AssumeRole", parts)
        if self.dice.random() < 0.85:
            self._record(self._signed(caller), caller.account, at, "AssumeRole", parts)
        key = answer["credentials"]["accessKeyId"]
        if self.dice.random() < 0.9:
            self._hat(role, name, at, key)

    def _rivals(self) -> None:
        """Two of the last callers put on one role under one name in one second."""
        role, name = self._role(), self.dice.choice("xy")
        callers = self.dice.choices(self.hats[-2:] if self.dice.random() < 0.5 else self.hats, k=2)
        at = max(self._when(caller) for caller in callers)
        for caller in callers:
            self._assume(caller, role, name, at)
        for hat in self.hats[-2:]:
            self._use(hat)
        if self.dice.random() < 0.5:
            self._rivals()

    def _service(self) -> None:
        service, role = self.dice.choice(SERVICES), self._role()
        name, at = self.dice.choice("xy"), self._when()
        answer = self._answer(role, name, at)
        answer.pop("assumedRoleUser", None)
        parts: Record = {"requestParameters": {"roleArn": role[0], "roleSessionName": name}}
        parts |= {"responseElements": answer, "resources": [_resource(role)]}
        who = {"type": "AWSService", "invokedBy": service}
        self._record(who, role[2], at, "AssumeRole", parts)
        self._hat(role, name, at, answer["credentials"]["accessKeyId"])

    def _saml(self) -> None:
        role, name, at = self._role(), self.dice.choice("xy"), self._when()
        subject = self.dice.choice(("ann@example.com", "ben@example.com"))
        who = {"type": "SAMLUser", "principalId": f"idp:{subject}", "userName": subject}
        who["identityProvider"] = "idp"
        parts: Record = {"requestParameters": {"roleArn": role[0]}, "resources": [_resource(role)]}
        parts["responseElements"] = self._answer(role, name, at)
        self._record(who, role[2], at, "AssumeRoleWithSAML", parts)
        self._hat(role, name, at, parts["responseElements"]["credentials"]["accessKeyId"])

    def _use(self, hat: Hat) -> None:
        at = _created(hat) + self.dice.choice((0, 1, 5, 600, 600, 5000))
        if self.dice.random() < 0.1:
            at -= 7
        self._record(self._signed(hat), hat.account, at, "ListBuckets", {"responseElements": None})

    # --- parts ----------------------------------------------------------------------------

    def _when(self, caller: Hat | None = None) -> int:
        """Some time; most often one at which the caller could be at work."""
        created = _created(caller) if caller and self.dice.random() < 0.8 else START
        return created + self.dice.choice(LATER)

    def _signed(self, hat: Hat) -> Record:
        key = self.dice.choice(hat.keys)
        return hat.identity | ({} if key is None else {"accessKeyId": key})

    def _answer(self, role: RawRole, name: str, at: int) -> Record:
        self.count += 1
        key: str | None = f"ASIA{self.number:06}{self.count:06}"
        if self.count > 1 and self.dice.random() < 0.1:
            key = f"ASIA{self.number:06}{self.dice.randint(1, self.count):06}"
        made: Record = {"accessKeyId": key}
        if self.dice.random() < 0.8:
            made["expiration"] = expiration_text(at + 3600)
        answer: Record = {"credentials": made}
        if self.dice.random() < 0.85:
            answer["assumedRoleUser"] = {"assumedRoleId": f"{role[1]}:{name}"}
        return answer

    def _record(self, who: Record, account: str, at: int, name: str, parts: Any) -> None:
        if account == self.outside:
            return
        source = "s3.amazonaws.com" if name == "ListBuckets" else "sts.amazonaws.com"
        record: Record = {"eventTime": iso(at), "eventSource": source, "eventName": name}
        record |= {"requestParameters": None, "userIdentity": who, "recipientAccountId": account}
        record["eventID"] = f"event-{self.number}-{len(self.records)}"
        self.records.append(record | parts)


def _created(hat: Hat) -> int:
    context = hat.identity.get("sessionContext")
    return seconds(context["attributes"]["creationDate"]) if context else START


def _resource(role: RawRole) -> Record:
    return {"ARN": role[0], "accountId": role[2], "type": "AWS::IAM::Role"}
