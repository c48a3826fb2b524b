"""Event source of CloudTrail → prefix of IAM actions; they differ for some fifty services.

least-privilege.md, section 1.
"""

from __future__ import annotations

from pipeline.least_privilege.index import ActionIndex

PREFIXES: dict[str, tuple[str, ...]] = {
    "agreement-marketplace": ("aws-marketplace",),
    "amazonmq": ("mq",),
    "api.tunneling.iot": ("iot",),
    "apigatewaymanagementapi": ("execute-api",),
    "application-insights": ("applicationinsights",),
    "appstream2": ("appstream",),
    "autoscaling": ("autoscaling", "application-autoscaling", "autoscaling-plans"),
    "awsssooidc": ("sso-oauth",),
    "awsssoportal": ("sso",),
    "billingconsole": ("billing", "aws-portal"),
    "catalog-marketplace": ("aws-marketplace",),
    "chime-sdk-media-pipelines": ("chime",),
    "chime-sdk-voice": ("chime",),
    "cloudcontrolapi": ("cloudformation",),
    "connectparticipant": ("connect",),
    "contact-lens": ("connect",),
    "costexplorer": ("ce",),
    "data-ats.iot": ("iot",),
    "data.iot": ("iot",),
    "data.jobs.iot": ("iotjobsdata", "iot"),
    "deployment-marketplace": ("aws-marketplace",),
    "discovery-marketplace": ("aws-marketplace",),
    "entitlement-marketplace": ("aws-marketplace",),
    "eventbridge": ("events",),
    "iot-data": ("iot",),
    "iot-jobs-data": ("iotjobsdata", "iot"),
    "iotdata": ("iot",),
    "iotsecuredtunneling": ("iot",),
    "iotsecuretunneling": ("iot",),
    "management-marketplace": ("aws-marketplace-management",),
    "marketplacecatalog": ("aws-marketplace",),
    "metering-marketplace": ("aws-marketplace",),
    "migrationhub": ("mgh",),
    "migrationhub-config": ("mgh",),
    "migrationhubstrategy": ("migrationhub-strategy",),
    "models.lex": ("lex",),
    "monitoring": ("cloudwatch",),
    "mturk-requester": ("mechanicalturk",),
    "opensearchservice": ("es",),
    "participant-connect": ("connect",),
    "participant.connect": ("connect",),
    "partnercentral-account": ("partnercentral",),
    "partnercentral-benefits": ("partnercentral",),
    "partnercentral-channel": ("partnercentral",),
    "partnercentral-selling": ("partnercentral",),
    "pinpoint": ("mobiletargeting",),
    "pricelist": ("pricing",),
    "procurement-marketplace": ("aws-marketplace",),
    "qconnect": ("wisdom",),
    "rdsdata": ("rds-data",),
    "reporting-marketplace": ("aws-marketplace",),
    "runtime.lex": ("lex",),
    "s3": ("s3", "s3express", "s3-outposts"),
    "s3-control": ("s3", "s3express", "s3-outposts"),
    "s3control": ("s3", "s3express", "s3-outposts"),
    "servicecatalog-appregistry": ("servicecatalog",),
    "session.qldb": ("qldb",),
    "ssm": ("ssm", "ssmmessages"),
    "sso": ("sso", "sso-directory"),
    "streams.dynamodb": ("dynamodb",),
    "tagging": ("tag",),
    "taxconsole": ("tax",),
    "transcribestreaming": ("transcribe",),
    "voice-id": ("voiceid",),
}
"""Sources whose prefix is not their first label, and those whose actions have several."""


def label_of(event_source: str) -> str:
    """`monitoring.amazonaws.com` as `monitoring`."""
    source = event_source.strip().lower()
    return source.removesuffix(".cn").removesuffix(".amazonaws.com").removesuffix(".aws.internal")


def prefixes_of(event_source: str, index: ActionIndex) -> tuple[str, ...]:
    """The prefixes under which the actions of an event source may be, the likeliest first.

    The source's own label, unless a table or botocore knows better; last, the prefix that differs
    in nothing but hyphens (`ssmcontacts`, `ssm-contacts`). () for an unknown service.
    """
    label = label_of(event_source)
    if label in PREFIXES:
        return PREFIXES[label]
    first = label.partition(".")[0]
    likely = (label, index.source_prefixes.get(label), first, index.source_prefixes.get(first))
    known = tuple(dict.fromkeys(p for p in likely if p and p in index.prefixes))
    return known or tuple(p for p in index.prefixes if p.replace("-", "") == first)
