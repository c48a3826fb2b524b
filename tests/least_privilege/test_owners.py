"""Whose a called resource is, where the caller's account recorded the call."""

from __future__ import annotations

import json

import pytest

from pipeline.least_privilege.policy import policy_of
from pipeline.least_privilege.resources import OWNER_UNKNOWN
from pipeline.least_privilege.used import UsedFilter, used
from pipeline.least_privilege.validate import faults
from tests.front.facts import ANALYST, PRODUCTION, SECURITY, alice, warehouse_of

OWN, OTHER, THIRD = SECURITY, PRODUCTION, "999999999999"


def grants(call: str, parameters: dict[str, object], **changes: object) -> dict[str, str]:
    """Resource → reason of one call that the caller's own account recorded."""
    caller = {"user_type": "AssumedRole", "user_account_id": OWN, "recipient_account_id": OWN}
    row = {**caller, "request_parameters": json.dumps(parameters), **changes}
    (use,) = used(warehouse_of(alice("09:00:00", call, ANALYST, **row)))
    policy = policy_of(use.used)
    assert not [fault for document in policy.documents for fault in faults(document)]
    assert {(w.resource, w.reason) for w in policy.widenings} == {
        (grant.resource, seen.reason) for grant, seen in use.used.items() if seen.reason
    }
    return {grant.resource: seen.reason for grant, seen in use.used.items()}


def table(account: str) -> str:
    return f"arn:aws:dynamodb:eu-west-1:{account}:table/t"


def record(*accounts: str, **more: str) -> str:
    """The `resources` of a record: one bucket of each account, whose ARN tells no account."""
    return json.dumps([{"ARN": "arn:aws:s3:::b", "accountId": a, **more} for a in accounts])


@pytest.mark.parametrize(
    ("changes", "account"),
    [
        ({}, OWN),
        ({"resources": record(OWN)}, OWN),
        ({"resources": record(OTHER)}, OTHER),
        ({"resources": record(OTHER), "shared_event_id": "s"}, OTHER),
        ({"resources": record(THIRD, ARN=f"arn:aws:sns:r:{OTHER}:x")}, OTHER),
        ({"resources": record("AWS Internal")}, OWN),
        ({"resources": record(OTHER, THIRD)}, OWN),
        ({"resources": '{"accountId": "no list"}'}, OWN),
        ({"user_account_id": OTHER, "shared_event_id": "s"}, OWN),
        ({"user_type": "AWSAccount", "shared_event_id": "s"}, OWN),
    ],
)
def test_the_owner_is_certain(changes: dict[str, object], account: str) -> None:
    """Named by the record; or nothing says that another account has a copy; or this is its copy."""
    found = grants("dynamodb:DescribeTable", {"tableName": "t"}, **changes)
    assert found == {table(account): ""}


@pytest.mark.parametrize("resources", [None, "[]", record("AWS Internal"), record(OTHER, THIRD)])
def test_of_the_callers_copy_alone_the_owner_is_open(resources: str | None) -> None:
    """Another account recorded the call too: no account is made up, and that is told."""
    changes = {"shared_event_id": "s", "resources": resources}
    found = grants("dynamodb:DescribeTable", {"tableName": "t"}, **changes)
    assert found == {table("*"): OWNER_UNKNOWN}


def test_an_arn_of_the_record_is_the_resource() -> None:
    """Read from the lake as the record has it: the key behind an alias, each key of several."""
    keys = [f"arn:aws:kms:eu-west-1:{account}:key/k" for account in (OWN, OTHER)]
    listed = [{"ARN": key, "accountId": key.split(":")[4]} for key in keys]
    one = grants("kms:Decrypt", {"keyId": "alias/x"}, resources=json.dumps(listed[:1]))
    assert one == {keys[0]: ""}
    assert grants("kms:Decrypt", {}, resources=json.dumps(listed)) == dict.fromkeys(keys, "")
    nameless = json.dumps([*listed[:1], {"accountId": OWN}])
    assert grants("kms:Decrypt", {}, resources=nameless) == {keys[0]: ""}


def test_a_record_without_recipient_names_nobody() -> None:
    """Its resources may; else the account is open, and that is told."""
    changes: dict[str, object] = {"recipient_account_id": None, "user_account_id": None}
    found = grants("dynamodb:DescribeTable", {"tableName": "t"}, **changes)
    assert found == {table("*"): OWNER_UNKNOWN}
    named = grants("dynamodb:DescribeTable", {"tableName": "t"}, **changes, resources=record(OTHER))
    assert named == {table(OTHER): ""}


