"""What AWS documents in prose only: which actions pass a role, which tag what they create.

Read by `tools/iam_index.py`.
"""

from __future__ import annotations

import re

PASSES_ROLE = """
airflow: CreateEnvironment UpdateEnvironment
amplify: CreateApp CreateDomainAssociation UpdateApp UpdateDomainAssociation
appconfig: CreateConfigurationProfile UpdateConfigurationProfile
appflow: CreateConnectorProfile UpdateConnectorProfile
application-autoscaling: RegisterScalableTarget
apprunner: CreateService UpdateService
appstream: CreateFleet CreateImageBuilder UpdateFleet
appsync: CreateDataSource CreateGraphqlApi UpdateDataSource UpdateGraphqlApi
athena: CreateWorkGroup UpdateWorkGroup
autoscaling: CreateLaunchConfiguration PutLifecycleHook UpdateAutoScalingGroup
batch: CreateComputeEnvironment RegisterJobDefinition UpdateComputeEnvironment
bedrock: CreateAgent CreateEvaluationJob CreateFlow CreateKnowledgeBase CreateModelCustomizationJob
bedrock: CreateModelImportJob CreateModelInvocationJob PutModelInvocationLoggingConfiguration
bedrock: UpdateAgent UpdateFlow UpdateKnowledgeBase
braket: CreateJob
chatbot: CreateChimeWebhookConfiguration CreateMicrosoftTeamsChannelConfiguration
chatbot: CreateSlackChannelConfiguration UpdateChimeWebhookConfiguration
chatbot: UpdateMicrosoftTeamsChannelConfiguration UpdateSlackChannelConfiguration
cloudformation: ActivateType ContinueUpdateRollback CreateChangeSet CreateStack CreateStackSet
cloudformation: DeleteStack RegisterType RollbackStack UpdateStack UpdateStackSet
cloudfront: CreateRealtimeLogConfig UpdateRealtimeLogConfig
cloudtrail: CreateTrail StartImport UpdateTrail
cloudwatch: PutMetricStream
codebuild: CreateFleet CreateProject StartBuild StartBuildBatch UpdateFleet UpdateProject
codedeploy: CreateDeploymentGroup UpdateDeploymentGroup
codepipeline: CreatePipeline UpdatePipeline
cognito-identity: SetIdentityPoolRoles
cognito-idp: CreateGroup CreateUserImportJob CreateUserPoolClient UpdateGroup UpdateUserPoolClient
comprehend: CreateDocumentClassifier CreateEndpoint CreateEntityRecognizer CreateFlywheel
comprehend: ImportModel StartDocumentClassificationJob StartDominantLanguageDetectionJob
comprehend: StartEntitiesDetectionJob StartEventsDetectionJob StartKeyPhrasesDetectionJob
comprehend: StartPiiEntitiesDetectionJob StartSentimentDetectionJob
comprehend: StartTargetedSentimentDetectionJob StartTopicsDetectionJob UpdateEndpoint
comprehend: UpdateFlywheel
comprehendmedical: StartEntitiesDetectionV2Job StartICD10CMInferenceJob StartPHIDetectionJob
comprehendmedical: StartRxNormInferenceJob StartSNOMEDCTInferenceJob
databrew: CreateProfileJob CreateProject CreateRecipeJob UpdateProfileJob UpdateProject
databrew: UpdateRecipeJob
datasync: CreateLocationAzureBlob CreateLocationEfs CreateLocationFsxOntap CreateLocationFsxOpenZfs
datasync: CreateLocationFsxWindows CreateLocationHdfs CreateLocationObjectStorage CreateLocationS3
datasync: CreateLocationSmb CreateTask
dlm: CreateLifecyclePolicy UpdateLifecyclePolicy
dsql: CreateStream
ec2: RequestSpotFleet RunScheduledInstances
ecr: CreatePullThroughCacheRule UpdatePullThroughCacheRule
ecs: CreateCapacityProvider CreateGateway CreateService RegisterDaemonTaskDefinition
ecs: RegisterTaskDefinition UpdateCapacityProvider UpdateGateway UpdateService
eks: CreateAddon CreateCluster CreateFargateProfile CreateNodegroup CreatePodIdentityAssociation
eks: RegisterCluster UpdateAddon UpdateClusterConfig UpdatePodIdentityAssociation
elasticbeanstalk: AssociateEnvironmentOperationsRole CreateApplication CreateEnvironment
elasticbeanstalk: UpdateApplicationResourceLifecycle
elasticmapreduce: CreateStudio StartNotebookExecution
entityresolution: CreateIdMappingWorkflow CreateMatchingWorkflow UpdateIdMappingWorkflow
entityresolution: UpdateMatchingWorkflow
es: CreateDomain CreateElasticsearchDomain UpdateDomainConfig UpdateElasticsearchDomainConfig
events: CreateEndpoint PutRule PutTargets UpdateEndpoint
firehose: CreateDeliveryStream UpdateDestination
fis: CreateExperimentTemplate UpdateExperimentTemplate
forecast: CreateDatasetImportJob CreateForecastExportJob CreatePredictor
frauddetector: PutExternalModel
glue: CreateCrawler CreateDevEndpoint CreateJob CreateMLTransform CreateSession
glue: CreateTableOptimizer StartBlueprintRun StartColumnStatisticsTaskRun
glue: StartDataQualityRuleRecommendationRun StartDataQualityRulesetEvaluationRun UpdateCrawler
glue: UpdateJob UpdateMLTransform UpdateTableOptimizer
grafana: CreateWorkspace UpdateWorkspace
greengrass: AssociateRoleToGroup CreateSoftwareUpdateJob StartBulkDeployment
guardduty: CreateMalwareProtectionPlan UpdateMalwareProtectionPlan
healthlake: StartFHIRExportJob StartFHIRImportJob
inspector: RegisterCrossAccountAccessRole
iot: CreateJob CreateMitigationAction CreateOTAUpdate CreateStream CreateTopicRule
iot: CreateTopicRuleDestination ReplaceTopicRule SetLoggingOptions SetV2LoggingOptions
iot: StartThingRegistrationTask UpdateAccountAuditConfiguration UpdateJob UpdateMitigationAction
iot: UpdateStream
iotsitewise: CreatePortal UpdatePortal
iottwinmaker: CreateWorkspace UpdateWorkspace
iotwireless: CreateDestination UpdateDestination
kendra: BatchPutDocument CreateDataSource CreateFaq CreateIndex CreateQuerySuggestionsBlockList
kendra: CreateThesaurus UpdateDataSource UpdateIndex UpdateQuerySuggestionsBlockList
kendra: UpdateThesaurus
kinesis: CreateChannel
kinesisanalytics: AddApplicationCloudWatchLoggingOption AddApplicationInput
kinesisanalytics: AddApplicationInputProcessingConfiguration AddApplicationOutput
kinesisanalytics: AddApplicationReferenceDataSource
lakeformation: RegisterResource UpdateResource
lambda: UpdateFunctionConfiguration
lex: CreateBot PutBotAlias StartMigration StartTestSetGeneration UpdateBot
logs: CreateImportTask
machinelearning: CreateDataSourceFromRDS CreateDataSourceFromRedshift
mediaconnect: AddFlowOutputs AddFlowSources AddFlowVpcInterfaces CreateFlow GrantFlowEntitlements
mediaconnect: UpdateFlowEntitlement UpdateFlowOutput UpdateFlowSource
mediaconvert: CreateJob
medialive: CreateChannel CreateInput UpdateChannel UpdateInput
mediapackage-vod: CreateAsset CreatePackagingConfiguration CreatePackagingGroup
mediapackage: CreateOriginEndpoint UpdateOriginEndpoint
medical-imaging: StartDICOMImportJob
mobiletargeting: CreateExportJob CreateImportJob CreateRecommenderConfiguration PutEventStream
mobiletargeting: UpdateEmailChannel UpdateRecommenderConfiguration
omics: StartAnnotationImportJob StartReadSetExportJob StartReadSetImportJob StartReferenceImportJob
omics: StartVariantImportJob
personalize: CreateBatchInferenceJob CreateBatchSegmentJob CreateDataDeletionJob
personalize: CreateDatasetExportJob CreateDatasetGroup CreateDatasetImportJob
personalize: CreateMetricAttribution UpdateMetricAttribution
qbusiness: CreateDataSource CreateWebExperience UpdateDataSource UpdateWebExperience
redshift-serverless: CreateNamespace CreateScheduledAction UpdateNamespace UpdateScheduledAction
redshift: CreateCluster CreateScheduledAction ModifyClusterIamRoles ModifyScheduledAction
redshift: RestoreFromClusterSnapshot
rekognition: CreateStreamProcessor StartCelebrityRecognition StartContentModeration
rekognition: StartFaceDetection StartFaceSearch StartLabelDetection StartPersonTracking
rekognition: StartSegmentDetection StartTextDetection
s3: CreateAccessGrantsLocation UpdateAccessGrantsLocation
s3: UpdateBucketMetadataAnnotationTableConfiguration
s3tables: PutTableBucketReplication PutTableReplication
sagemaker: CreateAlgorithm CreateModelPackage UpdateDomain UpdateNotebookInstance UpdateUserProfile
secretsmanager: RotateSecret
ses: CreateConfigurationSetEventDestination CreateReceiptRule
ses: UpdateConfigurationSetEventDestination UpdateReceiptRule
snowball: CreateCluster CreateJob UpdateCluster UpdateJob
ssm: CreateActivation CreateAssociation CreateAssociationBatch RegisterTaskWithMaintenanceWindow
ssm: SendCommand
ssm: StartAutomationExecution UpdateAssociation UpdateMaintenanceWindowTask
ssm: UpdateManagedInstanceRole
states: TestState
storagegateway: CreateNFSFileShare CreateSMBFileShare
swf: RegisterWorkflowType RespondDecisionTaskCompleted StartWorkflowExecution
synthetics: CreateCanary UpdateCanary
textract: StartDocumentAnalysis StartDocumentTextDetection StartExpenseAnalysis
textract: StartLendingAnalysis
transcribe: CreateLanguageModel StartCallAnalyticsJob StartMedicalScribeJob StartTranscriptionJob
translate: StartTextTranslationJob
voiceid: StartFraudsterRegistrationJob StartSpeakerEnrollmentJob
workmail: StartMailboxExportJob
"""
"""Actions that pass a role though the service authorization reference does not list iam:PassRole
among their dependent actions: its tables of API operations do, or the service's documentation."""

