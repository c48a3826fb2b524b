"""What `least-privilege` answers: a policy, why it is so, granted against used, all roles."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from pipeline.arn import Arn
from pipeline.errors import RolecallError, UsageError
from pipeline.least_privilege.compare import Compared, compare, read_last_accessed
from pipeline.least_privilege.coverage import counted, coverage_notes, coverage_of
from pipeline.least_privilege.formats import find_policy_format
from pipeline.least_privilege.granted import Principal, read_granted
from pipeline.least_privilege.merging import (
    any_path,
    identity_of,
    merged,
    permission_set_pattern,
    together,
)
from pipeline.least_privilege.observable import Coverage
from pipeline.least_privilege.policy import MOST_ARNS, Policy, policy_of
from pipeline.least_privilege.ranking import RoleLine, roles_report
from pipeline.least_privilege.reports import compared_report, explained_report
from pipeline.least_privilege.used import Use, UsedFilter, used
from pipeline.report import Report
from pipeline.warehouse import Warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked: a role (or user, or permission set), or all where neither is given.

    wanted -- the filter; its subject is filled in from the name.
    granted, last_accessed -- files of AWS's JSON.
    """

    name: str | None = None
    permission_set: str | None = None
    wanted: UsedFilter = field(default_factory=UsedFilter)
    most_arns: int = MOST_ARNS
    granted: tuple[Path, ...] = ()
    last_accessed: Path | None = None

    @property
    def is_one(self) -> bool:
        """Whether one policy is asked for, and not the report of all."""
        return bool(self.name or self.permission_set or self.wanted.session)


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy as text, and what has to be known about it."""

    text: str
    notes: tuple[str, ...]


def policy_text(warehouse: Warehouse, asked: Asked, format_name: str) -> PolicyText:
    """The policy of what was used, in a format. Raises RolecallError where nothing was."""
    write = find_policy_format(format_name)
    use = _one(warehouse, asked)
    policy = policy_of(use.used, most_arns=asked.most_arns)
    if not policy.documents:
        raise RolecallError(_nothing(use), location=use.subject)
    arn = Arn.parse(use.subject)
    notes = (*_said(use, policy), *coverage_notes(_coverage(warehouse, asked, use)))
    return PolicyText(write(policy, arn.name if arn else use.subject), notes)


def explained(warehouse: Warehouse, asked: Asked) -> Report:
    """Why each action is in the policy."""
    use = _one(warehouse, asked)
    policy = policy_of(use.used, most_arns=asked.most_arns)
    return explained_report(use, policy, coverage_notes(_coverage(warehouse, asked, use)))


def compared(warehouse: Warehouse, asked: Asked) -> Report:
    """Granted against used, for one role or user."""
    principals = read_granted(asked.granted)
    use = _one(warehouse, asked, {p.arn for p in principals if p.arn})
    principal = _principal(principals, use.subject, asked.name)
    use = replace(use, subject=principal.arn)
    coverage = _coverage(warehouse, asked, use)
    rows = _compared(principal, use, asked, coverage)
    notes = (*_narrowed(asked), *coverage_notes(coverage))
    return compared_report(use.subject, rows, principal.unknown, notes)


def overview(warehouse: Warehouse, asked: Asked | None = None) -> Report:
    """All roles and users that were in use, and those that are granted something and were not."""
    asked = asked or Asked()
    coverage = coverage_of(warehouse, asked.wanted.window, asked.wanted.account)
    uses = together(used(warehouse, asked.wanted))
    granted = read_granted(asked.granted)
    if any(not principal.arn for principal in granted):
        raise UsageError("--granted with a policy document alone is of one role: give ROLE, too.")
    identities = {identity_of(p.arn) for p in granted if p.arn}
    principals = {identity: _principal(granted, identity) for identity in identities}
    coverages = _coverages(warehouse, asked)
    lines = []
    for identity in sorted({*uses, *principals}):
        use = uses.get(identity) or Use(identity)
        principal = principals.get(identity)
        if principal:
            use = replace(use, subject=principal.arn)
        rows = _compared(principal, use, asked, coverages(_account(use))) if principal else []
        lines.append(RoleLine(use, rows, principal.unknown if principal else ()))
    notes = list(coverage_notes(coverage))
    if not principals:
        notes.insert(0, "with --granted FILE it also says what could be taken away")
    else:
        notes[:0] = _narrowed(asked)
    return roles_report(lines, tuple(notes), _narrowed_by(asked))


def _narrowed(asked: Asked) -> tuple[str, ...]:
    """That others may use what is called unused, where only some use was asked for."""
    named = _narrowed_by(asked)
    return (f"unused here means not used with {named}; other use is left out",) if named else ()


def _narrowed_by(asked: Asked) -> str:
    """The options that leave use out, as they were given; "" without any."""
    wanted = asked.wanted
    asked_for = {
        "--person": wanted.actor,
        "--session": wanted.session,
        "--account": wanted.account,
        "--min-evidence": wanted.least_evidence if wanted.least_evidence != "none" else None,
    }
    return ", ".join(f"{name} {value}" for name, value in asked_for.items() if value)


def _compared(principal: Principal, use: Use, asked: Asked, coverage: Coverage) -> list[Compared]:
    seen = read_last_accessed(asked.last_accessed) if asked.last_accessed else None
    return compare(principal, use, coverage, seen)


def _account(use: Use) -> str:
    """The account of a role or user; "" where several are taken together."""
    arn = Arn.parse(use.subject)
    return arn.account if arn else ""


def _coverage(warehouse: Warehouse, asked: Asked, use: Use) -> Coverage:
    """What the lake covers of the account of a role: the trails of others show nothing of it."""
    return _coverages(warehouse, asked)(_account(use))


def _coverages(warehouse: Warehouse, asked: Asked) -> Callable[[str], Coverage]:
    """The coverage of each account, looked up once: unused is what its own trail would show."""

    @cache
    def coverage(account: str) -> Coverage:
        return coverage_of(warehouse, asked.wanted.window, asked.wanted.account or account or None)

    return coverage


def _one(warehouse: Warehouse, asked: Asked, known: set[str] | None = None) -> Use:
    """The one use that is asked for; that of a permission set's roles is taken together."""
    if asked.permission_set:
        pattern = permission_set_pattern(asked.permission_set)
        uses = used(warehouse, replace(asked.wanted, subject=pattern))
        if not uses:
            raise _missing(warehouse, f"permission set {asked.permission_set}", asked)
        return merged(uses, f"permission set {asked.permission_set}")
    name = asked.name
    uses = used(warehouse, replace(asked.wanted, subject=any_path(name) if name else None))
    if name and ("*" in name or "?" in name):
        if not uses:
            raise _missing(warehouse, name, asked)
        return merged(uses, name)
    uses = [
        use
        for identity, use in together(uses).items()
        if name is None or any_path(name) == name or identity == identity_of(name)
    ]
    if len(uses) > 1:
        several = ", ".join(use.subject for use in uses)
        raise UsageError(
            f"{name or 'The session'} is several: {several}. Give the ARN, or a pattern in quotes "
            "to take them together."
        )
    if uses:
        return uses[0]
    granted = [
        arn
        for arn in known or ()
        if name and (identity_of(arn) == identity_of(name) or arn.endswith(f"/{name}"))
    ]
    if granted and len({identity_of(arn) for arn in granted}) == 1:
        return Use(next((arn for arn in granted if arn == name), min(granted)))
    if granted:
        raise UsageError(f"{name} is several: {', '.join(sorted(granted))}. Give the ARN.")
    raise _missing(warehouse, name or f"session {asked.wanted.session}", asked)


