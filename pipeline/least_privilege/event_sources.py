"""Event source of CloudTrail → prefix of IAM actions; they differ for some thirty services.

least-privilege.md, section 1.
"""

from __future__ import annotations

from pipeline.least_privilege.index import ActionIndex

PREFIXES: dict[str, tuple[str, ...]] = {
    "agreement-marketplace": ("aws-marketplace",),
    "amazonmq": ("mq",),
    "appstream2": ("appstream",),
    "application-insights": ("applicationinsights",),
    "awsssooidc": ("sso-oauth",),
    "awsssoportal": ("sso",),
    "billingconsole": ("billing", "aws-portal"),
    "chime-sdk-media-pipelines": ("chime",),
    "chime-sdk-voice": ("chime",),
    "cloudcontrolapi": ("cloudformation",),
    "contact-lens": ("connect",),
    "data.iot": ("iot",),
    "data.jobs.iot": ("iotjobsdata", "iot"),
    "devicefarm": ("devicefarm",),
    "discovery-marketplace": ("aws-marketplace",),
    "es": ("es",),
    "iotdata": ("iot",),
    "iotsecuredtunneling": ("iot",),
    "management-marketplace": ("aws-marketplace-management",),
    "marketplacecatalog": ("aws-marketplace",),
    "migrationhub": ("mgh",),
    "models.lex": ("lex",),
    "monitoring": ("cloudwatch",),
    "mturk-requester": ("mechanicalturk",),
    "opensearchservice": ("es",),
    "participant-connect": ("connect",),
    "participant.connect": ("connect",),
    "pinpoint": ("mobiletargeting",),
    "pricelist": ("pricing",),
    "qconnect": ("wisdom",),
    "rdsdata": ("rds-data",),
    "reporting-marketplace": ("aws-marketplace",),
    "runtime.lex": ("lex",),
    "s3": ("s3", "s3express"),
    "servicecatalog-appregistry": ("servicecatalog",),
    "sso": ("sso", "sso-directory"),
    "streams.dynamodb": ("dynamodb",),
    "tagging": ("tag",),
    "taxconsole": ("tax",),
    "transcribestreaming": ("transcribe",),
}
"""Sources whose prefix is not their first label, and those whose actions have several."""


def label_of(event_source: str) -> str:
    """`monitoring.amazonaws.com` as `monitoring`."""
    source = event_source.strip().lower()
    return source.removesuffix(".cn").removesuffix(".amazonaws.com").removesuffix(".aws.internal")


def prefixes_of(event_source: str, index: ActionIndex) -> tuple[str, ...]:
    """The prefixes under which the actions of an event source may be, the likeliest first.

    The source's own label, unless a table or botocore knows better; () for an unknown service.
    """
    label = label_of(event_source)
    if label in PREFIXES:
        return PREFIXES[label]
    first = label.partition(".")[0]
    likely = (label, index.source_prefixes.get(label), first, index.source_prefixes.get(first))
    return tuple(dict.fromkeys(p for p in likely if p and p in index.prefixes))
