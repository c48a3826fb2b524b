"""How `new` says a fact, how urgent it is and why, and where to look."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pipeline.arn import role_label
from pipeline.report import Severity
from pipeline.reports.actors import actor_heading, actor_label, is_machine

Fact = Mapping[str, object]

_PRINCIPAL = re.compile(r"(?:.*:)?([^:/]*)$")


@dataclass(frozen=True, slots=True)
class Known:
    """What the reader says about the organisation.

    break_glass -- role names, ARNs or globs that are worn in an emergency only.
    accounts -- ids of accounts that are known, though their trail may not be in the lake.
    """

    break_glass: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """How urgent a fact is, and why in words; "" where its kind says all."""

    severity: Severity
    why: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact. words -- a heading for people; say -- one fact; judge -- its urgency."""

    name: str
    words: str
    say: Callable[[Fact], str]
    judge: Callable[[Fact, Known], Judgement]


def matches(glob: str, name: object) -> bool:
    """Whether an ARN, or its last part, is what a glob asks for; case does not count."""
    text = str(name or "").lower()
    return any(fnmatchcase(part, glob.lower()) for part in (text, text.rpartition("/")[2]))


def is_break_glass(role: object, known: Known) -> bool:
    """Whether a role's ARN or name is one of the break-glass roles."""
    return any(matches(glob, role) for glob in known.break_glass)


def where_to_look(fact: Fact) -> str:
    """The commands that show the evidence."""
    record = f"rolecall show {str(fact['event_id'])[:8]}" if fact["event_id"] else ""
    traced = fact["access_key_id"] or fact["session_id"]
    return ", ".join(
        part for part in (f"rolecall trace {traced}" if traced else "", record) if part
    )


def _role(arn: object, account: object) -> str:
    return f"{role_label(str(arn))} in {account}"


def _say_person_role(fact: Fact) -> str:
    return f"{actor_label(fact)} → {_role(fact['role_arn'], fact['account_id'])}"


def _judge_person_role(fact: Fact, known: Known) -> Judgement:
    if is_break_glass(fact["role_arn"], known):
        return Judgement("high", "the first time in this break-glass role")
    if fact["actor_kind"] == "root":
        return Judgement("high", "root put on a role, which it never needs")
    if fact["actor_kind"] == "external-account":
        outside = str(fact["actor_account"]) not in known.accounts
        severity: Severity = "high" if outside and known.accounts else "medium"
        return Judgement(
            severity, "somebody of another account put on this role for the first time"
        )
    return Judgement("medium", "")


def _say_role_role(fact: Fact) -> str:
    before = _role(fact["from_role_arn"], fact["from_account_id"])
    return f"{before} → {_role(fact['role_arn'], fact['account_id'])}"


def _judge_role_role(fact: Fact, known: Known) -> Judgement:
    if is_break_glass(fact["role_arn"], known):
        return Judgement("high", "a break-glass role was put on from another role")
    if fact["account_id"] != fact["from_account_id"]:
        return Judgement("medium", "a new way from role to role, into another account")
    return Judgement("low", "")


def _say_crossing(fact: Fact) -> str:
    return f"account {fact['from_account_id']} → {_role(fact['role_arn'], fact['account_id'])}"


def _judge_crossing(fact: Fact, known: Known) -> Judgement:
    ends = (("from_account_id", "is_from_account_ingested"), ("account_id", "is_account_ingested"))
    strange = [
        str(fact[account])
        for account, is_ingested in ends
        if not fact[is_ingested] and str(fact[account]) not in known.accounts
    ]
    if strange:
        what = f"account {' and '.join(strange)} is not known, and its trail is not read"
        return Judgement("high", what)
    return Judgement("medium", "")


def _owner(fact: Fact) -> str:
    """Whose key or password: `alice · IAM user in 111111111111`, `root of 111111111111`."""
    return actor_label(fact) if fact["actor_kind"] == "root" else actor_heading(fact)


def _say_key(fact: Fact) -> str:
    return f"access key {fact['access_key_id']} of {_owner(fact)}"


def _judge_key(fact: Fact, known: Known) -> Judgement:
    del known
    if fact["actor_kind"] == "root":
        return Judgement("critical", "an access key of root: delete it")
    return Judgement("medium", "")


def _say_sign_in(fact: Fact) -> str:
    where = f" from {fact['network']}" if fact["network"] else ""
    return f"{_owner(fact)} signed in to the console{where}"


def _judge_sign_in(fact: Fact, known: Known) -> Judgement:
    del known
    if fact["actor_kind"] == "root":
        return Judgement("high", "root signed in: was it an emergency?")
    return Judgement("medium", "")


def _say_network(fact: Fact) -> str:
    return f"access key {fact['access_key_id']} of {actor_label(fact)} from {fact['network']}"


def _judge_network(fact: Fact, known: Known) -> Judgement:
    del fact, known
    return Judgement("medium", "")


def _say_denied(fact: Fact) -> str:
    return f"{_denied_one(fact)}: {fact['event_count']} calls denied that day"


def _denied_one(fact: Fact) -> str:
    if fact["actor_kind"]:
        chain = fact["chain"]
        roles = [role_label(str(arn)) for arn in chain] if isinstance(chain, list) else []
        return " → ".join([actor_label(fact), *roles])
    found = _PRINCIPAL.match(str(fact["denied_arn"] or fact["principal_id"]))
    return f"{found[1] if found else fact['principal_id']} (several sessions)"


def _judge_denied(fact: Fact, known: Known) -> Judgement:
    del known
    kind = fact["actor_kind"]
    retried = int(str(fact["retried_calls"] or 0))
    if retried and int(str(fact["event_count"])) - retried < BURST:
        return Judgement(
            "low",
            f"{retried} of them AssumeRole of roles that opened within five minutes: IAM takes a "
            "while to know a new role or trust",
        )
    if isinstance(kind, str) and is_machine(kind):
        return Judgement("low", "a machine was denied ten calls or more within ten minutes")
    return Judgement("medium", "ten calls or more were denied within ten minutes: probing?")


BURST = 10
"""So many denied calls within ten minutes are a burst (queries/increments/told_in_days.sql)."""

KINDS: tuple[Kind, ...] = (
    Kind("long-term-key", "new key", _say_key, _judge_key),
    Kind("console-sign-in", "new sign-in", _say_sign_in, _judge_sign_in),
    Kind("account-crossing", "new crossing", _say_crossing, _judge_crossing),
    Kind("person-role", "new in role", _say_person_role, _judge_person_role),
    Kind("role-role", "new role chain", _say_role_role, _judge_role_role),
    Kind("key-network", "new network", _say_network, _judge_network),
    Kind("denied-burst", "denied burst", _say_denied, _judge_denied),
)
"""All kinds of facts, in the order of the report where urgency and time are the same."""