PATHS = {
    "batch:RegisterJobDefinition": [
        "containerProperties.jobRoleArn!",
        "containerProperties.executionRoleArn!",
    ],
    "s3:PutReplicationConfiguration": ["ReplicationConfiguration.Role!"],
    "ec2:CreateFlowLogs": [
        "CreateFlowLogsRequest.DeliverLogsPermissionArn",
        "deliverLogsPermissionArn",
    ],
    "ec2:RunInstances": ["iamInstanceProfile"],
    "codebuild:StartBuild": ["serviceRoleOverride"],
    "codebuild:StartBuildBatch": ["serviceRoleOverride"],
    "cognito-identity:SetIdentityPoolRoles": ["roles.*!"],
    "cognito-idp:CreateUserPool": ["smsConfiguration.snsCallerArn"],
    "cognito-idp:UpdateUserPool": ["smsConfiguration.snsCallerArn"],
    "cognito-idp:SetUserPoolMfaConfig": ["smsMfaConfiguration.smsConfiguration.snsCallerArn"],
    "imagebuilder:CreateInfrastructureConfiguration": ["instanceProfileName!"],
    "imagebuilder:UpdateInfrastructureConfiguration": ["instanceProfileName!"],
    "autoscaling:CreateAutoScalingGroup": [
        "lifecycleHookSpecificationList[].roleARN",
        "serviceLinkedRoleARN",
    ],
    "autoscaling:UpdateAutoScalingGroup": ["serviceLinkedRoleARN"],
    "config:PutRemediationConfigurations": [
        "remediationConfigurations[].parameters.AutomationAssumeRole.staticValue.values"
    ],
    "elasticbeanstalk:CreateConfigurationTemplate": ["optionSettings[].value?"],
    "elasticbeanstalk:CreateEnvironment": ["operationsRole", "optionSettings[].value?"],
    "elasticbeanstalk:UpdateEnvironment": ["optionSettings[].value?"],
    "elasticmapreduce:RunJobFlow": [
        "autoScalingRole",
        "jobFlowRole",
        "serviceRole",
        "stepExecutionRoleArn",
    ],
    "elastictranscoder:CreatePipeline": ["role!"],
    "elastictranscoder:TestRole": ["role!"],
    "elastictranscoder:UpdatePipeline": ["role"],
    "fms:PutNotificationChannel": ["snsRoleName!"],
    "iotanalytics:PutLoggingOptions": ["loggingOptions.roleArn!"],
    "pcs:CreateComputeNodeGroup": ["iamInstanceProfileArn!"],
    "pcs:UpdateComputeNodeGroup": ["iamInstanceProfileArn"],
    "qldb:ExportJournalToS3": ["roleArn!"],
    "qldb:StreamJournalToKinesis": ["roleArn!"],
    "rds:ModifyOptionGroup": ["optionsToInclude[].optionSettings[].value?"],
    "robomaker:CreateSimulationJob": ["iamRole!"],
    "robomaker:CreateWorldExportJob": ["iamRole!"],
    "s3-outposts:PutReplicationConfiguration": ["ReplicationConfiguration.Role!"],
    "sns:CreatePlatformApplication": ["attributes.*FeedbackRoleArn"],
    "sns:CreateTopic": ["attributes.*FeedbackRoleArn"],
    "sns:SetPlatformApplicationAttributes": ["attributes.*FeedbackRoleArn"],
    "sns:SetTopicAttributes": ["attributeValue?"],
    "ssm:StartAutomationExecution": ["parameters.AutomationAssumeRole"],
    "ecs:RunTask": ["overrides.taskRoleArn", "overrides.executionRoleArn"],
    "ecs:StartTask": ["overrides.taskRoleArn", "overrides.executionRoleArn"],
    "iam:AddRoleToInstanceProfile": ["roleName!"],
}
"""Where the role sits, where botocore's names do not tell it or CloudTrail does not follow them.

`!` at the end: the request cannot be made without it; `?`: only where the text is a role's ARN."""


