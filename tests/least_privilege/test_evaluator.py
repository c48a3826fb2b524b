"""What a policy allows is the same for our evaluator and for moto's, which others wrote.

Where moto differs from IAM's documentation its input is put so that it reads what IAM reads:
`in_motos_terms` names each such fault. What both agree on is held against AWS's own words too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.iam.access_control import IAMPolicy, PermissionResult

from pipeline.cli.opening import opened
from pipeline.least_privilege.evaluate import allows, conditions_of, statements_of
from pipeline.least_privilege.policy import policy_of
from pipeline.least_privilege.used import Grant, used
from tests.front.terminal import SAMPLES, rolecall

Document = Mapping[str, Any]

ACTIONS = ["s3:GetObject", "s3:GetObjectAcl", "S3:putobject", "sqs:SendMessage", "iam:PassRole"]
RESOURCES = [
    "arn:aws:s3:::data",
    "arn:aws:s3:::data/in/May.csv",
    "arn:aws:s3:::data/in/may.csv",
    "arn:aws:s3:::data/IN/May.csv",
    "arn:aws:s3:::data/in/day/a+b (1)[x]|^.csv",
    "arn:aws:sqs:eu-west-1:111122223333:jobs",
    "arn:aws:logs:eu-west-1:111122223333:log-group:/in/May:log-stream:s",
    "arn:aws:iam::111122223333:role/path/Reader",
    "*",
]


def in_motos_terms(statement: Mapping[str, Any], grant: Grant) -> dict[str, Any] | None:
    """The statement so that moto reads it as IAM does; None where it cannot be about the grant."""
    if statement.get("Condition"):
        # moto denies where the condition of an Allow does not hold; IAM leaves it out.
        if grant.condition not in conditions_of(statement):
            return None
        statement = {key: value for key, value in statement.items() if key != "Condition"}
    said = {"Effect": statement["Effect"]}
    for element in ("Action", "NotAction"):
        if element in statement:
            # moto compares actions with regard to case.
            said[element] = _patterns(statement[element], str.lower)
    if "Resource" in statement:
        said["Resource"] = _patterns(statement["Resource"], str)
    else:
        # moto knows no NotResource: any statement without Resource permits, even a Deny.
        lone = {"Effect": "Allow", "Action": "*", "Resource": _patterns(statement["NotResource"])}
        if _motos({"Statement": lone}, grant) is PermissionResult.PERMITTED:
            return None
        said["Resource"] = "*"
    return said


def _patterns(value: str | list[str], spelt: Callable[[str], str] = str) -> str | list[str]:
    """Moto's patterns are regular expressions in which only `*` is put right.

    A `?` is one sign, and a request for `*` is for all there is: that is none.
    """
    if isinstance(value, list):
        return [str(_patterns(item, spelt)) for item in value]
    signs = {"*": "*", "?": r"[^\x2a]"}
    return "".join(signs.get(sign, re.escape(sign)) for sign in spelt(value))


def _motos(document: Document, grant: Grant) -> PermissionResult:
    policy = IAMPolicy(json.dumps(document))
    return policy.is_action_permitted(grant.action.lower(), grant.resource)


def moto_allows(documents: Iterable[Document], grant: Grant) -> bool:
    """Moto's answer over some policies: one permits, and none denies."""
    results = set()
    for document in documents:
        statement = document["Statement"]
        if isinstance(statement, Mapping):
            said = in_motos_terms(statement, grant)
            if said is not None:
                results.add(_motos({"Statement": said}, grant))
        else:
            several = [in_motos_terms(one, grant) for one in statement]
            results.add(_motos({"Statement": [said for said in several if said]}, grant))
    return PermissionResult.PERMITTED in results and PermissionResult.DENIED not in results


