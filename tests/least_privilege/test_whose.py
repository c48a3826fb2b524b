"""Whose a resource is: the request tells, by an ARN, a URL, an account beside a name."""

from __future__ import annotations

import pytest

from tests.least_privilege.asked import OTHER, OWN, first


@pytest.mark.parametrize(
    ("call", "parameters", "expected"),
    [
        (
            "ecs:UpdateService",
            {"cluster": f"arn:aws:ecs:{OTHER}:cluster/c", "service": "s"},
            f"ecs:{OTHER}:service/c/s",
        ),
        (
            "ecs:UpdateService",
            {
                "cluster": f"arn:aws:ecs:{OTHER}:cluster/c",
                "service": f"arn:aws:ecs:{OTHER}:service/c/s",
            },
            f"ecs:{OTHER}:service/c/s",
        ),
        (
            "ecs:UpdateService",
            {"cluster": "c", "service": f"arn:aws:ecs:{OTHER}:service/s"},
            f"ecs:{OTHER}:service/c/s",
        ),
        ("ecs:StopTask", {"task": "t"}, f"ecs:{OWN}:task/default/t"),
        (
            "ecs:StopTask",
            {"cluster": "c", "task": f"arn:aws:ecs:{OTHER}:task/c/t"},
            f"ecs:{OTHER}:task/c/t",
        ),
        (
            "ecs:RunTask",
            {"cluster": "c", "taskDefinition": "f:7"},
            f"ecs:{OWN}:task-definition/f:7",
        ),
        ("ecs:RunTask", {"cluster": "c", "taskDefinition": "f"}, f"ecs:{OWN}:task-definition/f:*"),
        ("kms:Decrypt", {"keyId": f"arn:aws:kms:{OTHER}:alias/x"}, f"kms:{OTHER}:key/*"),
        ("kms:Decrypt", {"keyId": "alias/x"}, f"kms:{OWN}:key/*"),
        (
            "lambda:DeleteFunction20150331",
            {"functionName": "222222222222:function:f"},
            f"lambda:{OTHER}:function:f",
        ),
        (
            "lambda:DeleteFunction20150331",
            {"functionName": f"arn:aws:lambda:{OTHER}:function:f"},
            f"lambda:{OTHER}:function:f",
        ),
        (
            "sqs:SendMessage",
            {"queueUrl": "https://sqs.us-east-2.amazonaws.com/222222222222/q"},
            "sqs:us-east-2:222222222222:q",
        ),
        (
            "sqs:SendMessage",
            {"queueUrl": "https://us-west-2.queue.amazonaws.com/222222222222/q"},
            "sqs:us-west-2:222222222222:q",
        ),
        (
            "sqs:SendMessage",
            {"queueUrl": "https://vpce-1.sqs.us-gov-west-1.vpce.amazonaws.com/222222222222/q"},
            "sqs:us-gov-west-1:222222222222:q",
        ),
        (
            "sqs:GetQueueUrl",
            {"queueName": "q", "queueOwnerAWSAccountId": "222222222222"},
            f"sqs:{OTHER}:q",
        ),
        (
            "ecr:BatchGetImage",
            {"registryId": "222222222222", "repositoryName": "r/s"},
            f"ecr:{OTHER}:repository/r/s",
        ),
        (
            "codeartifact:DescribeDomain",
            {"domain": "d", "domainOwner": "222222222222"},
            f"codeartifact:{OTHER}:domain/d",
        ),
        (
            "appmesh:DescribeMesh",
            {"meshName": "m", "meshOwner": "222222222222"},
            f"appmesh:{OTHER}:mesh/m",
        ),
        (
            "signer:GetSigningProfile",
            {"profileName": "p", "profileOwner": "222222222222"},
            f"signer:{OTHER}:/signing-profiles/p",
        ),
        ("glacier:DescribeVault", {"accountId": "-", "vaultName": "v"}, f"glacier:{OWN}:vaults/v"),
        (
            "glacier:DescribeVault",
            {"accountId": "222222222222", "vaultName": "v"},
            f"glacier:{OTHER}:vaults/v",
        ),
        (
            "events:DeleteRule",
            {"name": "r", "eventBusName": f"arn:aws:events:{OTHER}:event-bus/b"},
            f"events:{OTHER}:rule/b/r",
        ),
        ("events:DeleteRule", {"name": "r", "eventBusName": "default"}, f"events:{OWN}:rule/r"),
        ("events:DeleteRule", {"name": "r"}, f"events:{OWN}:rule/r"),
        (
            "dynamodb:DescribeTable",
            {"tableName": f"arn:aws:dynamodb:{OTHER}:table/t"},
            f"dynamodb:{OTHER}:table/t",
        ),
        (
            "secretsmanager:GetSecretValue",
            {"secretId": f"arn:aws:secretsmanager:{OTHER}:secret:prod/db"},
            f"secretsmanager:{OTHER}:secret:prod/db-??????",
        ),
        (
            "secretsmanager:GetSecretValue",
            {"secretId": "my-secret"},
            f"secretsmanager:{OWN}:secret:my-secret-??????",
        ),
        (
            "rds:DeleteDBSnapshot",
            {"dBSnapshotIdentifier": f"arn:aws:rds:{OTHER}:snapshot:rds:s-1"},
            f"rds:{OTHER}:snapshot:rds:s-1",
        ),
        (
            "athena:GetWorkGroup",
            {"workGroup": "w"},
            f"athena:{OWN}:workgroup/w",
        ),
        ("ssm:GetParameter", {"name": "/aws/service/x"}, "ssm:eu-west-1::parameter/aws/service/x"),
        ("ssm:GetDocument", {"name": "AWS-Run"}, "ssm:eu-west-1::document/AWS-Run"),
        ("ssm:GetParameter", {"name": "awsome"}, f"ssm:{OWN}:parameter/awsome"),
        (
            "ssm:GetDocument",
            {"name": f"arn:aws:ssm:{OTHER}:document/d"},
            f"ssm:{OTHER}:document/d",
        ),
        (
            "backup:DescribeRecoveryPoint",
            {"recoveryPointArn": "arn:aws:ec2:eu-west-1::snapshot/snap-0a"},
            "ec2:eu-west-1::snapshot/snap-0a",
        ),
        (
            "backup:StartCopyJob",
            {
                "recoveryPointArn": "arn:aws:ec2:eu-west-1::snapshot/snap-0a",
                "iamRoleArn": "arn:aws:iam::111122223333:role/r",
                "destinationBackupVaultArn": f"arn:aws:backup:{OTHER}:backup-vault:v",
            },
            "ec2:eu-west-1::snapshot/snap-0a",
        ),
        ("lex:DescribeBot", {"botId": "B1"}, f"lex:{OWN}:bot/B1"),
        (
            "config:PutConfigRule",
            {"configRule": {"configRuleName": "n"}},
            f"config:{OWN}:config-rule/*",
        ),
        (
            "config:DeleteConformancePack",
            {"conformancePackName": "n"},
            f"config:{OWN}:conformance-pack/n/*",
        ),
        (
            "kendra:DeleteFaq",
            {"id": "f", "indexId": "i"},
            f"kendra:{OWN}:index/i kendra:{OWN}:index/i/faq/f",
        ),
    ],
)
def test_the_request_says_whose_it_is(
    call: str, parameters: dict[str, object], expected: str
) -> None:
    """An ARN, a URL, an account beside a name; and an id is not the name that stands for it."""
    assert list(first(call, parameters)) == [f"arn:aws:{arn}" for arn in expected.split()]


def test_a_catalog_of_glue_is_in_its_account() -> None:
    """The catalog, the database and the table alike."""
    parameters: dict[str, object] = {"catalogId": "222222222222", "databaseName": "d", "name": "t"}
    assert list(first("glue:GetTable", parameters)) == [
        f"arn:aws:glue:{OTHER}:catalog",
        f"arn:aws:glue:{OTHER}:database/d",
        f"arn:aws:glue:{OTHER}:table/d/t",
    ]
