"""GETs by obstore: a tenth of boto3's processor time, which for small objects is most of an ingest.

obstore asks once, where boto3 would ask, with boto3's credentials. It fetches on good days only:
after any fault, and where it might not do as boto3 is told to, boto3 is to fetch the object. So
what is tried again, and what people are told, is the same as without it.
"""

from __future__ import annotations

import os
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.request import getproxies

import obstore
from obstore.auth.boto3 import Boto3CredentialProvider
from obstore.store import S3Store

from pipeline.sources import aside
from pipeline.sources.model import SourceObject
from pipeline.sources.s3.client import CONNECT_SECONDS, CONNECTIONS, READ_SECONDS, Connection
from pipeline.sources.s3.names import split

if TYPE_CHECKING:
    from obstore import GetOptions

_FAULTS = CONNECTIONS
"""So many one after the other, and the process leaves the bucket to boto3: it may be in another
region, where boto3 is sent on, or TLS may be beyond the system's certificates."""

_WHOLE_SECONDS = 600
"""An object that takes longer is boto3's, which knows no such limit."""


class Gets:
    """Objects of a bucket; may be used by several threads."""

    def __init__(self, connection: Connection, bucket: str) -> None:
        self._connection, self._bucket = connection, bucket
        self._faults_left = _FAULTS if _is_plain(connection) else 0

    def get(self, item: SourceObject) -> bytes | None:
        """The bytes of an object in the state in which it was listed.

        None: boto3 is to fetch it, as it does all that is too large to be held.
        """
        if self._faults_left < 1 or item.size > aside.HELD_BYTES:
            return None
        data = self._once(item)
        self._faults_left = self._faults_left - 1 if data is None else _FAULTS
        return data

    def _once(self, item: SourceObject) -> bytes | None:
        options: GetOptions = {"if_match": f'"{item.fingerprint}"'}
        try:
            answer = obstore.get(self._store, split(item.uri)[1], options=options)
            data = answer.bytes().to_bytes()
        except Exception:  # noqa: BLE001 - boto3 meets it too, or it was nothing
            return None
        is_listed = (answer.meta["e_tag"] or "").strip('"') == item.fingerprint
        return data if is_listed and len(data) == item.size else None

    @cached_property
    def _store(self) -> S3Store:
        """What is said here is not taken from the environment, where obstore looks for more than
        boto3 does. Every bucket can be reached by its path. Credentials are boto3's of the moment.
        """
        access, meta = self._connection.access, self._connection.client.meta
        return S3Store(
            self._bucket,
            aws_endpoint_url_s3=meta.endpoint_url,
            virtual_hosted_style_request=False,
            region=meta.region_name,
            request_payer=access.requester_pays,
            skip_signature=False,
            credential_provider=Boto3CredentialProvider(self._connection.session, ttl=timedelta(0)),
            client_options={
                "allow_http": meta.endpoint_url.startswith("http://"),
                "connect_timeout": f"{CONNECT_SECONDS} s",
                "read_timeout": f"{READ_SECONDS} s",
                "timeout": f"{_WHOLE_SECONDS} s",
            },
            retry_config={"max_retries": 0},
        )


def _is_plain(connection: Connection) -> bool:
    """Whether boto3 is told of no proxy, and of no certificates to trust where there is TLS."""
    told = connection.session.get_config_variable("ca_bundle")
    trusted = told or os.environ.get("REQUESTS_CA_BUNDLE")
    is_tls = connection.client.meta.endpoint_url.startswith("https:")
    return not (trusted and is_tls) and not getproxies().keys() - {"no"}
