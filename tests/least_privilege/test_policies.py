"""The policy allows every use, and no action that was not used."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.least_privilege.asking import members_asked
from pipeline.least_privilege.conditions import Condition
from pipeline.least_privilege.evaluate import allows, listed, statements_of
from pipeline.least_privilege.formats import as_cloudformation, as_json, as_terraform
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.patterns import Patterns, matches
from pipeline.least_privilege.policy import MANAGED, Policy, compact, policy_of
from pipeline.least_privilege.used import Evidence, Grant
from pipeline.least_privilege.validate import faults
from tests.front.facts import (
    PRODUCTION,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
VIA: Condition = ("ForAnyValue:StringEquals", "aws:CalledVia", "cloudformation.amazonaws.com")

ACTIONS = [
    action
    for prefix in ("s3", "dynamodb", "ec2", "iam", "kms")
    for action in ActionIndex.packaged().actions(prefix)
]


def evidence(reason: str = "") -> Evidence:
    return Evidence(1, NOON, NOON, "e1", {"alice": 1}, {"iam-user": 1}, reason)


def arns_of(action: str) -> st.SearchStrategy[str]:
    """ARNs of a few buckets and folders, or of a region's resources; a part of one may be open."""
    names = st.text("ab*?", min_size=1, max_size=2)
    if action.startswith("s3:"):
        return st.builds("arn:aws:s3:::{}/{}/{}".format, names, names, names)
    service = action.partition(":")[0]
    place = f"arn:aws:{service}:eu-west-1:111122223333"
    return st.builds((place + ":thing/{}").format, names)


GRANTS = st.sampled_from(ACTIONS).flatmap(
    lambda action: st.builds(
        Grant, st.just(action), arns_of(action) | st.just("*"), st.sampled_from([None, VIA])
    )
)


@given(st.lists(GRANTS, min_size=1, max_size=60, unique=True), st.integers(1, 25))
def test_every_use_is_allowed_and_no_other_action(grants: list[Grant], most: int) -> None:
    """However much is collapsed; what is wider than its use is told, and no document too long."""
    policy = policy_of({grant: evidence() for grant in grants}, most_arns=most)
    statements = statements_of(policy.documents)
    assert all(allows(statements, grant) for grant in grants)
    assert {a for s in statements for a in listed(s["Action"])} == {g.action for g in grants}
    told = {(w.action, w.resource) for w in policy.widenings}
    exact = {(grant.action, grant.resource) for grant in grants}
    allowed = {
        (a, r) for s in statements for a in listed(s["Action"]) for r in listed(s["Resource"])
    }
    assert allowed <= told | exact
    assert all(len(compact(document)) <= MANAGED for document in policy.documents)
    assert policy == policy_of({grant: evidence() for grant in reversed(grants)}, most_arns=most)


@pytest.mark.parametrize("other", ["**", "?*"])
def test_two_resources_that_take_in_each_other_do_not_both_go(other: str) -> None:
    grants = [Grant("s3:GetObject", f"arn:aws:s3:::b/{end}") for end in ("*", other)]
    (statement,) = statements_of(policy_of(dict.fromkeys(grants, evidence())).documents)
    assert statement["Resource"] == "arn:aws:s3:::b/*"


SIGNS = st.text("ab/*?:$", max_size=6) | st.sampled_from(["a${*}", "${?}/*", "${*}*", "*${$}b"])


@given(st.lists(SIGNS, max_size=8), SIGNS)
def test_patterns_are_found_by_their_ends(patterns: list[str], text: str) -> None:
    """Looking them up finds exactly those that, tried one by one as the rule says, match."""
    wild = {"*": ".*", "?": "[^*]"}

    def tried(pattern: str) -> bool:
        parts = re.split(r"(\$\{[*?$]\}|\*|\?)", pattern)
        return bool(
            re.fullmatch("".join(wild.get(p, re.escape(p)) for p in parts), text, re.DOTALL)
        )

    assert sorted(Patterns(patterns).taking_in(text)) == sorted(filter(tried, patterns))
    assert [matches(pattern, text) for pattern in patterns] == [tried(p) for p in patterns]


def test_only_what_can_name_a_resource_is_asked_for() -> None:
    """A call that works on no single resource is one shape, whatever ids its requests hold."""
    index = ActionIndex.packaged()

    def asked(source: str, name: str) -> dict[str, object]:
        return members_asked({"event_source": source, "event_name": name}, index)

    reading = asked("ec2.amazonaws.com", "DescribeInstances")
    assert [reading[k] for k in ("paths", "presences", "wants_arns", "wants_ids")] == [
        [],
        [],
        False,
        False,
    ]
    starting = asked("ec2.amazonaws.com", "RunInstances")
    assert (starting["wants_arns"], starting["wants_ids"]) == (True, True)
    put = asked("iam.amazonaws.com", "PutRolePolicy")
    assert put["paths"] == ['$."roleName"']
    assert '$."policyName"' in str(put["arn_paths"])