def test_every_way_of_naming_leaves_the_account_open() -> None:
    """A key by its id, an unnamed key, what is created; what has no account in its ARN is exact."""
    shared = {"shared_event_id": "s"}
    key = grants("kms:Decrypt", {"keyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}, **shared)
    assert key == {
        "arn:aws:kms:eu-west-1:*:key/1234abcd-12ab-34cd-56ef-1234567890ab": OWNER_UNKNOWN
    }
    alias = grants("kms:Decrypt", {"keyId": "alias/x"}, **shared)
    assert alias == {
        "arn:aws:kms:eu-west-1:*:key/*": f"the record does not name the key; {OWNER_UNKNOWN}"
    }
    assert grants("s3:GetBucketPolicy", {"bucketName": "b"}, **shared) == {"arn:aws:s3:::b": ""}
    arn = table(OTHER)
    assert grants("dynamodb:DescribeTable", {"tableName": arn}, **shared) == {arn: ""}
    entry = grants("s3:GetObject", {"bucketName": "b", "key": "k"}, **shared)
    assert entry == {"arn:aws:s3:::b/k": ""}


@pytest.mark.parametrize(
    ("call", "parameters", "resource"),
    [
        (
            "ecr:BatchGetImage",
            {"registryId": OTHER, "repositoryName": "r"},
            f"arn:aws:ecr:eu-west-1:{OTHER}:repository/r",
        ),
        (
            "sqs:GetQueueUrl",
            {"queueOwnerAWSAccountId": OTHER, "queueName": "q"},
            f"arn:aws:sqs:eu-west-1:{OTHER}:q",
        ),
        (
            "redshift:RestoreFromClusterSnapshot",
            {
                "ownerAccount": OTHER,
                "clusterIdentifier": "new",
                "snapshotClusterIdentifier": "c",
                "snapshotIdentifier": "s",
            },
            f"arn:aws:redshift:eu-west-1:{OTHER}:snapshot:c/s",
        ),
        (
            "lambda:GetFunction20150331v2",
            {"functionName": "f", "qualifier": "1"},
            f"arn:aws:lambda:eu-west-1:{OWN}:function:f:1",
        ),
    ],
)
@pytest.mark.parametrize("shared", [{}, {"shared_event_id": "s"}])
def test_the_request_names_the_owner(
    call: str, parameters: dict[str, object], resource: str, shared: dict[str, object]
) -> None:
    """The lake is asked for that member too; only what it does not tell is open."""
    found = grants(call, parameters, **shared)
    if shared and OTHER not in resource:
        resource = resource.replace(OWN, "*")
    assert found[resource] == (OWNER_UNKNOWN if "*" in resource else "")


SHARED: dict[str, object] = {"shared_event_id": "s", "request_parameters": '{"tableName": "t"}'}
CALLERS = {"user_type": "AssumedRole", "user_account_id": OWN, "recipient_account_id": OWN}
OWNERS = {"user_type": "AWSAccount", "user_account_id": OWN, "recipient_account_id": OTHER}
NOT_RESOLVED = {"evidence": "none", "session_id": None, "actor_name": None, "actor_display": None}


@pytest.mark.parametrize(
    "wanted",
    [
        UsedFilter(),
        UsedFilter(account=OWN),
        UsedFilter(account=OTHER),
        UsedFilter(session="AS"),
        UsedFilter(actor="alice"),
        UsedFilter(least_evidence="matched"),
        UsedFilter(subject=ANALYST),
    ],
)
@pytest.mark.parametrize("known", [{}, NOT_RESOLVED, {"chain": None, "user_arn": None}])
def test_whichever_copy_is_asked_for_the_call_is_there(
    wanted: UsedFilter, known: dict[str, object]
) -> None:
    """Once, by whom the caller's copy says, on what the owner's copy says."""
    warehouse = warehouse_of(
        alice("09:00:00", "dynamodb:DescribeTable", ANALYST, session_id="AS", **CALLERS, **SHARED),
        alice("09:00:00", "dynamodb:DescribeTable", ANALYST, event_id="o", **OWNERS, **SHARED)
        | known,
    )
    (use,) = used(warehouse, wanted)
    ((grant, seen),) = use.used.items()
    assert (grant.resource, seen.events, seen.actors) == (table(OTHER), 1, {"alice": 1})


def test_a_call_that_two_owners_recorded_is_on_both() -> None:
    """Of an account that is asked for, only its own."""
    third = {**OWNERS, "recipient_account_id": THIRD, "event_id": "third"}
    warehouse = warehouse_of(
        alice("09:00:00", "dynamodb:DescribeTable", ANALYST, **CALLERS, **SHARED),
        alice("09:00:00", "dynamodb:DescribeTable", ANALYST, event_id="o", **OWNERS, **SHARED),
        alice("09:00:00", "dynamodb:DescribeTable", ANALYST, **third, **SHARED),
    )
    (use,) = used(warehouse)
    assert {grant.resource for grant in use.used} == {table(OTHER), table(THIRD)}
    (one,) = used(warehouse, UsedFilter(account=THIRD))
    assert {grant.resource for grant in one.used} == {table(THIRD)}


def test_a_call_of_which_only_the_owner_has_a_copy_is_there() -> None:
    """And one whose caller's copy tells nobody is known by the owner's."""
    owners = alice("09:00:00", "dynamodb:DescribeTable", ANALYST, event_id="o", **OWNERS, **SHARED)
    nobody = alice("09:00:00", "dynamodb:DescribeTable", ANALYST, **CALLERS, **SHARED) | {
        "chain": None,
        "actor_arn": None,
        "user_arn": None,
    }
    for events in ([owners], [owners, nobody]):
        (use,) = used(warehouse_of(*events))
        assert {grant.resource for grant in use.used} == {table(OTHER)}
