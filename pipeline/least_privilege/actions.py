"""(event source, event name, request parameters) → the IAM actions that the call needs.

An action is never invented: what neither a table nor the list of IAM's actions knows is
`unmapped`. The layers, in this order: calls that need no permission, `data/exceptions.csv`,
API Gateway's verbs, the action of the call's own name, that name without a version. Then the
tags that it sets on what it creates, and the roles that it passes. least-privilege.md, sections 1,
2 and 9.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from pipeline.least_privilege import api_gateway
from pipeline.least_privilege.event_sources import label_of, prefixes_of
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.parameters import Parameters, holds
from pipeline.least_privilege.passing import passed_roles

Verdict = Literal["mapped", "no-permission", "unmapped"]

EXCEPTIONS = Path(__file__).resolve().parent / "data" / "exceptions.csv"

CALLS = ("AwsApiCall", "AwsConsoleAction")
"""Event types that somebody's permission was asked for; all others tell what a service did, or a
sign-in (CloudTrail record contents, `eventType`)."""

_VERSIONED = re.compile(r"(20\d{6}|20\d\d_\d\d_\d\d)(v\d+)?$")
"""The date (and revision) of an API version that Lambda and CloudFront write behind the name."""

_GRANTS = ("full-control", "read", "read-acp", "write", "write-acp")

_REVISION = re.compile(r"V\d+$")

_S3_RELATIVES = frozenset({"s3-outposts", "s3-object-lambda", "s3express"})
"""Services whose operations have S3's names, and whose actions have the names of S3's actions."""


@dataclass(frozen=True, slots=True)
class Call:
    """What one shape of calls is about.

    event_source, event_name, event_type -- as in the record.
    parameters -- the request parameters; None where they are not known.
    """

    event_source: str
    event_name: str
    parameters: Parameters | None = None
    event_type: str = CALLS[0]


@dataclass(frozen=True, slots=True)
class Need:
    """One action that a call needs.

    action -- `prefix:Name` as AWS spells it.
    when -- what in the request makes it needed; "" for any call of this name.
    member -- the request member that names its resource; "" where the action's own types tell.
    resource -- the ARN where it is known from the way the action was found (a passed role).
    passed_to -- of iam:PassRole, the service principal it is passed to, where that is known.
    creates -- of an action that sets tags, the one that creates what is tagged.
    """

    action: str
    when: str = ""
    member: str = ""
    resource: str | None = None
    passed_to: str | None = None
    creates: str = ""


@dataclass(frozen=True, slots=True)
class Needs:
    """The actions of a call.

    needed -- what the call needed; without parameters, what every call of its name needs.
    possible -- only without parameters: what it needs if the request holds what `when` says.
    verdict, reason -- whether the call is mapped, needs no permission, or is unknown, in words.
    """

    verdict: Verdict
    needed: tuple[Need, ...] = ()
    possible: tuple[Need, ...] = ()
    reason: str = ""


def actions_of(call: Call, index: ActionIndex | None = None) -> Needs:
    """The IAM actions that a call needs."""
    index = index or ActionIndex.packaged()
    if call.event_type not in CALLS and call.event_name != "SwitchRole":
        return Needs("no-permission", reason=f"not an API call: {call.event_type}")
    prefixes = prefixes_of(call.event_source, index)
    name = _VERSIONED.sub("", call.event_name)
    found = _exceptional(call, prefixes, name, index) or _by_verb(call, prefixes, name, index)
    if found is None:
        found = _by_name(prefixes, name, index) or _whole_service(call, prefixes)
    if found is None:
        return Needs("unmapped", reason=_unknown(call, prefixes, index))
    needs = [need for need in found if need.action != "-"]
    if not needs:
        reason = f"{label_of(call.event_source)}:{name} needs no permission"
        return Needs("no-permission", reason=reason)
    needs += _timestream(needs)
    needs += _tags(needs, prefixes, index)
    needs += [
        Need("iam:PassRole", role.when, role.member, role.arn, role.passed_to)
        for need in needs
        if not _takes_away(name, need.action)
        for role in passed_roles(need.action, call.parameters, index)
    ]
    return _sorted_out(tuple(dict.fromkeys(needs)), call.parameters)


def _takes_away(name: str, action: str) -> bool:
    """Whether a call removes what the action of another name sets: then it passes no role.

    `DeleteBucketReplication` asks for `s3:PutReplicationConfiguration`; `DeleteStack`, by its own
    action, does pass one.
    """
    return name.startswith("Delete") and action.partition(":")[2] != name


def condition_members(when: str) -> set[str]:
    """The top-level request members that a condition looks into; S3's grants spelt out."""
    names: set[str] = set()
    for part in when.replace("!", "").split("|"):
        name = part.partition("=")[0].partition(".")[0].removesuffix("[]")
        if name == "x-amz-grant-*":
            names |= {f"x-amz-grant-{grant}" for grant in _GRANTS}
        elif name and ":" not in name and name != "copySourceVersion":
            names.add(name)
    return names


