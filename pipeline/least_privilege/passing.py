"""`iam:PassRole`: never an event of its own, so it is inferred from the role in the request.

Which actions pass a role, and where the role sits in their request, comes from the index.
least-privilege.md, sections 2 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.arn import Arn
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.parameters import Parameters, texts

PRINCIPALS = {
    "appsync": "appsync.amazonaws.com",
    "backup": "backup.amazonaws.com",
    "backup:CreateBackupPlan": "malware-protection.guardduty.amazonaws.com",
    "backup:CreateRestoreTestingSelection": "restore-testing.backup.amazonaws.com",
    "backup:StartScanJob scannerRoleArn": "malware-protection.guardduty.amazonaws.com",
    "backup:UpdateBackupPlan": "malware-protection.guardduty.amazonaws.com",
    "backup:UpdateRestoreTestingSelection": "restore-testing.backup.amazonaws.com",
    "chatbot": "chatbot.amazonaws.com",
    "cloudformation": "cloudformation.amazonaws.com",
    "cloudfront": "cloudfront.amazonaws.com",
    "cloudtrail": "cloudtrail.amazonaws.com",
    "codebuild": "codebuild.amazonaws.com",
    "codedeploy": "codedeploy.amazonaws.com",
    "codepipeline": "codepipeline.amazonaws.com",
    "comprehendmedical": "comprehendmedical.amazonaws.com",
    "config": "config.amazonaws.com",
    "config:PutRemediationConfigurations": "ssm.amazonaws.com",
    "datasync": "datasync.amazonaws.com",
    "dlm": "dlm.amazonaws.com",
    "dms": "dms.amazonaws.com",
    "entityresolution": "entityresolution.amazonaws.com",
    "events": "events.amazonaws.com",
    "firehose": "firehose.amazonaws.com",
    "glue": "glue.amazonaws.com",
    "healthlake": "healthlake.amazonaws.com",
    "kendra": "kendra.amazonaws.com",
    "lambda": "lambda.amazonaws.com",
    "lex:CreateBot": "lexv2.amazonaws.com",
    "lex:StartMigration": "lexv2.amazonaws.com",
    "lex:StartTestSetGeneration": "lexv2.amazonaws.com",
    "lex:UpdateBot": "lexv2.amazonaws.com",
    "mediaconnect": "mediaconnect.amazonaws.com",
    "mediapackage-vod": "mediapackage-vod.amazonaws.com",
    "medical-imaging": "medical-imaging.amazonaws.com",
    "omics": "omics.amazonaws.com",
    "pipes": "pipes.amazonaws.com",
    "redshift": "redshift.amazonaws.com",
    "s3:PutReplicationConfiguration": "s3.amazonaws.com",
    "s3:CreateJob": "batchoperations.s3.amazonaws.com",
    "sagemaker": "sagemaker.amazonaws.com",
    "scheduler": "scheduler.amazonaws.com",
    "secretsmanager": "secretsmanager.amazonaws.com",
    "ssm": "ssm.amazonaws.com",
    "states": "states.amazonaws.com",
    "swf": "swf.amazonaws.com",
    "transfer": "transfer.amazonaws.com",
    "voiceid": "voiceid.amazonaws.com",
    "ec2:AssociateIamInstanceProfile": "ec2.amazonaws.com",
    "ec2:CreateFlowLogs": "vpc-flow-logs.amazonaws.com",
    "ec2:ReplaceIamInstanceProfileAssociation": "ec2.amazonaws.com",
    "ec2:RequestSpotFleet": "spotfleet.amazonaws.com",
    "ec2:RequestSpotInstances": "ec2.amazonaws.com",
    "ec2:RunInstances": "ec2.amazonaws.com",
    "ecr:CreatePullThroughCacheRule": "ecr.amazonaws.com",
    "ecs:RegisterTaskDefinition": "ecs-tasks.amazonaws.com",
    "ecs:RunTask": "ecs-tasks.amazonaws.com",
    "ecs:StartTask": "ecs-tasks.amazonaws.com",
    "eks:CreateCluster roleArn": "eks.amazonaws.com",
    "eks:CreateFargateProfile": "eks-fargate-pods.amazonaws.com",
    "eks:CreateNodegroup": "ec2.amazonaws.com",
    "eks:CreatePodIdentityAssociation": "pods.eks.amazonaws.com",
    "eks:RegisterCluster": "eks.amazonaws.com",
    "elasticmapreduce:RunJobFlow jobFlowRole": "ec2.amazonaws.com",
    "elasticmapreduce:RunJobFlow serviceRole": "elasticmapreduce.amazonaws.com",
    "batch:RegisterJobDefinition": "ecs-tasks.amazonaws.com",
    "iam:AddRoleToInstanceProfile": "ec2.amazonaws.com",
    "logs:PutSubscriptionFilter": "logs.amazonaws.com",
    "logs:PutDestination": "logs.amazonaws.com",
    "rds:CreateDBInstance monitoringRoleArn": "monitoring.rds.amazonaws.com",
    "rds:ModifyDBInstance monitoringRoleArn": "monitoring.rds.amazonaws.com",
    "rds:AddRoleToDBCluster": "rds.amazonaws.com",
    "rds:AddRoleToDBInstance": "rds.amazonaws.com",
}
"""Service principal that takes the role: of a prefix, of an action, of an action's member. Where a
service takes roles for several principals, only what its documentation says of the member."""


@dataclass(frozen=True, slots=True)
class PassedRole:
    """A role that a call passes.

    member -- where it sits in the request; when -- the same, where it may be left out, else "".
    arn -- of the role, where the request has it; None for a name, or without a request.
    passed_to -- service principal; None where it is not known.
    """

    member: str
    when: str
    arn: str | None
    passed_to: str | None


def passed_roles(
    action: str, parameters: Parameters | None, index: ActionIndex
) -> Iterator[PassedRole]:
    """The roles that a call of an action passes, or may pass where the request is not known."""
    for path in index.pass_role.get(action, ()):
        member = path.rstrip("!?")
        when = "" if path.endswith("!") else member
        principal = _principal(action, member)
        if parameters is None:
            yield PassedRole(member, when, None, principal)
            continue
        for text in texts(parameters, member):
            if path.endswith("?") and not _is_role(text):
                continue  # of a setting that may hold anything
            yield PassedRole(member, member, text if _is_role(text) else None, principal)


def _principal(action: str, member: str) -> str | None:
    keys = (f"{action} {member}", action, action.partition(":")[0])
    return next((PRINCIPALS[key] for key in keys if key in PRINCIPALS), None)


def _is_role(text: str) -> bool:
    arn = Arn.parse(text)
    return arn is not None and arn.service == "iam" and arn.resource.startswith("role/")
