"""What a request tells of an ARN template: its variables, and in whose account the resource is.

A member holds a name or several, an ARN (of the resource, or of what it is in), or a URL or an id
with an account in it. An ARN tells its own region and account, which go before the record's.
least-privilege.md, section 3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.arn import Arn
from pipeline.least_privilege.holders import DEFAULTS, EC2_IDS, HOLDERS, OWNERS, tables
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.naming import Request, texts, whole
from pipeline.least_privilege.parameters import texts as raw_texts
from pipeline.least_privilege.templates import PLACE, closest, fits, literal, told, variables

Way = Mapping[str, str]
"""One way to fill in a template: variable (of the place too) → text."""

_OF_AWS = {
    "DocumentName": re.compile(r"aws|amazon|amzn", re.IGNORECASE),
    "ParameterNameWithoutLeadingSlash": re.compile(r"aws/"),
}
"""How names begin that nobody but AWS can give (API reference of SSM): of no account."""

_REVISED = re.compile(r"(?:TaskDefinitionFamily|JobDefinition)Name")
"""Variables whose text may have a revision behind a colon, which the template has too."""

_MERE = ("id", "identifier", "ids", "name", "names")


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource type of an action, with one of its ARN templates.

    member -- the only request member that names it, where an exception says so.
    """

    action: str
    name: str
    template: str
    member: str = ""

    @property
    def prefix(self) -> str:
        """The action's service."""
        return self.action.partition(":")[0]

    @property
    def has_ec2_ids(self) -> bool:
        """Whether EC2's ids say that they are of this type, wherever in the request they stand."""
        return self.prefix == "ec2" and self.name in EC2_IDS.values()

    def is_named_after(self, index: ActionIndex) -> bool:
        """Whether the operation is named after this type, or after none and creates nothing."""
        operation = plain(self.action.partition(":")[2])
        types = {plain(t.name).removesuffix("resource") for t in index.resource_types(self.action)}
        named = {name for name in types if name in operation}
        if named:
            return plain(self.name).removesuffix("resource") in named
        return not operation.startswith("create")


@cache
def holders(kind: Kind, variable: str, index: ActionIndex) -> tuple[str, ...]:
    """The request members that may hold a variable: the one of its very name first.

    None that has the name of another variable of the type, and for an id none that holds a
    name, as the name that the caller chose is not the id that AWS gave. A mere `name` or `id`
    is that of what the operation is named after.
    """
    if kind.member:
        return (kind.member,)
    known = HOLDERS.get(kind.prefix, {})
    for table in tables(kind.action, [kind.name]):
        if variable in table and (table is not known or not table[variable]):
            return table[variable]
    wanted = plain(variable)
    alike = {t for type_, t in index.templates(kind.action) if type_.name == kind.name}
    others = {plain(v) for t in alike | {kind.template} for v in variables(t)} - {wanted}
    likely = [
        path
        for path in index.members.get(kind.action, {}).get(variable, ())
        if plain(path) not in others
        and not (wanted.endswith("id") and plain(path).endswith("name"))
        and (path not in _MERE or kind.is_named_after(index))
    ]
    likely.sort(key=lambda path: plain(path) != wanted)
    return tuple(dict.fromkeys((*known.get(variable, ()), *likely)))


def ways(kind: Kind, request: Request, index: ActionIndex) -> list[Way]:
    """How the request fills in the template, as far as it tells; never empty.

    One way for each resource that it may mean. Where several variables have several texts each,
    all that can go together: an ARN goes with what has its account and its names.
    """
    found: list[Way] = [{}]
    taken: set[str] = set()
    for variable in variables(kind.template):
        for path in holders(kind, variable, index) if not kind.has_ec2_ids else [kind.name]:
            here = _told_at(path, variable, kind, request, index)
            if here and path not in taken:
                taken.add(path)
                found = [{**a, **b} for a in found for b in here if _agree(a, b)] or found
                break
    place = {**request.place.values(), **_owner(kind, request)}
    defaults = DEFAULTS.get(kind.prefix, {})
    return [{**place, **(defaults if way else {}), **way} for way in found]


def is_guess(found: Sequence[Way], template: str) -> bool:
    """Whether the ways are more than the texts of any one variable: not all of them were meant."""
    distinct = [len({way.get(variable) for way in found}) for variable in variables(template)]
    return len(found) > max(distinct, default=1)


def _told_at(
    path: str, variable: str, kind: Kind, request: Request, index: ActionIndex
) -> list[Way]:
    """What each text at a path tells of a variable, or at least of the place."""
    if kind.has_ec2_ids:
        types = {one: EC2_IDS.get(one.rpartition("-")[0]) for one in request.ids}
        return [{variable: one} for one, name in types.items() if name == kind.name]
    if request.is_folder and variable == "ObjectName":
        keys = raw_texts(request.parameters, path)
        return [{variable: f"{literal(key.removesuffix('*'))}*"} for key in keys]
    found: list[Way] = []
    for text in texts(request.parameters, path):
        way = _told_by(whole(text, kind.prefix, request), variable, kind, index)
        if way and way not in found:
            found.append(way)
    return found


def _told_by(text: str, variable: str, kind: Kind, index: ActionIndex) -> Way:
    arn = Arn.parse(text)
    if arn is None:
        return _by_name(text, variable, kind.template)
    others = (t for t in index.service_templates(kind.prefix) if variable in variables(t))
    known = kind.template if fits(text, kind.template) else closest(text, others)
    if known:
        wanted = {*variables(kind.template), *PLACE}
        return {name: value for name, value in told(text, known).items() if name in wanted}
    if arn.service != kind.template.split(":", 3)[2]:
        return {}
    named = {"Partition": arn.partition, "Region": arn.region, "Account": arn.account}
    place = {name: value for name, value in named.items() if value}
    start = kind.template.split(":", 5)[-1].partition("${")[0]
    if start and arn.resource.startswith(start):  # an older form, without what it is in
        return {**place, variable: re.split("[/:]", arn.resource)[-1]}
    return place


def _by_name(text: str, variable: str, template: str) -> Way:
    if variable == "Id":
        text = text.rpartition("/")[2]  # of /hostedzone/Z1
    if variable == "ParameterNameWithoutLeadingSlash":
        text = text.removeprefix("/").partition(":")[0]  # a version or label is no part of it
    if variable in _OF_AWS and _OF_AWS[variable].match(text):
        return {variable: text, "Account": ""}
    if _REVISED.fullmatch(variable) and ":" in text:
        name, _, revision = text.partition(":")
        behind = variables(template)[variables(template).index(variable) + 1 :]
        return {variable: name, **dict.fromkeys(behind, revision)}
    return {variable: text} if text else {}


def _owner(kind: Kind, request: Request) -> Way:
    """The account that the request itself names as that of what is called."""
    member = OWNERS.get(f"{kind.prefix}:{kind.name}") or OWNERS.get(kind.prefix)
    for text in texts(request.parameters, member) if member else ():
        if match := re.match(r"[0-9]{12}(?![^:])", text):
            return {"Account": match.group()}
    return {}


def _agree(one: Way, other: Way) -> bool:
    return all(other.get(name, value) == value for name, value in one.items())


def plain(name: str) -> str:
    """A name without its spelling: lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
