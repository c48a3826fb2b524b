"""A generated organisation trail: S3 layout, gzip, 1,000 events a file, the same for the same seed.

Written for speed (records are put together as text), and shaped like a busy trail: eight
accounts, a file per account every fifteen minutes, a file's events made by about 120 role
sessions, ten access keys of users and some services. Each session has the AssumeRole that
issued its key, so the trail can also be attributed. Five records of each file come twice.
"""

from __future__ import annotations

import json
import shutil
import zlib
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from isal import igzip

EVENTS_PER_FILE = 1_000
REPEATED_PER_FILE = 5
ORGANISATION = "o-bench12345"
ACCOUNTS = tuple(f"1111{n:08d}" for n in range(8))
REGIONS = ("us-east-1", "eu-central-1", "eu-west-1")
START = datetime(2026, 10, 1, tzinfo=UTC)
SLOT = timedelta(minutes=15)
NEW_SESSIONS_PER_SLOT = 15
SLOTS_A_SESSION_LIVES = 8
USERS_PER_ACCOUNT = 10

AGENTS = (
    "aws-cli/2.34.30 md/awscrt#0.31.2 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.14.4",
    "Boto3/1.44.5 md/Botocore#1.44.5 ua/2.1 os/linux md/arch#x86_64 lang/python#3.12.11",
    "APN/1.0 HashiCorp/1.0 Terraform/1.14.1 aws-sdk-go-v2/1.41.0 ua/2.1 os/linux lang/go#1.25.4",
    "[Amazon.com Java SDK 2.38.1 Linux/6.1 OpenJDK_64-Bit_Server_VM/21.0.9 vendor/Amazon]",
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes calls: the `userIdentity` as JSON text and where the calls come from."""

    identity: str
    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Session(Caller):
    """A role session and the AssumeRole record's own parts."""

    minted_at: datetime
    request: str
    response: str
    minted_by: Caller


def trail(folder: Path, files: int, *, seed: int = 1, workers: int = 2) -> int:
    """Write `files` files into `folder`, unless they are there; the number of records in them.

    A file beside the folder says that it is complete, and by which version of this module.
    """
    version = zlib.crc32(Path(__file__).read_bytes())
    done = folder.with_name(f"{folder.name}.complete-{seed}-{version:08x}")
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        with ProcessPoolExecutor(workers) as pool:
            for _ in pool.map(partial(write, folder, seed), range(files), chunksize=8):
                pass
        done.touch()
    return files * EVENTS_PER_FILE


def distinct(records: int) -> int:
    """How many different events there are among that many records."""
    return records - records // EVENTS_PER_FILE * REPEATED_PER_FILE


def write(folder: Path, seed: int, number: int) -> None:
    """Write file `number` of the trail into its place below `folder`."""
    slot, account, region, random = _start(seed, number)
    moment = START + slot * SLOT
    path = folder / "AWSLogs" / ORGANISATION / account / "CloudTrail" / region
    path /= f"{moment:%Y/%m/%d}"
    path.mkdir(parents=True, exist_ok=True)
    name = f"{account}_CloudTrail_{region}_{moment:%Y%m%dT%H%MZ}_{random.getrandbits(64):016x}"
    body = '{"Records":[' + ",".join(_records(seed, account, region, slot, random)) + "]}"
    (path / f"{name}.json.gz").write_bytes(igzip.compress(body.encode(), 2))


def distinct_records(number: int, *, seed: int = 1) -> list[str]:
    """The records of file `number`, each once."""
    slot, account, region, random = _start(seed, number)
    return _records(seed, account, region, slot, random)[:-REPEATED_PER_FILE]


def _start(seed: int, number: int) -> tuple[int, str, str, Random]:
    """Slot, account, region and dice of a file."""
    slot, position = divmod(number, len(ACCOUNTS))
    random = Random(f"{seed}/{number}")
    return slot, ACCOUNTS[position], random.choice(REGIONS), random


def _records(seed: int, account: str, region: str, slot: int, random: Random) -> list[str]:
    """The records of one file."""
    first_slot = max(0, slot - SLOTS_A_SESSION_LIVES + 1)
    alive = [_sessions(seed, account, born) for born in range(first_slot, slot + 1)]
    sessions = [session for born in alive for session in born]
    callers: list[Caller] = [*sessions, *_users(seed, account)]
    begin = START + slot * SLOT
    records = [_mint(session, account, region, random) for session in alive[-1]]
    for _ in range(EVENTS_PER_FILE - REPEATED_PER_FILE - len(records)):
        moment = begin + timedelta(seconds=random.randrange(450, 900))
        source, action, read, parts = random.choice(ACTIONS)
        request, response = parts(random, account, region)
        denied = random.random() < 0.02
        records.append(
            _record(
                random,
                random.choice(callers),
                account,
                region,
                moment,
                source=source,
                action=action,
                read=read,
                request=request,
                response="null" if denied else response,
                denied=denied,
            )
        )
    random.shuffle(records)
    return records + random.sample(records, REPEATED_PER_FILE)


def _record(
    random: Random,
    caller: Caller,
    account: str,
    region: str,
    moment: datetime,
    *,
    source: str,
    action: str,
    read: bool,
    request: str,
    response: str,
    denied: bool = False,
    resources: str = "",
) -> str:
    """One record as JSON text."""
    error = (
        f'"errorCode":"AccessDenied","errorMessage":"User is not authorized to perform: {action}",'
        if denied
        else ""
    )
    return (
        f'{{"eventVersion":"1.11","userIdentity":{caller.identity},'
        f'"eventTime":"{moment:%Y-%m-%dT%H:%M:%SZ}","eventSource":"{source}.amazonaws.com",'
        f'"eventName":"{action}","awsRegion":"{region}","sourceIPAddress":"{caller.address}",'
        f'"userAgent":"{caller.agent}",{error}"requestParameters":{request},'
        f'"responseElements":{response},"requestID":"{_uuid(random)}","eventID":"{_uuid(random)}",'
        f'"readOnly":{"true" if read else "false"},{resources}"eventType":"AwsApiCall",'
        f'"managementEvent":true,"recipientAccountId":"{account}","eventCategory":"Management",'
        f'"tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256",'
        f'"clientProvidedHostHeader":"{source}.{region}.amazonaws.com"}}}}'
    )


# ── callers ─────────────────────────────────────────────────────────────────────────────


def _users(seed: int, account: str) -> list[Caller]:
    """The IAM users of an account, each with a long-term key."""
    random = Random(f"{seed}/users/{account}")
    return [
        Caller(
            json.dumps(
                {
                    "type": "IAMUser",
                    "principalId": _identifier(random, "AIDA"),
                    "arn": f"arn:aws:iam::{account}:user/user-{number}",
                    "accountId": account,
                    "accessKeyId": _identifier(random, "AKIA"),
                    "userName": f"user-{number}",
                }
            ),
            f"203.0.113.{number + 1}",
            random.choice(AGENTS),
        )
        for number in range(USERS_PER_ACCOUNT)
    ]


def _sessions(seed: int, account: str, slot: int) -> list[Session]:
    """The role sessions that begin in a slot: two in three by users, one by a session."""
    random = Random(f"{seed}/sessions/{account}/{slot}")
    users = _users(seed, account)
    sessions: list[Session] = []
    for number in range(NEW_SESSIONS_PER_SLOT):
        by_session = bool(sessions) and number % 3 == 2
        parent: Caller = random.choice(sessions) if by_session else random.choice(users)
        minted_at = START + slot * SLOT + timedelta(seconds=number * 30)
        sessions.append(_session(random, account, minted_at, parent))
    return sessions


def _session(random: Random, account: str, minted_at: datetime, parent: Caller) -> Session:
    """One session of one of forty roles, issued to `parent`."""
    role = random.randrange(40)
    name = f"job-{random.getrandbits(32):08x}"
    role_id = f"AROA{account}ROLE{role:02d}"
    role_arn = f"arn:aws:iam::{account}:role/teams/role-{role}"
    session_arn = f"arn:aws:sts::{account}:assumed-role/role-{role}/{name}"
    key = _identifier(random, "ASIA")
    issuer = {
        "type": "Role",
        "principalId": role_id,
        "arn": role_arn,
        "accountId": account,
        "userName": f"role-{role}",
    }
    identity = {
        "type": "AssumedRole",
        "principalId": f"{role_id}:{name}",
        "arn": session_arn,
        "accountId": account,
        "accessKeyId": key,
        "sessionContext": {
            "sessionIssuer": issuer,
            "attributes": {
                "creationDate": f"{minted_at:%Y-%m-%dT%H:%M:%SZ}",
                "mfaAuthenticated": "false",
            },
        },
    }
    expires = minted_at + SLOT * SLOTS_A_SESSION_LIVES
    credentials = {
        "accessKeyId": key,
        "sessionToken": f"{random.getrandbits(3_000):x}",
        "expiration": f"{expires:%b} {expires.day}, {expires:%Y, %-I:%M:%S %p}",
    }
    assumed = {"assumedRoleId": f"{role_id}:{name}", "arn": session_arn}
    return Session(
        identity=json.dumps(identity),
        address=f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}",
        agent=random.choice(AGENTS),
        minted_at=minted_at,
        request=json.dumps(
            {"roleArn": role_arn, "roleSessionName": name, "durationSeconds": 7_200}
        ),
        response=json.dumps({"credentials": credentials, "assumedRoleUser": assumed}),
        minted_by=parent,
    )