def _sorted_out(needs: tuple[Need, ...], parameters: Parameters | None) -> Needs:
    if parameters is not None:
        met = tuple(need for need in needs if holds(need.when, parameters))
        # A condition that no statement or header meets leaves nothing: then all of it may be meant.
        return Needs("mapped", met or needs)
    certain = [need for need in needs if not need.when or need.when.startswith("!")]
    if not certain:
        return Needs("mapped", needs)
    return Needs("mapped", tuple(certain), tuple(need for need in needs if need not in certain))


@cache
def _exceptions() -> dict[tuple[str, str], tuple[Need, ...]]:
    table: dict[tuple[str, str], tuple[Need, ...]] = {}
    with EXCEPTIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            key = (row["event_source"], row["event_name"].lower())
            need = Need(row["action"], row["when"], row["resource"])
            table[key] = (*table.get(key, ()), need)
    return table


def _exceptional(
    call: Call, prefixes: tuple[str, ...], name: str, index: ActionIndex
) -> tuple[Need, ...] | None:
    table = _exceptions()
    services = (*prefixes[:1], label_of(call.event_source))
    found = next((table[s, name.lower()] for s in services if (s, name.lower()) in table), None)
    if found is None and prefixes and prefixes[0] in _S3_RELATIVES:
        found = _like_s3(prefixes[0], name, index)
    if found and all(need.action == "-" for need in found):
        # Without permission only under the condition, if there is one.
        unmet = call.parameters is not None and not any(
            holds(need.when, call.parameters) for need in found
        )
        return None if unmet else found
    return found


def _like_s3(prefix: str, name: str, index: ActionIndex) -> tuple[Need, ...] | None:
    spelt = (
        (need, index.spelt(prefix, need.action.partition(":")[2]))
        for need in _exceptions().get(("s3", name.lower()), ())
    )
    return tuple(replace(need, action=action) for need, action in spelt if action) or None


def _whole_service(call: Call, prefixes: tuple[str, ...]) -> tuple[Need, ...] | None:
    """Calls of a service that IAM does not allow or deny: made with a token, or a sign-in."""
    services = (*prefixes, label_of(call.event_source))
    return next((_exceptions()[s, "*"] for s in services if (s, "*") in _exceptions()), None)


def _by_verb(
    call: Call, prefixes: tuple[str, ...], name: str, index: ActionIndex
) -> tuple[Need, ...] | None:
    if "apigateway" not in prefixes or index.spelt("apigateway", name):
        return None
    found = api_gateway.asked(call.event_source, name, call.parameters, index)
    return tuple(Need(action, when, member) for action, when, member in found) if found else None


def _by_name(prefixes: tuple[str, ...], name: str, index: ActionIndex) -> tuple[Need, ...] | None:
    shorter = _REVISION.sub("", name)
    for candidate in dict.fromkeys((name, shorter)):
        for prefix in prefixes:
            spelt = index.spelt(prefix, candidate)
            if spelt:
                return (Need(spelt),)
    return None


def _timestream(needs: list[Need]) -> Iterator[Need]:
    """Every call of Timestream first asks for the endpoint (service authorization reference)."""
    if any(need.action.startswith("timestream:") for need in needs):
        yield Need("timestream:DescribeEndpoints", resource="*")


def _tags(needs: list[Need], prefixes: tuple[str, ...], index: ActionIndex) -> list[Need]:
    """What setting tags on the thing that the call creates needs too; not on what others create."""
    own = (need.action for need in needs if need.action.partition(":")[0] in prefixes)
    return [Need(*index.tags[action], creates=action) for action in own if action in index.tags]


def _unknown(call: Call, prefixes: tuple[str, ...], index: ActionIndex) -> str:
    source = label_of(call.event_source)
    if not prefixes:
        return f"no IAM service is known for the event source {source} (list of {index.date})"
    return f"IAM has no action {prefixes[0]}:{call.event_name} (list of {index.date})"


@cache
def exceptional_actions() -> frozenset[str]:
    """All actions that `data/exceptions.csv` leads to."""
    return frozenset(need.action for needs in _exceptions().values() for need in needs) - {"-"}
