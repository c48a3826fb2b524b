"""Ordinary API calls with realistic parameters and resources, per kind of worker."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.world.model import Credential, Event, Record


@dataclass(frozen=True, slots=True)
class Call:
    """An API call; `{account}`, `{region}`, `{n}` in its texts are filled in when it is made."""

    source: str
    name: str
    params: Record | None = None
    resource: tuple[str, str] | None = None
    """Type and ARN of the resource in `resources[]`."""
    data: bool = False
    additional: Record = field(default_factory=dict)

    def by(self, who: Credential, dice: Random, **details: Any) -> Event:
        """Let somebody make this call."""
        words = {"account": who.account.id, "region": details.get("region") or who.world.region}
        words["n"] = str(dice.randrange(1, 40))
        resources = None
        if self.resource is not None:
            kind, arn = self.resource
            resources = [{"accountId": who.account.id, "type": kind, "ARN": _fill(arn, words)}]
            if kind == "AWS::S3::Object":
                bucket = resources[0]["ARN"].split("/", 1)[0]
                own = {"accountId": who.account.id, "type": "AWS::S3::Bucket", "ARN": bucket}
                resources.append(own)
        if details.get("denied") is True and resources:
            details["denied"] = resources[0]["ARN"]
        return who.call(
            self.source,
            self.name,
            params=_fill(self.params, words),
            resources=resources,
            data=self.data,
            additional=self.additional or None,
            **details,
        )


def _fill(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, str):
        if "{" in value:
            for word, text in words.items():
                value = value.replace("{" + word + "}", text)
        return value
    if isinstance(value, dict):
        return {k: _fill(v, words) for k, v in value.items()}
    if isinstance(value, list):
        return [_fill(v, words) for v in value]
    return value


S3_MORE: Record = {"SignatureVersion": "SigV4", "CipherSuite": "TLS_AES_128_GCM_SHA256"}
S3_MORE |= {"AuthenticationMethod": "AuthHeader", "bytesTransferredOut": 2048}


def s3_object(name: str, bucket: str, key: str) -> Call:
    """A data event on an object."""
    params = {"bucketName": bucket, "key": key, "Host": f"{bucket}.s3.amazonaws.com"}
    arn = f"arn:aws:s3:::{bucket}/{key}"
    return Call("s3", name, params, ("AWS::S3::Object", arn), data=True, additional=S3_MORE)


def table(name: str, table_name: str) -> Call:
    """A data event on a DynamoDB table."""
    arn = f"arn:aws:dynamodb:{{region}}:{{account}}:table/{table_name}"
    params = {"tableName": table_name, "key": {"id": "order-{n}"}}
    return Call("dynamodb", name, params, ("AWS::DynamoDB::Table", arn), data=True)


def secret(secret_id: str) -> Call:
    """GetSecretValue."""
    return Call("secretsmanager", "GetSecretValue", {"secretId": secret_id})


def decrypt() -> Call:
    """A KMS Decrypt."""
    arn = "arn:aws:kms:{region}:{account}:key/5f0c7a9e-1111-4222-8333-9a0b1c2d3e4f"
    params = {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    return Call("kms", "Decrypt", params, ("AWS::KMS::Key", arn))


LOOKING: tuple[Call, ...] = (
    Call("guardduty", "ListDetectors"),
    Call("guardduty", "ListFindings", {"detectorId": "12abc34d567e8fa901bc2d34e56789f0"}),
    Call("guardduty", "GetFindings", {"detectorId": "12abc34d567e8fa901bc2d34e56789f0"}),
    Call("securityhub", "GetFindings", {"MaxResults": 50}),
    Call("cloudtrail", "LookupEvents", {"maxResults": 50}),
    Call("cloudtrail", "DescribeTrails", {"includeShadowTrails": True}),
    Call("ec2", "DescribeInstances", {"instancesSet": {}, "filterSet": {}}),
    Call("ec2", "DescribeSecurityGroups", {"securityGroupSet": {}, "filterSet": {}}),
    Call("ec2", "DescribeFlowLogs", {"DescribeFlowLogsRequest": {}}),
    Call("iam", "ListUsers"),
    Call("iam", "ListRoles", {"maxItems": 100}),
    Call("iam", "GetRole", {"roleName": "app-{n}"}),
    Call("iam", "ListAccessKeys", {"userName": "user-{n}"}),
    Call("iam", "GetAccessKeyLastUsed", {"accessKeyId": "HIDDEN_DUE_TO_SECURITY_REASONS"}),
    Call("logs", "StartQuery", {"logGroupName": "/org/cloudtrail", "limit": 1000}),
    Call("logs", "GetQueryResults", {"queryId": "8d5f2c1e-0000-4000-8000-000000000001"}),
    Call("config", "ListDiscoveredResources", {"resourceType": "AWS::EC2::Instance"}),
    Call("access-analyzer", "ListFindings", {"maxResults": 100}),
)

BUILDING: tuple[Call, ...] = (
    Call("ecr", "GetAuthorizationToken", {"registryIds": ["{account}"]}),
    Call("ecr", "PutImage", {"repositoryName": "shop", "imageTag": "v{n}"}),
    Call("lambda", "UpdateFunctionCode20150331v2", {"functionName": "checkout", "publish": True}),
    Call("lambda", "GetFunction20150331v2", {"functionName": "checkout"}),
    Call("cloudformation", "DescribeStacks", {"stackName": "shop"}),
    Call("cloudformation", "CreateChangeSet", {"stackName": "shop", "changeSetName": "c{n}"}),
    Call("cloudformation", "ExecuteChangeSet", {"stackName": "shop", "changeSetName": "c{n}"}),
    Call("ecs", "UpdateService", {"cluster": "main", "service": "shop"}),
    Call("ssm", "GetParameter", {"name": "/shop/release", "withDecryption": True}),
    s3_object("PutObject", "shop-artifacts", "release/v{n}.zip"),
)

SERVING: tuple[Call, ...] = (
    Call("ssm", "UpdateInstanceInformation", {"agentName": "amazon-ssm-agent"}),
    s3_object("GetObject", "shop-config", "app/config-{n}.json"),
    s3_object("PutObject", "shop-uploads", "2026/{n}.jpg"),
    table("GetItem", "orders"),
    table("PutItem", "orders"),
    table("Query", "customers"),
    Call("sqs", "ReceiveMessage", {"queueUrl": "https://sqs.{region}.amazonaws.com/{account}/q"}),
    Call("sns", "Publish", {"topicArn": "arn:aws:sns:{region}:{account}:orders"}),
    secret("shop/db"),
    decrypt(),
    Call("logs", "CreateLogStream", {"logGroupName": "/shop/app", "logStreamName": "s{n}"}),
    Call("monitoring", "PutMetricData", {"namespace": "Shop"}),
)

ADMINISTERING: tuple[Call, ...] = (
    Call("s3", "ListBuckets", {"Host": "s3.amazonaws.com"}),
    Call("s3", "GetBucketPolicy", {"bucketName": "shop-config", "policy": ""}),
    Call("ec2", "DescribeVpcs", {"vpcSet": {}, "filterSet": {}}),
    Call("ec2", "RunInstances", {"instanceType": "m7g.large", "minCount": 1, "maxCount": 1}),
    Call("ec2", "CreateTags", {"resourcesSet": {"items": [{"resourceId": "i-0aa{n}"}]}}),
    Call("rds", "DescribeDBInstances", {"maxRecords": 100}),
    Call("rds", "ModifyDBInstance", {"dBInstanceIdentifier": "shop", "applyImmediately": True}),
    Call(
        "iam",
        "AttachRolePolicy",
        {"roleName": "app-{n}", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
    ),
    Call("iam", "GetAccountSummary"),
    Call("route53", "ListHostedZones"),
    Call("eks", "DescribeCluster", {"name": "main"}),
    Call("elasticloadbalancing", "DescribeLoadBalancers", {"pageSize": 100}),
    Call("ce", "GetCostAndUsage", {"granularity": "DAILY"}),
    Call("organizations", "ListAccounts"),
)

EVERYTHING = LOOKING + BUILDING + SERVING + ADMINISTERING