TAGS_AT_CREATION = """
acm AddTagsToCertificate: ImportCertificate RequestCertificate
backup TagResource: CreateBackupPlan CreateBackupVault
cloudformation TagResource: UpdateStack UpdateStackSet
cloudwatch TagResource: PutCompositeAlarm PutInsightRule PutMetricAlarm PutMetricStream
dynamodb TagResource: CreateTable
dsql TagResource: CreateCluster
ecs TagResource: CreateCapacityProvider CreateCluster CreateService CreateTaskSet
ecs TagResource: RegisterContainerInstance RegisterTaskDefinition RunTask StartTask
eks TagResource: CreateAddon CreateCluster CreateFargateProfile CreateNodegroup
events TagResource: CreateEventBus PutRule
firehose TagDeliveryStream: CreateDeliveryStream
glue TagResource: CreateCrawler CreateDevEndpoint CreateJob CreateTrigger CreateWorkflow
iam TagInstanceProfile: CreateInstanceProfile
iam TagMFADevice: CreateVirtualMFADevice
iam TagOpenIDConnectProvider: CreateOpenIDConnectProvider
iam TagPolicy: CreatePolicy
iam TagRole: CreateRole
iam TagSAMLProvider: CreateSAMLProvider
iam TagServerCertificate: UploadServerCertificate
iam TagUser: CreateUser
kinesis AddTagsToStream: CreateStream
kinesis TagResource: RegisterStreamConsumer
kms TagResource: CreateKey ReplicateKey
lambda TagResource: CreateCapacityProvider CreateCodeSigningConfig CreateEventSourceMapping
lambda TagResource: CreateFunction
logs TagResource: CreateLogGroup
mediapackage-vod TagResource: CreateAsset CreatePackagingConfiguration CreatePackagingGroup
organizations TagResource: CreateAccount CreateGovCloudAccount CreateOrganizationalUnit
organizations TagResource: CreatePolicy InviteAccountToOrganization
redshift CreateTags: CreateCluster CreateClusterParameterGroup CreateClusterSnapshot
redshift CreateTags: CreateClusterSubnetGroup
rekognition TagResource: CreateCollection CreateStreamProcessor
s3 PutJobTagging: CreateJob
s3 TagResource: CreateStorageLensGroup
s3tables TagResource: CreateTable CreateTableBucket
s3vectors TagResource: CreateIndex CreateVectorBucket
secretsmanager TagResource: CreateSecret
sns TagResource: CreateTopic
sqs TagQueue: CreateQueue
ssm AddTagsToResource: CreateActivation CreateAssociation CreateDocument CreateMaintenanceWindow
ssm AddTagsToResource: CreatePatchBaseline PutParameter
states TagResource: CreateActivity CreateStateMachine
sts TagGetWebIdentityToken: GetWebIdentityToken
"""
"""Actions whose request may hold tags, and then needs a second action: as each service's own
documentation says, beside those that the service authorization reference lists as dependent."""

