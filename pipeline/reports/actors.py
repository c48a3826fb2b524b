"""How actors are called and in which order people want them (design section 3)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from pipeline.arn import role_label


@dataclass(frozen=True, slots=True)
class ActorKind:
    """A value of `actor_kind`.

    words -- as people say it; shown_always -- False for machines, of which there are many and
    which `who` shows only when asked.
    """

    name: str
    words: str
    shown_always: bool = True


ACTOR_KINDS: tuple[ActorKind, ...] = (
    ActorKind("iam-user", "IAM user"),
    ActorKind("root", "root user"),
    ActorKind("identity-center-user", "Identity Center user"),
    ActorKind("saml-user", "SAML user"),
    ActorKind("web-identity", "web identity"),
    ActorKind("external-account", "outside account"),
    ActorKind("unresolved", "unresolved"),
    ActorKind("workload", "workload", shown_always=False),
    ActorKind("aws-service", "AWS service", shown_always=False),
)
"""All kinds of actors, in the order of reports: people, then what is open, then machines."""

_RANK = {kind.name: rank for rank, kind in enumerate(ACTOR_KINDS)}
_WORDS = {kind.name: kind.words for kind in ACTOR_KINDS}
_MACHINES = {kind.name for kind in ACTOR_KINDS if not kind.shown_always}

EVIDENCE_GRADES = ("direct", "proven", "matched", "ambiguous", "claimed", "none")
"""The evidence grades of design section 3, strongest first."""

UNRESOLVED_GROUP = "unresolved · nothing in the lake proves who"
_DRAWN = re.compile("[→\u2500-\u257f]")
_CLAIM_SOURCES = {"session-name": "session name", "source-identity": "source identity"}


def is_machine(actor_kind: str | None) -> bool:
    """Whether the actor is a workload or an AWS service."""
    return actor_kind in _MACHINES


def actor_label(row: Mapping[str, object]) -> str:
    """The actor as people read it; an unresolved one is never called by the name it claims.

    row -- actor_kind, actor_name, actor_arn, actor_display, claimed_actor, claim_source.
    """
    if row["actor_kind"] == "unresolved":
        claim = row["claimed_actor"]
        if not claim:
            return "unresolved"
        source = _CLAIM_SOURCES.get(str(row["claim_source"]), str(row["claim_source"]))
        return f"unresolved ({source} says “{claim}”)"
    for name in ("actor_display", "actor_name", "actor_arn"):
        if row[name]:
            return str(row[name])
    return str(row["actor_kind"])


def actor_heading(row: Mapping[str, object], *, with_name: bool = False) -> str:
    """The actor with its kind and account: `alice · IAM user in 111111111111`.

    with_name -- also the actor's name (an id) where it is shown by another: `alice (9067…) · …`.
    """
    kind = str(row["actor_kind"])
    if kind == "unresolved":
        return UNRESOLVED_GROUP
    label = actor_label(row)
    if with_name and row["actor_name"] not in (None, label):
        label += f" ({row['actor_name']})"
    heading = f"{label} · {_WORDS.get(kind, kind)}"
    account = row["actor_account"]
    if account and kind != "external-account":
        heading += f" in {account}"
    return heading


def undrawn(text: str) -> str:
    """A name from a log without the signs that paths and trees are drawn with."""
    return _DRAWN.sub("\ufffd", text)


def path_of(row: Mapping[str, object]) -> list[str]:
    """Who, then each role put on: the chain as `alice → SecurityAnalystRole` is made of."""
    chain = cast("list[str] | None", row["chain"]) or []
    return [actor_label(row), *(role_label(arn) for arn in chain)]


def actor_order(row: Mapping[str, object]) -> tuple[object, ...]:
    """Sort key: people first, one actor's rows together, short chains before long ones."""
    kind = str(row["actor_kind"])
    chain = cast("list[str] | None", row["chain"]) or []
    evidence = str(row["evidence"])
    label = actor_label(row)
    return (
        _RANK.get(kind, len(ACTOR_KINDS)),
        label.casefold(),
        label,
        str(row["actor_account"]),
        len(chain),
        chain,
        EVIDENCE_GRADES.index(evidence) if evidence in EVIDENCE_GRADES else len(EVIDENCE_GRADES),
    )