def _mint(session: Session, account: str, region: str, random: Random) -> str:
    """The AssumeRole record that issued a session."""
    role_arn = json.loads(session.request)["roleArn"]
    resource = {"accountId": account, "type": "AWS::IAM::Role", "ARN": role_arn}
    return _record(
        random,
        session.minted_by,
        account,
        region,
        session.minted_at,
        source="sts",
        action="AssumeRole",
        read=True,
        request=session.request,
        response=session.response,
        resources=f'"resources":[{json.dumps(resource)}],',
    )


# ── calls ───────────────────────────────────────────────────────────────────────────────

Parts = Callable[[Random, str, str], tuple[str, str]]
"""(random, account, region) → requestParameters and responseElements as JSON text."""


def _describe_instances(random: Random, account: str, region: str) -> tuple[str, str]:
    ids = ",".join(f'{{"instanceId":"{_hex_id("i", random)}"}}' for _ in range(3))
    return (
        f'{{"maxResults":100,"instancesSet":{{"items":[{ids}]}},"filterSet":{{"items":['
        f'{{"name":"vpc-id","valueSet":{{"items":[{{"value":"{_hex_id("vpc", random)}"}}]}}}}]}}}}',
        "null",
    )


def _run_instances(random: Random, account: str, region: str) -> tuple[str, str]:
    subnet = _hex_id("subnet", random)
    request = (
        f'{{"instancesSet":{{"items":[{{"imageId":"{_hex_id("ami", random)}","minCount":1,'
        f'"maxCount":1}}]}},"instanceType":"m7g.large","subnetId":"{subnet}",'
        '"blockDeviceMapping":{"items":[{"deviceName":"/dev/xvda","ebs":{"volumeSize":64,'
        '"deleteOnTermination":true,"volumeType":"gp3","encrypted":true}}]},'
        '"metadataOptions":{"httpTokens":"required","httpPutResponseHopLimit":2}}'
    )
    response = (
        f'{{"requestId":"{_uuid(random)}","reservationId":"{_hex_id("r", random)}",'
        f'"ownerId":"{account}","instancesSet":{{"items":[{{"instanceId":"{_hex_id("i", random)}",'
        f'"subnetId":"{subnet}","instanceState":{{"code":0,"name":"pending"}},'
        f'"privateDnsName":"ip-10-0-0-1.{region}.compute.internal","tagSet":{{"items":['
        '{"key":"team","value":"payments"},{"key":"env","value":"production"}]}}]}}'
    )
    return request, response


