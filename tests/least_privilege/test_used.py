"""What was used under each hat, read from the events of a lake."""

from __future__ import annotations

import json

import pytest

from pipeline.least_privilege.conditions import Condition
from pipeline.least_privilege.policy import policy_of
from pipeline.least_privilege.used import UsedFilter, used
from tests.front.facts import (
    ANALYST,
    BREAK_GLASS,
    PRODUCTION,
    REPORTING,
    TRUST,
    Row,
    alice,
    warehouse_of,
)

VIA: Condition = ("ForAnyValue:StringEquals", "aws:CalledVia", "cloudformation.amazonaws.com")


def test_a_role_is_read_from_its_events() -> None:
    """Used, denied, unmapped and free, each where it belongs; the request decides."""
    role = {"request_parameters": json.dumps({"bucketName": "b", "key": "k", "versionId": "1"})}
    warehouse = warehouse_of(
        alice("09:00:00", "s3:GetObject", ANALYST, REPORTING, **role),
        alice("09:01:00", "s3:GetObject", ANALYST, REPORTING, **role),
        alice("09:02:00", "sts:GetCallerIdentity", ANALYST, REPORTING),
        alice("09:03:00", "s3:InventThing", ANALYST, REPORTING),
        alice("09:04:00", "iam:CreateUser", ANALYST, REPORTING, error_code="AccessDenied"),
        alice("09:05:00", "ec2:DescribeInstances", ANALYST),
    )
    uses = {use.subject: use for use in used(warehouse)}
    assert set(uses) == {ANALYST, REPORTING}
    use = uses[REPORTING]
    assert use.actions == {"s3:GetObjectVersion"}
    ((grant, seen),) = use.used.items()
    assert (grant.resource, seen.events, seen.actors) == ("arn:aws:s3:::b/k", 2, {"alice": 2})
    assert {g.action for g in use.denied} == {"iam:CreateUser"}
    assert (list(use.unmapped), use.free, use.events) == (["s3:InventThing"], 1, 5)


def test_two_users_who_name_nobody_mean_each_himself() -> None:
    """The same request, worked out once for each of them; under a role it is nobody's own."""
    ann, ben = (f"arn:aws:iam::{TRUST}:user/{name}" for name in ("team/ann", "ben"))
    warehouse = warehouse_of(
        alice("09:00:00", "iam:CreateAccessKey", user_arn=ann, actor_arn=ann),
        alice("09:01:00", "iam:CreateAccessKey", user_arn=ben, actor_arn=ben),
        alice("09:02:00", "iam:CreateAccessKey", ANALYST),
    )
    found = {use.subject: [grant.resource for grant in use.used] for use in used(warehouse)}
    account = ANALYST.split(":")[4]
    assert found == {ann: [ann], ben: [ben], ANALYST: [f"arn:aws:iam::{account}:user/*"]}


@pytest.mark.parametrize("order", [("e1", "e2", "e3"), ("e3", "e2", "e1"), ("e2", "e3", "e1")])
def test_of_one_moment_the_first_event_is_always_the_same(order: tuple[str, ...]) -> None:
    """Whatever the order in which a lake gives its rows, the least event id stands for them."""
    warehouse = warehouse_of(
        *(alice("09:00:00", "ec2:DescribeInstances", ANALYST, event_id=event) for event in order)
    )
    (use,) = used(warehouse)
    assert [(seen.event_id, seen.events) for seen in use.used.values()] == [("e1", 3)]


def test_a_shared_call_counts_once_and_a_filter_narrows() -> None:
    """Two accounts' copies of one call are one use; of another person's nothing is left."""
    copies = [
        alice("09:00:00", "kms:Encrypt", REPORTING, event_id=f"e{n}", shared_event_id="s1")
        for n in (1, 2)
    ]
    warehouse = warehouse_of(*copies)
    (use,) = used(warehouse)
    assert use.events == 1
    assert used(warehouse, UsedFilter(actor="bob")) == []
    assert used(warehouse, UsedFilter(subject="reporting*", actor="alice"))[0].events == 1
    assert used(warehouse, UsedFilter(least_evidence="direct")) == []


def test_a_service_on_behalf_keeps_the_need_under_a_condition() -> None:
    """Forward access: KMS by the service and region, others by the service."""
    warehouse = warehouse_of(
        alice("09:00:00", "kms:Decrypt", BREAK_GLASS, user_invoked_by="s3.amazonaws.com"),
        alice("09:01:00", "s3:CreateBucket", BREAK_GLASS, user_invoked_by=VIA[2]),
        alice("09:02:00", "iam:ListRoles", BREAK_GLASS, user_invoked_by="AWS Internal"),
        alice(
            "09:03:00", "ec2:RunInstances", BREAK_GLASS, user_invoked_by="autoscaling.amazonaws.com"
        ),
    )
    (use,) = used(warehouse)
    assert {g.action: g.condition for g in use.used} == {
        "kms:Decrypt": ("StringEquals", "kms:ViaService", "s3.eu-west-1.amazonaws.com"),
        "s3:CreateBucket": VIA,
        "iam:ListRoles": None,
        "ec2:RunInstances": None,  # autoscaling sets no aws:CalledVia: it would never hold
    }