TAG_ACTIONS = {
    "acm-pca": "TagCertificateAuthority",
    "autoscaling": "CreateOrUpdateTags",
    "dms": "AddTagsToResource",
    "ds": "AddTagsToResource",
    "ec2": "CreateTags",
    "elasticmapreduce": "AddTags",
    "es": "AddTags",
    "kinesisvideo:CreateStream": "TagStream",
    "medialive": "CreateTags",
    "mq": "CreateTags",
    "rds": "AddTagsToResource",
    "redshift": "CreateTags",
    "resource-groups": "Tag",
    "sagemaker": "AddTags",
    "ssm": "AddTagsToResource",
    "storagegateway": "AddTagsToResource",
    "workspaces": "CreateTags",
}
"""What the action that sets tags is called where it is not `TagResource`: of a prefix or an action.

The service authorization reference lists it in its tables of API operations, beside the action of
the operation, for what creates things with tags."""

TAGGED_BY = re.compile(
    r"(Accept|Activate|Allocate|Associate|Claim|Connect|Convert|Copy|Create|Enable|Generate|Import"
    r"|Invite|Put|Register|Request|Reserve|Restore|Run|Start|Submit)"
)
"""How operations begin that create what their request's tags are set on."""

NO_TAG_ACTION = """
chime codeartifact elasticbeanstalk iam lambda s3 servicecatalog sts
config:PutOrganizationConfigRule config:PutResourceConfig datazone:CreateProject
ecr:CreateRepositoryCreationTemplate lex:PutBot lex:PutBotAlias
swf:StartWorkflowExecution
"""
"""Services and actions whose `tags` need nothing beside the action, are no tags of what is created,
or of which nothing is known but what TAGS_AT_CREATION says."""


def lines(table: str) -> list[list[str]]:
    """The lines of a table of this file: what stands before the colon, and behind it."""
    return [line.split(": ") for line in table.strip().splitlines()]
