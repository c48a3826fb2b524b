"""On what an action was used: ARNs of the record, of the request, or of the type's template."""

from __future__ import annotations

import pytest

from pipeline.least_privilege import Call, actions_of
from pipeline.least_privilege.naming import Place, Request
from pipeline.least_privilege.patterns import matches
from pipeline.least_privilege.resources import NO_TYPE, resources_of
from pipeline.least_privilege.templates import filled, fits

HERE = Place("aws", "eu-west-1", "111122223333")


def arns(
    source: str,
    name: str,
    parameters: dict[str, object],
    record: tuple[str, ...] = (),
    ids: tuple[str, ...] = (),
    *,
    place: Place = HERE,
) -> dict[str, list[str]]:
    """Action → its ARNs."""
    request = Request(place, parameters, record, ids)
    return {
        need.action: [resource.arn for resource in resources_of(need, request)]
        for need in actions_of(Call(source, name, parameters)).needed
    }


@pytest.mark.parametrize(
    ("source", "name", "parameters", "expected"),
    [
        ("s3", "PutObject", {"bucketName": "b", "key": "a/c.txt"}, ["arn:aws:s3:::b/a/c.txt"]),
        ("s3", "ListObjects", {"bucketName": "b", "prefix": "x"}, ["arn:aws:s3:::b"]),
        (
            "sqs",
            "SendMessage",
            {"queueUrl": "https://sqs.eu-west-1.amazonaws.com/111122223333/q1"},
            ["arn:aws:sqs:eu-west-1:111122223333:q1"],
        ),
        (
            "lambda",
            "GetFunction20150331v2",
            {"functionName": "111122223333:function:f:PROD"},
            [
                "arn:aws:lambda:eu-west-1:111122223333:function:f",
                "arn:aws:lambda:eu-west-1:111122223333:function:f:PROD",
            ],
        ),
        (
            "iam",
            "GetUser",
            {"userName": "u"},
            ["arn:aws:iam::111122223333:user/*/u", "arn:aws:iam::111122223333:user/u"],
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            {"secretId": "prod/db"},
            ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-??????"],
        ),
        (
            "secretsmanager",
            "GetSecretValue",
            {"secretId": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf"},
            ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf"],
        ),
        (
            "dynamodb",
            "Query",
            {"tableName": "T", "indexName": "I"},
            [
                "arn:aws:dynamodb:eu-west-1:111122223333:table/T",
                "arn:aws:dynamodb:eu-west-1:111122223333:table/T/index/I",
            ],
        ),
        (
            "ssm",
            "GetParameters",
            {"names": ["/a/b", "c"]},
            [
                "arn:aws:ssm:eu-west-1:111122223333:parameter/a/b",
                "arn:aws:ssm:eu-west-1:111122223333:parameter/c",
            ],
        ),
        (
            "states",
            "StartExecution",
            {
                "stateMachineArn": "arn:aws:states:eu-west-1:111122223333:stateMachine:m",
                "name": "x",
            },
            ["arn:aws:states:eu-west-1:111122223333:stateMachine:m"],
        ),
        (
            "logs",
            "DescribeLogStreams",
            {"logGroupName": "/a"},
            [
                "arn:aws:logs:eu-west-1:111122223333:log-group:/a",
                "arn:aws:logs:eu-west-1:111122223333:log-group:/a:*",
            ],
        ),
        (
            "apigateway",
            "GetStage",
            {"restApiId": "r1", "stageName": "prod"},
            ["arn:aws:apigateway:eu-west-1::/restapis/r1/stages/prod"],
        ),
        (
            "route53",
            "ChangeResourceRecordSets",
            {"hostedZoneId": "/hostedzone/Z1"},
            ["arn:aws:route53:::hostedzone/Z1"],
        ),
        ("ec2", "DescribeInstances", {}, ["*"]),
        ("kms", "Decrypt", {"keyId": "alias/x"}, ["arn:aws:kms:eu-west-1:111122223333:key/*"]),
    ],
)
def test_the_request_names_the_resource(
    source: str, name: str, parameters: dict[str, object], expected: list[str]
) -> None:
    """By its own way of naming it; what it does not name is a wildcard of the right type."""
    assert next(iter(arns(source, name, parameters).values())) == expected


def test_arns_of_the_record_count_only_for_their_type() -> None:
    """A record of an object names its bucket too: that is not what GetObject works on."""
    record = ("arn:aws:s3:::b", "arn:aws:s3:::b/k")
    found = arns("s3", "GetObject", {"bucketName": "b", "key": "k"}, record)
    assert found == {"s3:GetObject": ["arn:aws:s3:::b/k"]}
    key = "arn:aws:kms:eu-west-1:111122223333:key/k1"
    assert arns("kms", "Decrypt", {}, (key,)) == {"kms:Decrypt": [key]}
    other = "arn:aws:iam::222233334444:role/x"
    assert arns("sts", "AssumeRole", {"roleArn": other}) == {"sts:AssumeRole": [other]}


def test_a_copy_reads_its_source() -> None:
    """CopyObject: PutObject on the destination, GetObject on the decoded source."""
    parameters: dict[str, object] = {
        "bucketName": "to",
        "key": "k",
        "x-amz-copy-source": "/from/a%20b",
    }
    assert arns("s3", "CopyObject", parameters) == {
        "s3:PutObject": ["arn:aws:s3:::to/k"],
        "s3:GetObject": ["arn:aws:s3:::from/a b"],
    }


def test_ids_of_ec2_say_what_they_are() -> None:
    """Wherever they stand; what the call makes has no id yet."""
    ids = ("ami-01234567", "sg-01234567", "subnet-01234567")
    found = arns("ec2", "RunInstances", {"instanceType": "t3.micro"}, (), ids)["ec2:RunInstances"]
    assert found == [
        "arn:aws:ec2:eu-west-1:111122223333:instance/*",
        "arn:aws:ec2:eu-west-1:111122223333:network-interface/*",
        "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-01234567",
        "arn:aws:ec2:eu-west-1:111122223333:subnet/subnet-01234567",
        "arn:aws:ec2:eu-west-1:111122223333:volume/*",
        "arn:aws:ec2:eu-west-1::image/ami-01234567",
    ]


def test_a_user_who_names_nobody_means_himself() -> None:
    """A key made for oneself is no permission to make one for others; a role has no such self."""
    alice = "arn:aws:iam::111122223333:user/team/alice"
    own = Place("aws", "us-east-1", "111122223333", alice)
    assert arns("iam", "CreateAccessKey", {}, place=own) == {"iam:CreateAccessKey": [alice]}
    assert arns("iam", "ChangePassword", {}, place=own) == {"iam:ChangePassword": [alice]}
    assert alice not in arns("iam", "GetUser", {"userName": "bob"}, place=own)["iam:GetUser"]
    assert arns("iam", "DeleteUser", {}, place=own) == {
        "iam:DeleteUser": ["arn:aws:iam::111122223333:user/*"]
    }
    assert arns("iam", "CreateAccessKey", {}) == {
        "iam:CreateAccessKey": ["arn:aws:iam::111122223333:user/*"]
    }


def test_a_service_linked_role_is_one_of_the_service_that_is_named() -> None:
    """Not any role: the name is AWS's, below the service's own path."""
    asked: dict[str, object] = {"aWSServiceName": "autoscaling.amazonaws.com"}
    assert arns("iam", "CreateServiceLinkedRole", asked) == {
        "iam:CreateServiceLinkedRole": [
            "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/*"
        ]
    }
    assert arns("iam", "CreateServiceLinkedRole", {}) == {
        "iam:CreateServiceLinkedRole": ["arn:aws:iam::111122223333:role/*"]
    }


def test_a_wildcard_has_a_reason() -> None:
    """One that IAM asks for is told from one that the record leaves us with."""
    needs = actions_of(Call("ec2", "DescribeInstances", {})).needed
    assert resources_of(needs[0], Request(HERE, {}))[0].reason == NO_TYPE
    needs = actions_of(Call("rds", "DescribeDBInstances", {})).needed
    assert resources_of(needs[0], Request(HERE, {}))[0].reason not in ("", NO_TYPE)


def test_the_place_is_that_of_the_record() -> None:
    """Partition, region and the account of the called service."""
    china = Place("aws-cn", "cn-north-1", "444455556666")
    found = arns("dynamodb", "GetItem", {"tableName": "T"}, place=china)
    assert found == {"dynamodb:GetItem": ["arn:aws-cn:dynamodb:cn-north-1:444455556666:table/T"]}


def test_templates_fit_and_are_filled() -> None:
    """A bucket is no object, and an open variable is a wildcard."""
    bucket = "arn:${Partition}:s3:::${BucketName}"
    item = "arn:${Partition}:s3:::${BucketName}/${ObjectName}"
    assert fits("arn:aws:s3:::b", bucket)
    assert not fits("arn:aws:s3:::b/k", bucket)
    assert fits("arn:aws:s3:::b/k/l", item)
    assert not fits("arn:aws:s3:::b", item)
    assert filled(item, {"Partition": "aws", "BucketName": "b"}) == "arn:aws:s3:::b/*"


@pytest.mark.parametrize(
    ("source", "name", "parameters", "action", "arn"),
    [
        ("s3", "GetObject", {"bucketName": "b", "key": "*"}, "s3:GetObject", "arn:aws:s3:::b/${*}"),
        (
            "s3",
            "CopyObject",
            {"bucketName": "b", "key": "k", "x-amz-copy-source": "src/%2A"},
            "s3:GetObject",
            "arn:aws:s3:::src/${*}",
        ),
        (
            "s3",
            "PutObject",
            {"bucketName": "b", "key": "home/${aws:username}/?"},
            "s3:PutObject",
            "arn:aws:s3:::b/home/${$}{aws:username}/${?}",
        ),
        (
            "dynamodb",
            "DescribeTable",
            {"tableName": "*"},
            "dynamodb:DescribeTable",
            "arn:aws:dynamodb:eu-west-1:111122223333:table/${*}",
        ),
        (
            "lambda",
            "CreateFunction20150331",
            {"role": "arn:aws:iam::111122223333:role/*", "functionName": "f"},
            "iam:PassRole",
            "arn:aws:iam::111122223333:role/${*}",
        ),
    ],
)
def test_a_caller_cannot_write_wildcards(
    source: str, name: str, parameters: dict[str, object], action: str, arn: str
) -> None:
    """Whoever makes a call chooses keys and names, and not the policy that comes of it."""
    found = arns(source, name, parameters)[action]
    assert arn in found
    assert "${*}" not in arn or not matches(arn, arn.replace("${*}", "anything"))
    assert matches(arn, arn)


@pytest.mark.parametrize(
    ("source", "name", "parameters", "tagging", "expected"),
    [
        (
            "ec2",
            "CreateSubnet",
            {
                "vpcId": "vpc-0aaaaaaaaaaaaaaaa",
                "tagSpecificationSet": {"items": [{"resourceType": "subnet", "tags": []}]},
            },
            "ec2:CreateTags",
            ["arn:aws:ec2:eu-west-1:111122223333:subnet/*"],
        ),
        (
            "ec2",
            "CreateFlowLogs",
            {"CreateFlowLogsRequest": {"TagSpecification": {"ResourceType": "vpc-flow-log"}}},
            "ec2:CreateTags",
            ["arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/*"],
        ),
        (
            "ssm",
            "PutParameter",
            {"name": "/app/key", "tags": [{"key": "a"}]},
            "ssm:AddTagsToResource",
            ["arn:aws:ssm:eu-west-1:111122223333:parameter/app/key"],
        ),
        (
            "rds",
            "CreateDBInstance",
            {"dBInstanceIdentifier": "d", "tags": [{"key": "a"}]},
            "rds:AddTagsToResource",
            ["arn:aws:rds:eu-west-1:111122223333:db:d"],
        ),
        (
            "kms",
            "CreateKey",
            {"tags": [{"tagKey": "a"}]},
            "kms:TagResource",
            ["arn:aws:kms:eu-west-1:111122223333:key/*"],
        ),
        (
            "elasticloadbalancing",
            "CreateRule",
            {
                "listenerArn": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/l",
                "tags": [{"key": "a"}],
            },
            "elasticloadbalancing:AddTags",
            ["*"],
        ),
    ],
)
def test_tags_are_set_on_what_is_created(
    source: str, name: str, parameters: dict[str, object], tagging: str, expected: list[str]
) -> None:
    """By name, by type where AWS gives the id, never on what the request only refers to."""
    assert arns(source, name, parameters, ids=("vpc-0aaaaaaaaaaaaaaaa",))[tagging] == expected


def test_a_wildcard_for_the_id_of_what_is_created_is_told() -> None:
    """It is a widening, with its reason."""
    call = Call("kms", "CreateKey", {"tags": [{"tagKey": "a"}]})
    (need,) = (n for n in actions_of(call).needed if n.action == "kms:TagResource")
    (resource,) = resources_of(need, Request(HERE, call.parameters or {}))
    assert resource.reason == "what the call creates gets its id from AWS"


def test_tags_of_api_gateway_are_on_an_encoded_path() -> None:
    """As API Gateway itself writes the resource of a refused call."""
    tagged: dict[str, object] = {"resourceArn": "arn:aws:apigateway:eu-west-1::/restapis/a1"}
    assert arns("apigateway", "TagResource", tagged) == {
        "apigateway:PUT": [
            "arn:aws:apigateway:eu-west-1::/tags/"
            "arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2Fa1"
        ]
    }


def test_starting_an_instance_needs_its_volumes_too() -> None:
    """IAM's list calls them optional; an instance that starts from EBS is refused without."""
    found = arns("ec2", "RunInstances", {}, ids=("ami-0a", "subnet-0b"))["ec2:RunInstances"]
    assert "arn:aws:ec2:eu-west-1:111122223333:volume/*" in found
    named = arns("ec2", "RunInstances", {}, ids=("ami-0a", "vol-0c"))["ec2:RunInstances"]
    assert [arn for arn in named if ":volume/" in arn] == [
        "arn:aws:ec2:eu-west-1:111122223333:volume/vol-0c"
    ]
