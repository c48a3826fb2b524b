"""Which actions a trail can show: an unused action is only unused where its use would be seen.

Data events are off by default, permission-only actions and iam:PassRole are never events. AWS
publishes no machine-readable list of data events, so theirs is written down here, from the pages
that each service has on CloudTrail. least-privilege.md, section 6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cache

from pipeline.least_privilege.actions import exceptional_actions
from pipeline.least_privilege.index import ActionIndex

DATA_ACTIONS: dict[str, tuple[str, ...]] = {
    "appsync": ("GraphQL",),
    "bedrock": ("Invoke*", "Retrieve*", "ApplyGuardrail", "Converse*", "Render*"),
    "cassandra": ("Select", "Modify"),
    "codewhisperer": ("Generate*",),
    "cognito-identity": ("GetId", "GetCredentialsForIdentity", "GetOpenIdToken*"),
    "cognito-sync": ("*Records", "*Dataset*"),
    "dynamodb": (
        "BatchGetItem",
        "BatchWriteItem",
        "ConditionCheckItem",
        "DeleteItem",
        "GetItem",
        "GetRecords",
        "GetShardIterator",
        "PartiQL*",
        "PutItem",
        "Query",
        "Scan",
        "UpdateItem",
    ),
    "ebs": ("*",),
    "execute-api": ("*",),
    "firehose": ("PutRecord*",),
    "geo": ("Batch*", "Calculate*", "Get*Position*", "Search*"),
    "iot": ("Connect", "Publish", "Receive", "Subscribe", "RetainPublish", "*ThingShadow"),
    "kinesis": ("GetRecords", "GetShardIterator", "PutRecord*", "SubscribeToShard"),
    "lambda": ("InvokeFunction", "InvokeFunctionUrl", "InvokeAsync"),
    "logs": ("PutLogEvents", "GetLogEvents", "FilterLogEvents", "StartLiveTail"),
    "cloudwatch": ("GetMetricData", "GetMetricStatistics", "PutMetricData", "GetMetricWidgetImage"),
    "managedblockchain": ("GET", "POST", "Invoke*"),
    "medical-imaging": ("Get*", "Search*", "CopyImageSet", "UpdateImageSetMetadata"),
    "mobiletargeting": ("SendMessages", "SendUsersMessages", "PutEvents"),
    "polly": ("SynthesizeSpeech",),
    "rds-data": ("*",),
    "s3": (
        "AbortMultipartUpload",
        "BypassGovernanceRetention",
        "DeleteObject*",
        "GetObject*",
        "ListBucket",
        "ListBucketMultipartUploads",
        "ListBucketVersions",
        "ListMultipartUploadParts",
        "PutObject*",
        "ReplicateDelete",
        "ReplicateObject",
        "ReplicateTags",
        "RestoreObject",
    ),
    "s3-object-lambda": ("*Object*", "ListBucket*", "*MultipartUpload*"),
    "s3-outposts": ("*Object*", "ListBucket*", "*MultipartUpload*"),
    "s3express": ("CreateSession",),
    "sagemaker": ("Invoke*", "GetRecord", "PutRecord", "DeleteRecord", "BatchPutMetrics"),
    "servicediscovery": ("DiscoverInstances*",),
    "sns": ("Publish",),
    "sqs": (
        "CancelMessageMoveTask",
        "ChangeMessageVisibility",
        "DeleteMessage",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ListDeadLetterSourceQueues",
        "ListQueues",
        "ReceiveMessage",
        "SendMessage",
        "StartMessageMoveTask",
    ),
    "ssmmessages": ("*",),
    "states": ("StartSyncExecution",),
    "sts": (),
    "swf": ("Poll*", "Respond*", "Signal*", "Record*"),
    "timestream": ("Select*", "WriteRecords", "PrepareQuery", "CancelQuery"),
    "verifiedpermissions": ("IsAuthorized*",),
    "xray": ("PutTraceSegments", "PutTelemetryRecords", "GetTraceSummaries"),
}
"""Service → actions whose events are data events, as patterns."""

OFTEN_LEFT_OUT = frozenset({"kms", "rds-data"})
"""Services that a trail may leave out on its own (excludeManagementEventSources)."""

NEVER_LOGGED = ("logs:PutLogEvents", "ec2messages:*", "ssmmessages:*", "xray:PutTraceSegments")
"""Actions of which CloudTrail has no event at all."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the window of the lake covers.

    first_time, last_time -- of any event in it (UTC), None where there is none.
    data_services -- prefixes of services with at least one data event.
    regions, accounts -- seen in it. events -- how many.
    is_known -- whether it has any event at all; has_reads -- whether reading calls are among them.
    silent -- services that trails often leave out and of which it has no event.
    """

    first_time: datetime | None = None
    last_time: datetime | None = None
    data_services: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    accounts: frozenset[str] = field(default_factory=frozenset)
    events: int = 0
    is_known: bool = True
    has_reads: bool = True
    silent: frozenset[str] = frozenset()

    @property
    def days(self) -> float:
        """Length of the window."""
        if self.first_time is None or self.last_time is None:
            return 0.0
        return (self.last_time - self.first_time).total_seconds() / 86_400


def is_data_action(action: str) -> bool:
    """Whether the events of an action are data events."""
    prefix, _, name = action.partition(":")
    return any(fnmatchcase(name, pattern) for pattern in DATA_ACTIONS.get(prefix, ()))


def hidden(action: str, coverage: Coverage, index: ActionIndex | None = None) -> str:
    """Why a use of the action would not be seen in the lake; "" where it would be."""
    index = index or ActionIndex.packaged()
    return next(_hidings(action, coverage, index), "")


def _hidings(action: str, coverage: Coverage, index: ActionIndex) -> Iterator[str]:
    prefix = action.partition(":")[0]
    if not coverage.is_known:
        yield "the trail of its account is not in the lake"
    if action == "iam:PassRole":
        yield "iam:PassRole is never an event; it shows only in the request of the call"
    if any(fnmatchcase(action, pattern) for pattern in NEVER_LOGGED):
        yield "CloudTrail does not record it"
    if is_data_action(action):
        if prefix not in coverage.data_services:
            yield f"data events of {prefix} are not in the lake"
        return
    if action in _permission_only(index):
        yield "permission only: no API operation has this name"
    if prefix in coverage.silent:
        yield f"no event of {prefix} is in the lake, and trails often leave it out"
    if not coverage.has_reads and index.level(action) in ("List", "Read"):
        yield "no reading call of this account is in the lake: its trail may leave them out"


@cache
def _permission_only(index: ActionIndex) -> Collection[str]:
    """Actions that neither an operation nor an exception of ours leads to."""
    verbs = {action for action in index.actions("apigateway") if action.partition(":")[2].isupper()}
    return index.permission_only - exceptional_actions() - verbs
