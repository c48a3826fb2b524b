"""How services differ in their records: versions, read-only names, the words of a denial."""

from __future__ import annotations

from functools import lru_cache

VERSIONS = {
    "ec2": "1.11",
    "iam": "1.10",
    "s3": "1.11",
    "sts": "1.08",
    "signin": "1.08",
    "kms": "1.11",
    "lambda": "1.11",
    "guardduty": "1.09",
    "logs": "1.09",
}
DENIALS = {"ec2": "Client.UnauthorizedOperation", "s3": "AccessDenied", "iam": "AccessDenied"}
DENIALS |= {"sts": "AccessDenied", "sqs": "AccessDenied", "sns": "AuthorizationError"}
API_VERSIONS = {"cloudtrail": "2013-11-01", "logs": "20140328", "rds": "2014-10-31"}
PREFIXES = {"monitoring": "cloudwatch", "elasticloadbalancing": "elasticloadbalancing"}
READS = ("Get", "List", "Describe", "Head", "Lookup", "Search", "Select", "Query", "Scan", "Batch")
READ_TOO = {"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "Decrypt", "Encrypt"}
READ_TOO |= {"GenerateDataKey", "StartQuery", "ConsoleLogin", "FilterLogEvents", "SimulatePolicy"}
WRITES_TOO = {"BatchWriteItem", "BatchDeleteImage", "ConsoleLogin"}


@lru_cache(maxsize=512)
def host(source: str) -> str:
    """`s3` as `s3.amazonaws.com`; a full name and `AWS Internal` stay."""
    whole = source.endswith(".amazonaws.com") or " " in source
    return source if whole else f"{source}.amazonaws.com"


@lru_cache(maxsize=512)
def version(source: str) -> str:
    """The eventVersion that the service writes; they differ on the same day."""
    return VERSIONS.get(source.split(".", maxsplit=1)[0], "1.11")


@lru_cache(maxsize=4096)
def reads(name: str) -> bool:
    """Whether a call of this name only reads."""
    return (name.startswith(READS) or name in READ_TOO) and name not in WRITES_TOO


@lru_cache(maxsize=512)
def denial(source: str) -> str:
    """The errorCode of a denied call."""
    return DENIALS.get(source.split(".", maxsplit=1)[0], "AccessDeniedException")


def denial_message(arn: str, source: str, name: str, resource: str | None) -> str:
    """The errorMessage of a denied call."""
    service = source.split(".", maxsplit=1)[0]
    action = f"{PREFIXES.get(service, service)}:{name.split('2015', maxsplit=1)[0]}"
    target = f" on resource: {resource}" if resource else ""
    reason = "because no identity-based policy allows the"
    return f"User: {arn} is not authorized to perform: {action}{target} {reason} {action} action"