def _missing(warehouse: Warehouse, name: str, asked: Asked) -> RolecallError:
    window = asked.wanted.window.words()
    narrowed = _narrowed_by(asked)
    asked_for = f"{window} with {narrowed}" if narrowed else window
    known = [use.subject for use in used(warehouse)]
    names = {subject.rpartition("/")[2]: subject for subject in known}
    if asked_for and (name in names or name in known):
        return RolecallError(
            f"Nothing in the lake was done as {name}{asked_for}. Without that there is use of it."
        )
    close = difflib.get_close_matches(name.rpartition("/")[2], names, n=3, cutoff=0.5)
    alike = f" Alike: {', '.join(names[n] for n in close)}." if close else ""
    return RolecallError(
        f"Nothing in the lake was done as {name}{asked_for}.{alike} "
        "`rolecall least-privilege` lists all that is in use."
    )


def _principal(principals: list[Principal], subject: str, name: str | None = None) -> Principal:
    """The principal of that ARN, whatever its path: the trail may show a role without it.

    name -- as it was asked for: its ARN decides where the files hold several.
    """
    bare = [p for p in principals if not p.arn]
    if len(bare) == len(principals):
        policies = tuple(policy for p in bare for policy in p.policies)
        return Principal(subject, policies)
    identity = identity_of(subject)
    found = [p for p in principals if p.arn and identity_of(p.arn) == identity]
    found = [p for p in found if p.arn == name] or found
    if not found:
        raise RolecallError(
            f"The files of --granted do not hold {subject}. Take them from its account: "
            "aws iam get-account-authorization-details > granted.json"
        )
    if any(p != found[0] for p in found):
        arns = sorted({p.arn for p in found})
        raise UsageError(
            f"The files of --granted differ about {' and '.join(arns)}. Names are unique in an "
            "account, whatever the path, so they are not of one time. Leave the older file out"
            + (", or ask by ARN." if len(arns) > 1 else ".")
        )
    return found[0]


_NOT_YOURS = {
    ":role/aws-service-role/": "a service-linked role: AWS writes its policy, nobody else can",
    ":role/aws-reserved/sso.amazonaws.com/": (
        "a role of Identity Center: change its permission set instead (--permission-set NAME)"
    ),
}


def _said(use: Use, policy: Policy) -> tuple[str, ...]:
    notes = [note for mark, note in _NOT_YOURS.items() if mark in use.subject]
    size = len(policy.documents)
    if size > 1:
        notes.append(f"{size} documents, as one would be longer than IAM allows: a JSON list")
    notes += [f"wider: {w.action} on {w.resource}: {w.reason}" for w in policy.widenings]
    denied = {grant.action for grant in use.denied}
    for actions, words in (
        (denied - use.actions, "left out, as it was denied"),
        (denied & use.actions, "denied at times, and in the policy as far as it was allowed"),
    ):
        if actions:
            notes.append(f"{words}: {', '.join(sorted(actions))}")
    notes += [
        f"left out, as its action is not known: {call} ({counted(evidence.events, 'call')})"
        for call, evidence in sorted(use.unmapped.items())
    ]
    return tuple(notes)


def _nothing(use: Use) -> str:
    if use.denied:
        return f"All of the {use.events} calls that need a permission were denied; no policy."
    return f"None of the {use.events} calls needs a permission that is known; no policy."