@st.composite
def patterns(draw: st.DrawFn, texts: Sequence[str]) -> str:
    """One of the texts with some of its parts replaced: often it still takes in what it was."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(text)))
        part = text[start:][: draw(st.integers(0, 8) | st.just(len(text)))]
        put = draw(st.sampled_from(["*", "?" * len(part), "**", part.swapcase(), "?", "x", ""]))
        text = text[:start] + put + text[start + len(part) :]
    return text or "*"


def statements() -> st.SearchStrategy[dict[str, Any]]:
    """Allow or Deny, one value bare or several, all but some."""

    def element(name: str, texts: Sequence[str]) -> st.SearchStrategy[dict[str, Any]]:
        one = patterns(texts)
        values = one | st.lists(one, min_size=1, max_size=3)
        names = st.sampled_from([name, name, f"Not{name}"])
        return st.builds(lambda key, value: {key: value}, names, values)

    effects = st.sampled_from(["Allow", "Allow", "Deny"])
    return st.builds(
        lambda effect, action, resource: {"Effect": effect, **action, **resource},
        effects,
        element("Action", ACTIONS),
        element("Resource", RESOURCES),
    )


DOCUMENTS = st.builds(
    lambda statement: {"Version": "2012-10-17", "Statement": statement},
    statements() | st.lists(statements(), min_size=1, max_size=4),
)


@given(st.lists(DOCUMENTS, min_size=1, max_size=2))
def test_two_evaluators_agree(documents: list[Document]) -> None:
    """On every request of a small world, whatever the policies."""
    ours = statements_of(documents)
    for grant in (Grant(action, resource) for action in ACTIONS for resource in RESOURCES):
        assert allows(ours, grant) == moto_allows(documents, grant), grant


ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.mark.parametrize(
    ("statements", "grant", "is_allowed"),
    [
        # IAM user guide, "IAM JSON policy elements: Action": prefix and name without case.
        ([{**ALL, "Action": "S3:getOBJECT"}], ("s3:GetObject", RESOURCES[1]), True),
        ([{**ALL, "Action": "iam:*AccessKey*"}], ("iam:CreateAccessKey", "*"), True),
        ([{**ALL, "Action": "s3:GetObjec?"}], ("s3:GetObject", RESOURCES[1]), True),
        ([{**ALL, "Action": "s3:GetObject?"}], ("s3:GetObject", RESOURCES[1]), False),
        # "… Resource": names with case; `*` takes in `/` and, at a segment's end, `:`.
        ([{**ALL, "Resource": RESOURCES[1]}], ("s3:GetObject", RESOURCES[2]), False),
        ([{**ALL, "Resource": "arn:aws:s3:::data/IN/*"}], ("s3:G", RESOURCES[1]), False),
        ([{**ALL, "Resource": "arn:aws:s3:::data/*/May.csv"}], ("s3:G", RESOURCES[1]), True),
        ([{**ALL, "Resource": "arn:aws:s3:::*/M?y.csv"}], ("s3:G", RESOURCES[1]), True),
        ([{**ALL, "Resource": "arn:aws:s3:::data/*"}], ("s3:G", "arn:aws:s3:::data"), False),
        ([{**ALL, "Resource": "arn:aws:logs:*"}], ("logs:G", RESOURCES[6]), True),
        ([{**ALL, "Resource": "arn:aws:s3:::d.ta"}], ("s3:G", "arn:aws:s3:::data"), False),
        # "… NotAction", "… NotResource": all but these; under Deny too.
        ([{"Effect": "Allow", "NotAction": "IAM:*", "Resource": "*"}], ("iam:GetRole", "*"), False),
        ([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}], ("s3:G", "*"), True),
        (
            [ALL, {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::data/*"}],
            ("s3:GetObject", RESOURCES[1]),
            True,
        ),
        (
            [ALL, {"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::data/*"}],
            ("s3:GetObject", "arn:aws:s3:::other/k"),
            False,
        ),
        # "Policy evaluation logic": nothing said is no, and an explicit deny wins, wherever it is.
        ([], ("s3:GetObject", "*"), False),
        ([{**ALL, "Effect": "Deny"}, ALL], ("s3:GetObject", "*"), False),
        ([ALL, {**ALL, "Effect": "Deny", "Action": "s3:GET*"}], ("s3:GetObject", "*"), False),
    ],
)
def test_both_say_what_aws_documents(
    statements: list[dict[str, Any]], grant: tuple[str, str], is_allowed: bool
) -> None:
    """Two evaluators may be wrong together; these are cases that the IAM user guide decides."""
    asked = Grant(*grant)
    assert allows(statements, asked) is is_allowed
    assert moto_allows([{"Statement": statements}], asked) is is_allowed


def test_all_keys_of_a_condition_must_hold_and_one_value_of_each() -> None:
    """Of a Deny nobody knows that it does not hold (IAM user guide, "Conditions with multiple
    context keys or values"); a use is known under one key only.
    """
    service = ("StringEquals", "iam:PassedToService", "ec2.amazonaws.com")
    asked, bare = Grant("iam:PassRole", RESOURCES[7], service), Grant("iam:PassRole", RESOURCES[7])
    either = {"iam:PassedToService": ["ecs.amazonaws.com", "ec2.amazonaws.com"]}

    def under(*others: dict[str, Any], **condition: dict[str, Any]) -> tuple[bool, bool]:
        statements = [*others, {**ALL, "Condition": condition}]
        return allows(statements, asked), allows(statements, bare)

    assert under(StringEquals=either) == (True, False)
    assert under(StringEquals={**either, "aws:RequestedRegion": "eu-west-1"}) == (False, False)
    assert under(StringEquals=either, Bool={"aws:MultiFactorAuthPresent": "true"}) == (False, False)
    assert under(StringNotEquals=either) == (False, False)
    assert under(ALL, Bool={"aws:MultiFactorAuthPresent": "true"}) == (True, True)
    denied = {**ALL, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert under(ALL, denied, StringEquals=either) == (False, False)


def test_every_use_of_the_samples_is_allowed_by_both(tmp_path: Path) -> None:
    """The policy of each role takes in what was used under it, and both agree on all the rest."""
    rolecall("ingest", SAMPLES, "--lake", tmp_path, "--workers", "1")
    with opened(str(tmp_path)) as warehouse:
        uses = [use for use in used(warehouse) if use.used]
    everything = sorted({grant for use in uses for grant in use.used}, key=repr)
    assert len(uses) > 5
    assert len(everything) > 50
    for use in uses:
        documents = policy_of(use.used).documents
        ours = statements_of(documents)
        for grant in everything:
            is_allowed = allows(ours, grant)
            assert is_allowed == moto_allows(documents, grant), (use.subject, grant)
            assert is_allowed or grant not in use.used
            assert not is_allowed or grant.action in use.actions
