"""How urgent a credential is, why, and what to do: the ranking of semantics.md section 7.

Root access key > root console > access key that administers without MFA, or is old > password
without MFA > access key from a new network > access key of a known workload > Bedrock key.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pipeline.report import SEVERITIES, Severity

OLD_DAYS = 90
"""From this age on an access key is old: AWS's guidance is to rotate within 90 days."""

PROBES = 3
"""So many refused AssumeRole calls look like somebody trying which roles a key opens."""

MADE_FOR_BEDROCK = "BedrockAPIKey-"
"""How the console names the users that it makes for long-term Bedrock API keys."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a credential calls for action.

    rank -- place in the ranking, 1 first. words, next_step -- for people. is_aside -- told beside
    the others, whatever its severity.
    """

    rank: int
    severity: Severity
    words: str
    next_step: str
    is_aside: bool = False

    def order(self) -> tuple[int, int]:
        """Sort key: the most urgent first."""
        return SEVERITIES.index(self.severity), self.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the judgement rests on; counts are of calls, times UTC.

    kind -- credential_kind of credential_uses. age_days -- None where it is not known.
    observed_days -- from its first to its last use in the lake. without_mfa -- calls without MFA.
    administrative, administrative_words -- administrative calls without MFA, and which.
    denied_assumptions, retried_assumptions -- AssumeRole calls that were refused: of roles that
    stayed shut, and of those that opened within five minutes.
    place, role -- the machine that it is probably used on, and what would do instead.
    own_after_end, sessions_after_end -- calls after it was disabled or deleted (`end_words`,
    ended_at, last_after_end).
    """

    kind: str
    is_root: bool
    owner: str
    age_days: int | None = None
    observed_days: int = 0
    sign_ins: int = 0
    sign_ins_without_mfa: int = 0
    without_mfa: int = 0
    administrative: int = 0
    administrative_words: str = ""
    new_networks: tuple[str, ...] = ()
    denied_assumptions: int = 0
    retried_assumptions: int = 0
    place: str | None = None
    role: str | None = None
    own_after_end: int = 0
    sessions_after_end: int = 0
    end_words: str = ""
    ended_at: datetime | None = None
    last_after_end: datetime | None = None


def judge(facts: Facts) -> list[Reason]:
    """All reasons, the most urgent first; there is one at least."""
    return sorted(_reasons(facts), key=Reason.order)


def _reasons(facts: Facts) -> Iterator[Reason]:
    if facts.own_after_end or facts.sessions_after_end:
        yield from _after_end(facts)
    if facts.is_root:
        yield _root(facts)
        return
    if facts.kind == "unknown":
        yield from _unknown(facts)
        return
    if facts.administrative:
        yield Reason(
            6,
            "high",
            f"administers without MFA: {facts.administrative_words}",
            "move this work to a role that demands MFA, and take the permission from the user",
        )
    if facts.kind != "console-password" and facts.new_networks:
        yield Reason(
            9,
            "medium",
            f"used from {_networks(facts.new_networks)}, new after its first 7 days",
            "ask the owner whether that was they; if not, disable it and revoke its sessions",
        )
    if facts.denied_assumptions >= PROBES:
        yield Reason(
            9,
            "medium",
            f"AssumeRole refused ×{facts.denied_assumptions:,}: it tries which roles it opens",
            "ask the owner whether that was they; look at what it did reach",
        )
    if facts.retried_assumptions >= PROBES:
        yield Reason(
            13,
            "info",
            f"AssumeRole refused ×{facts.retried_assumptions:,}, of roles that opened within five "
            "minutes: IAM takes a while to know a new role or trust",
            "nothing, if the roles or their trust policies had just been made",
            is_aside=True,
        )
    if facts.kind == "access-key":
        yield from _access_key(facts)
    elif facts.kind == "console-password":
        yield from _password(facts)
    else:
        yield Reason(
            12,
            "low",
            "a long-term API key is in use; the log does not show which"
            if facts.kind == "api-key"
            else "used without an access key: probably a service-specific credential or SSH key",
            "use short-term keys or a role; delete the long-term one",
        )


def _after_end(facts: Facts) -> Iterator[Reason]:
    end = f"{facts.end_words} at {_moment(facts.ended_at)}"
    last = f"last at {_moment(facts.last_after_end)}"
    if facts.own_after_end:
        yield Reason(
            4,
            "high",
            f"used after it was {end}: {_calls(facts.own_after_end)}, {last}",
            "look at who used it, and deny the user everything until that is known",
        )
    if facts.sessions_after_end:
        yield Reason(
            5,
            "high",
            f"sessions that began with it went on after it was {end}: "
            f"{_calls(facts.sessions_after_end)}, {last}",
            "revoke the sessions of the roles reached (deny what was issued before now)",
        )


def _root(facts: Facts) -> Reason:
    if facts.kind == "access-key":
        return Reason(1, "critical", "root access key in use", "delete it: root needs no key")
    if facts.kind != "console-password":
        return Reason(
            3,
            "high",
            "root was used; the log does not show with which credential",
            "find out who used root; delete its access keys",
        )
    if facts.sign_ins_without_mfa:
        return Reason(
            2,
            "critical",
            f"root signed in without MFA ({facts.sign_ins_without_mfa:,} of "
            f"{facts.sign_ins:,} sign-ins)",
            "put MFA on root now, change its password, and use roles for daily work",
        )
    return Reason(
        2,
        "high",
        "root was used in the console",
        "use roles for daily work; in member accounts AssumeRoot does what only root can",
    )


def _unknown(facts: Facts) -> Iterator[Reason]:
    if facts.administrative:
        yield Reason(
            10,
            "medium",
            f"administers, with a credential that the log does not show: "
            f"{facts.administrative_words}",
            "ask the owner; ingest all regions and accounts, from 36 hours before",
        )
    yield Reason(
        14,
        "info",
        "the log does not show which of the owner's credentials it was (calls that services "
        "made on the owner's behalf, or whose beginning is not in the lake)",
        "nothing; all regions and accounts in the lake make these fewer",
    )


def _access_key(facts: Facts) -> Iterator[Reason]:
    if facts.owner.startswith(MADE_FOR_BEDROCK):
        yield Reason(
            6,
            "high",
            "an access key of a user that was made for a Bedrock API key",
            "find out who made it; disable it",
        )
    age = facts.age_days if facts.age_days is not None else facts.observed_days
    if age >= OLD_DAYS:
        known = f"{age:,} days old" if facts.age_days is not None else f"at least {age:,} days old"
        yield Reason(
            7, "medium", f"{known} when last used", "replace it by a role; rotate it until then"
        )
    if facts.place:
        yield Reason(
            11,
            "low",
            f"probably used by {facts.place}, where a role would do",
            f"use {facts.role}, then delete the key",
        )
    else:
        yield Reason(
            11,
            "low",
            "a long-term access key is in use",
            "replace it by temporary credentials: a role, or Identity Center for people",
        )


def _password(facts: Facts) -> Iterator[Reason]:
    if facts.sign_ins_without_mfa or (facts.without_mfa and not facts.sign_ins):
        how = (
            f"{facts.sign_ins_without_mfa:,} of {facts.sign_ins:,} sign-ins"
            if facts.sign_ins
            else f"{_calls(facts.without_mfa)}; the sign-in is not in the lake"
        )
        yield Reason(
            8,
            "medium",
            f"signs in to the console without MFA ({how})",
            "demand MFA of this user; better, move people to Identity Center",
        )
    else:
        yield Reason(
            13,
            "info",
            "an IAM user signs in with a password and MFA",
            "move people to Identity Center",
        )


def _networks(networks: tuple[str, ...]) -> str:
    more = f" and {len(networks) - 3:,} more networks" if networks[3:] else ""
    return ", ".join(networks[:3]) + more


def _calls(count: int) -> str:
    return f"{count:,} call{'' if count == 1 else 's'}"


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "an unknown time"