def _get_object(random: Random, account: str, region: str) -> tuple[str, str]:
    return (
        f'{{"bucketName":"data-{account}","Host":"data-{account}.s3.{region}.amazonaws.com",'
        f'"key":"year=2026/month=10/part-{random.getrandbits(40):010x}.parquet"}}',
        "null",
    )


def _decrypt(random: Random, account: str, region: str) -> tuple[str, str]:
    return (
        '{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:s3:arn":'
        f'"arn:aws:s3:::data-{account}/{random.getrandbits(40):010x}"}}}}',
        "null",
    )


def _put_item(random: Random, account: str, region: str) -> tuple[str, str]:
    return (
        f'{{"tableName":"orders-{random.randrange(20)}","key":{{"id":"HIDDEN_DUE_TO_SECURITY_'
        'REASONS"},"returnConsumedCapacity":"TOTAL","items":["id","customer","état","größe"]}',
        "null",
    )


def _create_log_stream(random: Random, account: str, region: str) -> tuple[str, str]:
    return (
        f'{{"logGroupName":"/aws/lambda/f-{random.randrange(90)}","logStreamName":'
        f'"2026/10/01/[$LATEST]{random.getrandbits(128):032x}"}}',
        "null",
    )


def _put_role_policy(random: Random, account: str, region: str) -> tuple[str, str]:
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"}]}
    )
    return (
        f'{{"roleName":"role-{random.randrange(40)}","policyName":"inline","policyDocument":'
        f"{json.dumps(policy)}}}",
        "null",
    )


def _identity(random: Random, account: str, region: str) -> tuple[str, str]:
    return "null", "null"


ACTIONS: tuple[tuple[str, str, bool, Parts], ...] = (
    ("ec2", "DescribeInstances", True, _describe_instances),
    ("ec2", "DescribeInstances", True, _describe_instances),
    ("ec2", "RunInstances", False, _run_instances),
    ("s3", "GetObject", True, _get_object),
    ("s3", "GetObject", True, _get_object),
    ("s3", "PutObject", False, _get_object),
    ("kms", "Decrypt", True, _decrypt),
    ("kms", "Decrypt", True, _decrypt),
    ("dynamodb", "PutItem", False, _put_item),
    ("logs", "CreateLogStream", False, _create_log_stream),
    ("iam", "PutRolePolicy", False, _put_role_policy),
    ("sts", "GetCallerIdentity", True, _identity),
)
"""What is called, as often as it stands here: service, action, whether it only reads, parts."""


def _uuid(random: Random) -> str:
    digits = f"{random.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _hex_id(prefix: str, random: Random) -> str:
    return f"{prefix}-{random.getrandbits(68):017x}"


def _identifier(random: Random, prefix: str) -> str:
    return prefix + "".join(random.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=16))