def test_many_keys_are_folders_already_in_the_shapes() -> None:
    """A role that reads thousands of objects is a few rows, and the folder is told as wider."""
    events = [
        alice(
            f"09:00:{n:02}",
            "s3:GetObject",
            REPORTING,
            event_id=f"e{n}",
            request_parameters=json.dumps({"bucketName": "b", "key": f"in/{n}.csv"}),
        )
        for n in range(30)
    ]
    (use,) = used(warehouse_of(*events))
    assert {g.resource for g in use.used} == {"arn:aws:s3:::b/in/*"}
    assert policy_of(use.used).widenings[0].reason == "many keys in this folder"
    (exact,) = used(warehouse_of(*events), most_keys=30)
    assert len(exact.used) == 30


def test_the_owners_copy_of_a_call_counts() -> None:
    """Of two copies of one call the resource is that of the account that owns it."""
    parameters = json.dumps({"tableName": "t"})
    shared = {"shared_event_id": "s1", "request_parameters": parameters}
    warehouse = warehouse_of(
        alice("09:00:00", "dynamodb:DescribeTable", ANALYST, event_id="caller", **shared),
        alice(
            "09:00:00",
            "dynamodb:DescribeTable",
            ANALYST,
            event_id="owner",
            user_type="AWSAccount",
            recipient_account_id=PRODUCTION,
            **shared,
        ),
    )
    (use,) = used(warehouse)
    ((grant, seen),) = use.used.items()
    assert grant.resource == f"arn:aws:dynamodb:eu-west-1:{PRODUCTION}:table/t"
    assert (seen.events, use.events) == (1, 1)


@pytest.mark.parametrize(
    ("code", "is_used"),
    [
        ("ExpiredTokenException", False),
        ("InvalidClientTokenId", False),
        ("AllAccessDisabled", False),
        ("Client.OptInRequired", False),
        ("Client.UnauthorizedOperation", False),
        ("InvalidSignatureException", False),
        ("SignatureDoesNotMatch", False),
        ("NoSuchEntityException", True),
        ("KMSInvalidSignatureException", True),
        ("InvalidCodeSignatureException", True),
        ("Client.DryRunOperation", True),
        ("AuthorizationErrorException", False),
        ("InvalidAccessKeyId", False),
        ("Client.RequestExpired", False),
        ("AuthorizationNotFound", True),
        ("InvalidNextTokenException", True),
        ("KMSAccessDeniedException", True),
        ("EC2AccessDeniedException", True),
        ("AccessDeniedForDependencyException", True),
        ("InvalidClientTokenException", True),
    ],
)
def test_what_was_refused_at_the_door_is_not_used(code: str, is_used: bool) -> None:
    """Without valid credentials or permission nothing was used; other failures passed the check."""
    (use,) = used(warehouse_of(alice("09:00:00", "ec2:StopInstances", REPORTING, error_code=code)))
    assert bool(use.used) is is_used
    assert bool(use.denied) is not is_used


@pytest.mark.parametrize(
    ("call", "code", "is_used"),
    [
        ("cognito-idp:AdminInitiateAuth", "NotAuthorizedException", True),
        ("cognito-idp:AdminInitiateAuth", "AccessDeniedException", False),
        ("kinesisvideo:GetDataEndpoint", "NotAuthorizedException", False),
        ("kms:Decrypt", "AccessDeniedException", False),
        ("metering-marketplace:ResolveCustomer", "ExpiredTokenException", True),
        ("ec2:StopInstances", "ExpiredTokenException", False),
    ],
)
def test_what_a_service_refuses_its_own_users_passed_the_check(
    call: str, code: str, is_used: bool
) -> None:
    """A wrong password of a user pool's user is no refusal of IAM's; the same code may be one."""
    (use,) = used(warehouse_of(alice("09:00:00", call, REPORTING, error_code=code)))
    assert bool(use.used) is is_used
    assert bool(use.denied) is not is_used


def test_what_is_in_a_member_of_the_request_decides_too() -> None:
    """The lake is asked for the structure of such members, so that values make no more shapes."""

    def transaction(time: str, *items: str, table: str) -> Row:
        request = {"transactItems": [{item: {"tableName": table}} for item in items]}
        name = "dynamodb:TransactWriteItems"
        return alice(time, name, REPORTING, request_parameters=json.dumps(request))

    (use,) = used(
        warehouse_of(
            transaction("09:00:00", "put", "delete", table="t"),
            transaction("09:00:01", "put", table="u"),
        )
    )
    assert use.actions == {"dynamodb:PutItem", "dynamodb:DeleteItem"}
    tagged = {"CreateFlowLogsRequest": {"TagSpecification": {"ResourceType": "vpc-flow-log"}}}
    without = {"CreateFlowLogsRequest": {"ResourceType": "VPC"}, "tagSpecificationSet": None}
    uses = [
        used(
            warehouse_of(
                alice("09:00:00", "ec2:CreateFlowLogs", REPORTING, request_parameters=parameters)
            )
        )[0].actions
        for parameters in map(json.dumps, (tagged, without))
    ]
    assert uses == [{"ec2:CreateFlowLogs", "ec2:CreateTags"}, {"ec2:CreateFlowLogs"}]
