"""What makes a granted action dangerous: what an attacker would do first with it.

Privilege escalation: the ways that are known to lead from one action (or two) to any. Data: ways
to carry data out. Cover: ways to hide. Exposure: actions that AWS itself lists as permissions
management. Sources: published lists of privilege escalation in AWS (Rhino Security Labs), AWS
service authorization reference (access levels).
"""

from __future__ import annotations

from typing import Literal

from pipeline.least_privilege.index import ActionIndex

Danger = Literal["privilege escalation", "data", "cover", "exposure", ""]

DANGERS: tuple[Danger, ...] = ("privilege escalation", "data", "cover", "exposure", "")
"""The most dangerous first."""

_ESCALATION = """
cloudformation:CreateStack cloudformation:UpdateStack cloudformation:CreateChangeSet
codebuild:CreateProject codebuild:UpdateProject codebuild:StartBuild
datapipeline:CreatePipeline datapipeline:PutPipelineDefinition
ec2:AssociateIamInstanceProfile ec2:ReplaceIamInstanceProfileAssociation ec2:RequestSpotInstances
ec2:RunInstances ec2-instance-connect:SendSSHPublicKey ecs:RegisterTaskDefinition ecs:RunTask
ecs:ExecuteCommand ecs:UpdateService glue:CreateDevEndpoint glue:CreateJob glue:UpdateDevEndpoint
glue:UpdateJob iam:AddUserToGroup iam:AttachGroupPolicy iam:AttachRolePolicy iam:AttachUserPolicy
iam:AddRoleToInstanceProfile iam:CreateAccessKey iam:CreateLoginProfile iam:CreatePolicyVersion
iam:CreateServiceSpecificCredential iam:DeactivateMFADevice iam:DeleteRolePermissionsBoundary
iam:DeleteUserPermissionsBoundary iam:PassRole iam:PutGroupPolicy iam:PutRolePolicy
iam:PutUserPolicy iam:ResyncMFADevice iam:SetDefaultPolicyVersion iam:UpdateAssumeRolePolicy
iam:UpdateLoginProfile iam:UpdateSAMLProvider iam:CreateSAMLProvider
iam:CreateOpenIDConnectProvider iam:AddClientIDToOpenIDConnectProvider
iam:UpdateOpenIDConnectProviderThumbprint lambda:AddPermission lambda:CreateFunction
lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration lambda:CreateEventSourceMapping
rolesanywhere:CreateProfile rolesanywhere:CreateTrustAnchor rolesanywhere:UpdateProfile
sagemaker:CreateNotebookInstance sagemaker:CreatePresignedNotebookInstanceUrl
sagemaker:CreateProcessingJob sagemaker:CreateTrainingJob sso:AttachManagedPolicyToPermissionSet
sso:CreateAccountAssignment sso:PutInlinePolicyToPermissionSet ssm:SendCommand
ssm:StartAutomationExecution ssm:StartSession states:CreateStateMachine states:UpdateStateMachine
sts:AssumeRole sts:AssumeRoot
"""

_DATA = """
cassandra:Select dynamodb:ExportTableToPointInTime dynamodb:Query dynamodb:Scan
ebs:GetSnapshotBlock ebs:ListSnapshotBlocks ec2:CopySnapshot ec2:CreateSnapshot
ec2:CreateStoreImageTask ec2:GetPasswordData ec2:ModifyImageAttribute ec2:ModifySnapshotAttribute
glue:GetConnection glue:GetConnections kms:Decrypt lambda:GetFunction rds-data:ExecuteStatement
rds:CopyDBSnapshot rds:CreateDBSnapshot rds:ModifyDBClusterSnapshotAttribute
rds:ModifyDBSnapshotAttribute rds:RestoreDBInstanceFromDBSnapshot rds:StartExportTask
redshift:GetClusterCredentials redshift:GetClusterCredentialsWithIAM s3:GetObject
s3:GetObjectVersion s3:PutReplicationConfiguration secretsmanager:BatchGetSecretValue
secretsmanager:GetSecretValue ssm:GetParameter ssm:GetParameterHistory ssm:GetParameters
ssm:GetParametersByPath
"""

_COVER = """
cloudtrail:DeleteEventDataStore cloudtrail:DeleteTrail cloudtrail:PutEventSelectors
cloudtrail:PutInsightSelectors cloudtrail:StopEventDataStoreIngestion cloudtrail:StopLogging
cloudtrail:UpdateTrail cloudwatch:DeleteAlarms cloudwatch:DisableAlarmActions
config:DeleteConfigRule config:DeleteConfigurationRecorder config:DeleteDeliveryChannel
config:StopConfigurationRecorder ec2:DeleteFlowLogs events:DeleteRule events:DisableRule
events:RemoveTargets guardduty:CreateFilter guardduty:CreateIPSet guardduty:DeleteDetector
guardduty:DisassociateFromAdministratorAccount guardduty:StopMonitoringMembers
guardduty:UpdateDetector kms:DisableKey kms:ScheduleKeyDeletion logs:DeleteLogGroup
logs:DeleteLogStream logs:PutRetentionPolicy macie2:DisableMacie
organizations:LeaveOrganization route53resolver:DeleteResolverQueryLogConfig
s3:PutLifecycleConfiguration securityhub:DisableSecurityHub wafv2:DeleteWebACL
"""

_LISTS: dict[Danger, frozenset[str]] = {
    "privilege escalation": frozenset(_ESCALATION.split()),
    "data": frozenset(_DATA.split()),
    "cover": frozenset(_COVER.split()),
}


def danger_of(action: str, index: ActionIndex | None = None) -> Danger:
    """The worst that the action is good for; "" where it is on no list."""
    for danger, actions in _LISTS.items():
        if action in actions:
            return danger
    level = (index or ActionIndex.packaged()).level(action)
    return "exposure" if level.startswith("Permissions management") else ""
