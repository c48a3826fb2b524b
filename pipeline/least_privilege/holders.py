"""Where a call's request names the resource, for the most used services.

CloudTrail's names differ from botocore's for S3 and EC2, and some services name a resource in a
way of their own. `ActionIndex.members` has what the names themselves tell; this table goes first.
least-privilege.md, section 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

HOLDERS: dict[str, dict[str, tuple[str, ...]]] = {
    "athena": {"WorkGroupName": ("workGroup", "name")},
    "autoscaling": {"GroupFriendlyName": ("autoScalingGroupName",)},
    "backup": {"BackupVaultName": ("backupVaultName",), "BackupPlanId": ("backupPlanId",)},
    "batch": {"ComputeEnvironmentName": ("computeEnvironmentName", "computeEnvironment")},
    "cloudformation": {"StackName": ("stackName",), "StackSetName": ("stackSetName",)},
    "cloudfront": {"DistributionId": ("distributionId", "id")},
    "cloudtrail": {"TrailName": ("name", "trailName")},
    "cloudwatch": {"AlarmName": ("alarmName", "alarmNames"), "DashboardName": ("dashboardName",)},
    "codebuild": {"ProjectName": ("projectName", "name")},
    "codecommit": {"RepositoryName": ("repositoryName",)},
    "codepipeline": {"PipelineName": ("name", "pipelineName", "pipeline.name")},
    "cognito-idp": {"UserPoolId": ("userPoolId",)},
    "dynamodb": {
        "TableName": ("tableName", "tableArn", "targetTableName"),
        "IndexName": ("indexName",),
    },
    "ecr": {"RepositoryName": ("repositoryName",)},
    "ecs": {
        "ClusterName": ("cluster", "clusterName", "clusters"),
        "ContainerInstanceId": ("containerInstance", "containerInstances"),
        "ServiceName": ("service", "serviceName", "services"),
        "TaskId": ("task", "tasks"),
        "TaskDefinitionFamilyName": ("taskDefinition", "family"),
    },
    "ec2": {
        "KeyPairName": ("keyName", "instancesSet.keyName", "launchSpecification.keyName"),
        "PlacementGroupName": ("groupName", "placement.groupName"),
    },
    "eks": {"ClusterName": ("clusterName", "name"), "NodegroupName": ("nodegroupName",)},
    "elasticache": {"CacheClusterId": ("cacheClusterId",)},
    "elasticfilesystem": {"FileSystemId": ("fileSystemId",)},
    "events": {
        "RuleName": ("rule", "name"),
        "EventBusName": ("eventBusName", "entries.eventBusName"),
    },
    "firehose": {"DeliveryStreamName": ("deliveryStreamName",)},
    "gamelift": {"LocationId": ("locationName",)},
    "glue": {
        "CatalogName": (),
        "DatabaseName": ("databaseName", "databaseInput.name"),
        "TableName": ("tableName", "tableInput.name"),
        "JobName": ("jobName",),
        "CrawlerName": ("crawlerName",),
    },
    "guardduty": {"DetectorId": ("detectorId",)},
    "iam": {
        "RoleNameWithPath": ("roleName",),
        "UserNameWithPath": ("userName",),
        "GroupNameWithPath": ("groupName",),
        "PolicyNameWithPath": ("policyArn", "policyName"),
        "InstanceProfileNameWithPath": ("instanceProfileName",),
    },
    "iam:CreateServiceLinkedRole": {"RoleNameWithPath": ("aWSServiceName",)},
    "iotfleetwise": {"VehicleId": ("vehicleName",)},
    "kinesis": {"StreamName": ("streamName", "streamARN")},
    "kms": {"KeyId": ("keyId", "targetKeyId")},
    "lambda": {
        "FunctionName": ("functionName", "resource"),
        "LayerName": ("layerName",),
        "Alias": ("name",),
    },
    "logs": {
        "LogGroupName": (
            "logGroupName",
            "logGroupIdentifier",
            "logGroupNames",
            "logGroupIdentifiers",
        ),
        "LogStreamName": ("logStreamName",),
    },
    "rds": {
        "DbInstanceName": ("dBInstanceIdentifier",),
        "DbClusterInstanceName": ("dBClusterIdentifier",),
        "SnapshotName": ("dBSnapshotIdentifier",),
        "ClusterSnapshotName": ("dBClusterSnapshotIdentifier",),
        "SubnetGroupName": ("dBSubnetGroupName",),
        "ParameterGroupName": ("dBParameterGroupName",),
    },
    "redshift": {"ClusterName": ("clusterIdentifier",)},
    "redshift:snapshot": {"ClusterName": ("snapshotClusterIdentifier",)},
    "redshift:CreateClusterSnapshot": {"ClusterName": ("clusterIdentifier",)},
    "route53": {"Id": ("hostedZoneId", "id")},
    "s3": {"BucketName": ("bucketName",), "ObjectName": ("key",)},
    "secretsmanager": {"SecretId": ("secretId", "secretIdList", "name")},
    "sns": {"TopicName": ("topicArn", "name")},
    "sqs": {"QueueName": ("queueUrl", "queueName")},
    "ssm": {
        "ParameterNameWithoutLeadingSlash": ("name", "names"),
        "DocumentName": ("documentName", "name"),
        "InstanceId": ("instanceIds", "instanceId", "target"),
    },
    "states": {"StateMachineName": ("stateMachineArn",), "ExecutionId": ("executionArn",)},
    "sts": {"RoleNameWithPath": ("roleArn",)},
}
"""Service → variable of its ARN templates → request members; the first that is there counts, and ()
says that none holds it, whatever its name. What stands for a type or an action goes alone, and `&`
joins members that count together."""

_BOTH = {
    ("appstream:CopyImage", "ImageName"): (
        "sourceImageName",
        "destinationImageName",
    ),
    ("dynamodb:RestoreTableToPointInTime", "TableName"): (
        "sourceTableName",
        "sourceTableArn",
        "targetTableName",
    ),
    ("elasticache:CopyServerlessCacheSnapshot", "ServerlessCacheSnapshotName"): (
        "sourceServerlessCacheSnapshotName",
        "targetServerlessCacheSnapshotName",
    ),
    ("elasticache:CopySnapshot", "SnapshotName"): (
        "sourceSnapshotName",
        "targetSnapshotName",
    ),
    ("elasticbeanstalk:SwapEnvironmentCNAMEs", "EnvironmentName"): (
        "sourceEnvironmentName",
        "destinationEnvironmentName",
    ),
    ("memorydb:CopySnapshot", "SnapshotName"): (
        "sourceSnapshotName",
        "targetSnapshotName",
    ),
    ("rds:CopyDBClusterParameterGroup", "ClusterParameterGroupName"): (
        "sourceDBClusterParameterGroupIdentifier",
        "targetDBClusterParameterGroupIdentifier",
    ),
    ("rds:CopyDBClusterSnapshot", "ClusterSnapshotName"): (
        "sourceDBClusterSnapshotIdentifier",
        "targetDBClusterSnapshotIdentifier",
    ),
    ("rds:CopyDBParameterGroup", "ParameterGroupName"): (
        "sourceDBParameterGroupIdentifier",
        "targetDBParameterGroupIdentifier",
    ),
    ("rds:CopyDBSnapshot", "SnapshotName"): (
        "sourceDBSnapshotIdentifier",
        "targetDBSnapshotIdentifier",
    ),
    ("rds:CopyOptionGroup", "OptionGroupName"): (
        "sourceOptionGroupIdentifier",
        "targetOptionGroupIdentifier",
    ),
    ("rds:CreateDBInstanceReadReplica", "DbInstanceName"): (
        "sourceDBInstanceIdentifier",
        "dBInstanceIdentifier",
    ),
    ("rds:RestoreDBClusterToPointInTime", "DbClusterInstanceName"): (
        "sourceDBClusterIdentifier",
        "dBClusterIdentifier",
    ),
    ("rds:RestoreDBInstanceToPointInTime", "DbInstanceName"): (
        "sourceDBInstanceIdentifier",
        "targetDBInstanceIdentifier",
    ),
    ("redshift:CopyClusterSnapshot", "SnapshotName"): (
        "sourceSnapshotIdentifier",
        "targetSnapshotIdentifier",
    ),
    ("redshift:CopyClusterSnapshot", "ClusterName"): ("sourceSnapshotClusterIdentifier",),
}
"""Actions that need both what is copied and what comes of it → the members that name them."""

for (_action, _variable), _members in _BOTH.items():
    HOLDERS.setdefault(_action, {})[_variable] = ("&".join(_members),)

BY_TYPE = (
    "route53:ChangeTagsForResource",
    "route53:ListTagsForResource",
    "route53:ListTagsForResources",
    "ssm:AddTagsToResource",
    "ssm:ListTagsForResource",
    "ssm:RemoveTagsFromResource",
)
"""Actions whose request names one resource of any type: `resourceId` of a `resourceType`."""

_NAMED_BY_TYPE = (
    "AssociationId",
    "AutomationExecutionId",
    "DocumentName",
    "Id",
    "InstanceId",
    "ParameterNameWithoutLeadingSlash",
    "PatchBaselineIdResourceId",
    "ResourceId",
)

HOLDERS |= {
    action: dict.fromkeys(_NAMED_BY_TYPE, ("resourceId", "resourceIds")) for action in BY_TYPE
}


OF_OTHERS: dict[str, tuple[str, ...]] = {
    "cloudwatch:PutCompositeAlarm": ("actionsSuppressor", "alarmRule"),
    "iam:SimulateCustomPolicy": ("callerArn", "resourceArns", "resourceOwner"),
    "iam:SimulatePrincipalPolicy": ("callerArn", "resourceArns", "resourceOwner"),
    "lambda:AddPermission": ("sourceArn",),
}
"""Action → request members whose ARNs may be of its types, and are not what it works on."""


def tables(action: str, types: Iterable[str]) -> list[Mapping[str, tuple[str, ...]]]:
    """The parts of HOLDERS for an action on resources of some types: the service's own last.

    >>> tables("sns:Publish", ["topic"])
    [{'TopicName': ('topicArn', 'name')}]
    """
    prefix = action.partition(":")[0]
    keys = (action, *(f"{prefix}:{name}" for name in types), prefix)
    return [HOLDERS[key] for key in keys if key in HOLDERS]


OWNERS = {
    "appmesh": "meshOwner",
    "backup": "backupVaultAccountId",
    "bedrock-agentcore": "accountId",
    "budgets": "accountId",
    "cloudtrail": "eventDataStoreOwnerAccountId",
    "codeartifact": "domainOwner",
    "ecr": "registryId",
    "ecr-public": "registryId",
    "glacier": "accountId",
    "glue": "catalogId",
    "omics:workflow": "workflowOwnerId",
    "omics:WorkflowVersion": "workflowOwnerId",
    "quicksight": "awsAccountId",
    "redshift:snapshot": "ownerAccount",
    "redshift-serverless:snapshot": "ownerAccount",
    "redshift-serverless:workgroup": "ownerAccount",
    "s3": "accountId",
    "servicediscovery": "ownerAccount",
    "signer": "profileOwner",
    "sqs": "queueOwnerAWSAccountId",
}
"""Service, or type of its resources → the request member that names the account they are in. Other
members with an account in them name somebody else: who is let in, what is peered with."""

DEFAULTS = {"ecs": {"ClusterName": "default"}}
"""What a name means that a request may leave out (ECS API reference), where it names the rest."""

BESIDE = {
    "ec2": ("launchTemplate",),
    "lambda": ("qualifier",),
    "route53": ("resourceType",),
    "ssm": ("resourceType",),
}
"""Members that say more of what another one names."""

EC2_IDS = {
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "acl": "network-acl",
    "dopt": "dhcp-options",
    "fl": "vpc-flow-log",
    "i": "instance",
    "igw": "internet-gateway",
    "lt": "launch-template",
    "nat": "natgateway",
    "pcx": "vpc-peering-connection",
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "snap": "snapshot",
    "subnet": "subnet",
    "tgw": "transit-gateway",
    "vgw": "vpn-gateway",
    "vol": "volume",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
"""Beginning of an id of EC2 → resource type: EC2's ids say what they are, wherever they stand."""

EC2_ID = r"\b((?:" + "|".join(EC2_IDS) + r")-[0-9a-f]{8}(?:[0-9a-f]{9})?)\b"
"""An id of EC2, in a request's JSON text."""
