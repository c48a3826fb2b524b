"""The S3 client: credentials, region, endpoint, and what its errors mean to a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    DeferredRefreshableCredentials,
)
from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import SourceError
from pipeline.sources.model import Access
from pipeline.sources.s3.faults import explained

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CONNECTIONS = 16
"""Requests at the same time in one process."""

CONNECT_SECONDS = 10
READ_SECONDS = 30

_SESSION_NAME = "rolecall"
_STS_REGION = "us-east-1"


def payer(access: Access) -> Mapping[str, Any]:
    """The argument that says who pays, for every request."""
    return {"RequestPayer": "requester"} if access.requester_pays else {}


@dataclass(frozen=True)
class Connection:
    """How a process reaches S3.

    session -- where the client's credentials come from.
    client -- may be used by several threads.
    """

    access: Access
    session: botocore.session.Session
    client: S3Client


def connect(access: Access) -> Connection:
    """A connection; nothing is asked yet.

    Credentials are renewed when they run out, those of an assumed role too. A request is tried
    three times, or as often as the AWS configuration says.
    Raises SourceError when the profile does not exist or there are no credentials.
    """
    try:
        session = botocore.session.Session(profile=access.profile or None)
        if access.role_arn:
            session = _wearing(session, access)
        if session.get_credentials() is None:
            message = (
                "There are no AWS credentials. Sign in (aws sso login), give --profile NAME, or "
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            )
            raise SourceError(message, location="s3")
        client = boto3.Session(botocore_session=session).client(
            "s3",
            region_name=access.region or None,
            endpoint_url=access.endpoint_url or None,
            config=Config(
                retries={"mode": "standard"},
                max_pool_connections=CONNECTIONS,
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
            ),
        )
        return Connection(access, session, client)
    except (BotoCoreError, ClientError) as error:
        raise explained(error, "s3", "") from error
    except ValueError as error:
        message = f"The client for S3 cannot be made: {error}. Check --endpoint-url."
        raise SourceError(message, location=access.endpoint_url) from error


def _wearing(base: botocore.session.Session, access: Access) -> botocore.session.Session:
    """A session in the role, which it assumes when the first request is made."""
    worn = botocore.session.Session(profile=access.profile or None)
    worn.get_component("credential_provider").providers.insert(0, _AssumedRole(base, access))
    return worn


class _AssumedRole(CredentialProvider):
    """Credentials of a role, assumed again before they run out."""

    METHOD = "assume-role"

    def __init__(self, base: botocore.session.Session, access: Access) -> None:
        super().__init__(base)
        region = access.region or base.get_config_variable("region") or _STS_REGION
        self._fetcher = AssumeRoleCredentialFetcher(
            partial(base.create_client, region_name=region),
            base.get_credentials(),
            access.role_arn,
            extra_args={"RoleSessionName": _SESSION_NAME},
        )

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetcher.fetch_credentials, self.METHOD)
