"""Small trails: CloudTrail files made of records that name only what matters."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

Record = dict[str, object]


def record(number: int, **changes: object) -> Record:
    """A call of the IAM user dora; `number` makes its id and its second."""
    event: Record = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDADORA",
            "arn": "arn:aws:iam::111111111111:user/dora",
            "accountId": "111111111111",
            "accessKeyId": "AKIADORA000000000001",
            "userName": "dora",
        },
        "eventTime": f"2026-11-20T09:00:{number:02}Z",
        "eventSource": "s3.amazonaws.com",
        "eventName": "ListBuckets",
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.10",
        "userAgent": "aws-cli/2.34.30",
        "requestParameters": None,
        "responseElements": None,
        "requestID": f"request-{number}",
        "eventID": str(uuid5(NAMESPACE_URL, f"event-{number}")),
        "readOnly": True,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": "111111111111",
        "eventCategory": "Management",
    }
    return event | changes


def write(path: Path, *records: Record) -> Path:
    """A file of CloudTrail with these records, gzipped where its name says so."""
    data = json.dumps({"Records": records}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path
