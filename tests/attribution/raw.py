"""Records written by hand, as short as they can be: who signs, what is called, at which second."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Any

from tests.world.model import Record
from tests.world.times import expiration_text, iso, seconds

START = seconds("2026-11-20T10:00:00Z")
HOME, AWAY = "111111111111", "222222222222"
_NUMBERS = count(1)


def key() -> str:
    """An access key that was not used before."""
    return f"ASIA2{next(_NUMBERS):015}".translate(str.maketrans("01", "AB"))


def user(name: str, account: str = HOME, number: str = "") -> Record:
    """An IAM user with its long-term key."""
    body = f"{name.upper() + number:Z<17}"
    return {
        "type": "IAMUser",
        "principalId": f"AIDA{body}",
        "arn": f"arn:aws:iam::{account}:user/{name}",
        "accountId": account,
        "accessKeyId": f"AKIA{body[:16]}",
        "userName": name,
    }


@dataclass(frozen=True, slots=True)
class Role:
    """A role, by its name and account."""

    name: str
    account: str = AWAY

    @property
    def arn(self) -> str:
        """ARN of the role."""
        return f"arn:aws:iam::{self.account}:role/{self.name}"

    @property
    def id(self) -> str:
        """Its unique id."""
        return f"AROA{self.name.upper():Z<17}"

    def session(self, name: str, at: int, access_key: str | None) -> Record:
        """Who wears this role since that second."""
        return {
            "type": "AssumedRole",
            "principalId": f"{self.id}:{name}",
            "arn": f"arn:aws:sts::{self.account}:assumed-role/{self.name}/{name}",
            "accountId": self.account,
            **({"accessKeyId": access_key} if access_key else {}),
            "sessionContext": _context(at, "Role", self.id, self.arn),
        }


def federated(who: Record, at: int, access_key: str) -> Record:
    """The federated user `guest` of an IAM user."""
    return {
        "type": "FederatedUser",
        "principalId": f"{HOME}:guest",
        "arn": f"arn:aws:sts::{HOME}:federated-user/guest",
        "accountId": HOME,
        "accessKeyId": access_key,
        "sessionContext": _context(at, "IAMUser", who["principalId"], who["arn"]),
    }


def root(at: int, access_key: str) -> Record:
    """Root of the account AWAY with temporary credentials."""
    context = {"attributes": {"creationDate": iso(START + at), "mfaAuthenticated": "false"}}
    arn = f"arn:aws:iam::{AWAY}:root"
    who = {"type": "Root", "principalId": AWAY, "accountId": AWAY, "accessKeyId": access_key}
    return who | {"arn": arn, "sessionContext": context}


def call(who: Record, service: str, name: str, at: int, **fields: Any) -> Record:
    """A record of a call so many seconds after the start."""
    number = next(_NUMBERS)
    return {
        "eventID": f"00000000-0000-4000-8000-{number:012}",
        "requestID": f"00000000-0000-4000-9000-{number:012}",
        "eventTime": iso(START + at),
        "eventSource": f"{service}.amazonaws.com",
        "eventName": name,
        "awsRegion": "us-east-1",
        "sourceIPAddress": "203.0.113.9",
        "userIdentity": who,
        "requestParameters": None,
        "responseElements": None,
        "eventType": "AwsApiCall",
        "recipientAccountId": who["accountId"],
    } | fields


def assume(who: Record, role: Role, name: str, at: int, access_key: str, **fields: Any) -> Record:
    """A successful AssumeRole, as the caller's account sees it."""
    made = {
        "credentials": {
            "accessKeyId": access_key,
            "expiration": expiration_text(START + at + 3600),
        },
        "assumedRoleUser": {"assumedRoleId": f"{role.id}:{name}"},
    }
    return call(
        who,
        "sts",
        "AssumeRole",
        at,
        requestParameters={"roleArn": role.arn, "roleSessionName": name},
        responseElements=made,
        resources=[{"ARN": role.arn, "accountId": role.account, "type": "AWS::IAM::Role"}],
        sharedEventID=f"00000000-0000-4000-a000-{next(_NUMBERS):012}",
        **fields,
    )


def owner_copy(record: Record, role: Role) -> Record:
    """The role owner's copy of an AssumeRole."""
    caller = record["userIdentity"]
    thin = {"type": "AWSAccount", **{k: caller[k] for k in ("principalId", "accountId")}}
    event_id = f"00000000-0000-4000-b000-{next(_NUMBERS):012}"
    own = {"userIdentity": thin, "recipientAccountId": role.account, "eventID": event_id}
    return record | own


def by_web_identity(subject: str, role: Role, name: str, at: int, access_key: str) -> Record:
    """A successful AssumeRoleWithWebIdentity."""
    provider = f"arn:aws:iam::{role.account}:oidc-provider/token.actions.githubusercontent.com"
    who = {
        "type": "WebIdentityUser",
        "principalId": f"{provider}:sts.amazonaws.com:{subject}",
        "userName": subject,
        "identityProvider": provider,
        "accountId": role.account,
    }
    return assume(who, role, name, at, access_key, eventName="AssumeRoleWithWebIdentity")


def federate(who: Record, at: int, access_key: str) -> Record:
    """A successful GetFederationToken for `guest`."""
    expires = expiration_text(START + at + 3600)
    made = {
        "credentials": {"accessKeyId": access_key, "expiration": expires},
        "federatedUser": {"federatedUserId": f"{HOME}:guest"},
    }
    return call(who, "sts", "GetFederationToken", at, responseElements=made)


def _context(at: int, kind: str, principal_id: str, arn: str) -> Record:
    account, name = arn.split(":")[4], arn.rsplit("/", maxsplit=1)[-1]
    issuer = {"type": kind, "principalId": principal_id, "arn": arn, "accountId": account}
    return {
        "sessionIssuer": issuer | {"userName": name},
        "attributes": {"creationDate": iso(START + at), "mfaAuthenticated": "false"},
    }