def test_a_condition_allows_only_under_it() -> None:
    """Called through a service only, and called directly too."""
    through = Grant("s3:GetObject", "arn:aws:s3:::b/k", VIA)
    directly = Grant("s3:GetObject", "arn:aws:s3:::b/k")
    only = statements_of(policy_of({through: evidence()}).documents)
    assert allows(only, through)
    assert not allows(only, directly)
    both = policy_of({through: evidence(), directly: evidence()})
    assert [s.get("Condition") for s in statements_of(both.documents)] == [None]
    assert allows(statements_of(both.documents), through)


def test_many_arns_become_folders_and_that_is_told() -> None:
    """Objects of one folder, then the bucket; a few are left as they are."""
    keys = {Grant("s3:GetObject", f"arn:aws:s3:::b/day/{n}"): evidence() for n in range(5)}
    few = policy_of(keys, most_arns=5)
    assert few.widenings == ()
    assert len(few.documents[0]["Statement"][0]["Resource"]) == 5
    many = policy_of(keys, most_arns=4)
    assert many.documents[0]["Statement"][0]["Resource"] == "arn:aws:s3:::b/day/*"
    assert [(w.action, w.resource) for w in many.widenings] == [
        ("s3:GetObject", "arn:aws:s3:::b/day/*")
    ]
    assert "more than 4" in many.widenings[0].reason


@pytest.mark.parametrize(
    ("action", "spellings"),
    [
        (
            "iam:GetRole",
            ("arn:aws:iam::111122223333:role/{}", "arn:aws:iam::111122223333:role/*/{}"),
        ),
        (
            "logs:DeleteLogGroup",
            (
                "arn:aws:logs:eu-west-1:111122223333:log-group:{}",
                "arn:aws:logs:eu-west-1:111122223333:log-group:{}:*",
            ),
        ),
    ],
)
def test_two_spellings_are_one_resource(action: str, spellings: tuple[str, ...]) -> None:
    """Names whose path is not told do not fill the number of ARNs twice as fast."""
    names = [f"n{n}" for n in range(5)]
    grants = {Grant(action, s.format(name)): evidence() for name in names for s in spellings}
    assert policy_of(grants, most_arns=5).widenings == ()
    assert policy_of(grants, most_arns=4).widenings != ()


def test_a_long_policy_is_several() -> None:
    """Each within IAM's limit, all of them together the whole."""
    grants = {
        Grant(action, f"arn:aws:s3:::bucket-{n}/folder/{action[3:]}"): evidence()
        for n in range(12)
        for action in ACTIONS[:40]
    }
    policy = policy_of(grants)
    assert len(policy.documents) > 1
    statements = statements_of(policy.documents)
    assert all(allows(statements, grant) for grant in grants)
    assert not [fault for d in policy.documents for fault in faults(d) if "characters" in fault]


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ({"Action": "s3:GetThing", "Resource": "*"}, "no such action"),
        ({"Action": "s3:Get*", "Resource": "*"}, "a wildcard among actions"),
        ({"Action": "s3:GetObject", "Resource": "arn:aws:s3:::b"}, "none of the action's"),
        ({"Action": "s3:GetObject", "Resource": "arn:moon:s3:::b/k"}, "none of the action's"),
        ({"Action": [], "Resource": "*"}, "without action"),
        ({"Action": "s3:GetObject", "Resource": "*" * 7000}, "characters, IAM takes 6144"),
    ],
)
def test_a_wrong_policy_is_found(statement: dict[str, object], fault: str) -> None:
    """The validator has a hit for each thing it says; a right one has none."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]}
    assert any(fault in found for found in faults(document))
    good = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/k"}
    assert not list(faults({"Version": "2012-10-17", "Statement": [good]}))


def test_formats_hold_the_same_policy() -> None:
    """JSON, Terraform with its own escapes, CloudFormation."""
    grant = Grant("s3:GetObject", "arn:aws:s3:::b/${aws:username}/*")
    policy = policy_of({grant: evidence()})
    document = json.loads(as_json(policy, "r"))
    assert document["Statement"][0]["Resource"] == grant.resource
    assert "$${aws:username}" in as_terraform(policy, "my-role")
    assert 'resource "aws_iam_policy" "my_role"' in as_terraform(policy, "my-role")
    template = json.loads(as_cloudformation(policy, "my-role"))
    assert template["Resources"]["MyRole"]["Properties"]["PolicyDocument"] == document
    two = Policy((document, document), ())
    assert len(json.loads(as_json(two, "r"))) == 2
    assert list(json.loads(as_cloudformation(two, "r"))["Resources"]) == ["R1", "R2"]
    assert PRODUCTION not in as_json(policy, "r")
