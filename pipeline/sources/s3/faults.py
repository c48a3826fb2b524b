"""What goes wrong with S3: which faults pass, and what the others mean to a person."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    FlexibleChecksumError,
    HTTPClientError,
    IncompleteReadError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)

from pipeline.errors import SourceError

ROUNDS = 4
"""How often something is tried; the client tries each request three times by itself."""

FIRST_PAUSE = 0.5
"""Seconds before the second round; twice as long before each next one, less a random part."""

_SERVER_FAULT = 500
_PASSING_CODES = frozenset({"SlowDown", "Throttling", "ThrottlingException", "RequestTimeout"})
_NO_CREDENTIALS = (
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
    ProfileNotFound,
    SSOError,
)
_REFUSED = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AuthFailure"}
)
_ELSEWHERE = frozenset(
    {"PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException"}
)
_DENIED = frozenset({"AccessDenied", "403", "Forbidden", "AllAccessDisabled"})
_MESSAGES = {
    "NoSuchBucket": "There is no such bucket: check its name.",
    "InvalidBucketName": "This is no name of a bucket: write s3://bucket/prefix.",
    "NoSuchKey": "It was deleted after it was listed.",
    "404": "It was deleted after it was listed.",
    "PreconditionFailed": "It was replaced after it was listed; the next run reads the new one.",
    "412": "It was replaced after it was listed; the next run reads the new one.",
    "InvalidObjectState": "It is archived (Glacier): restore it, then run again.",
}

T = TypeVar("T")


class IncompleteError(Exception):
    """The body of an answer is shorter or longer than S3 said."""


Fault = BotoCoreError | ClientError | IncompleteError


def is_passing(error: Fault) -> bool:
    """Whether it may be gone at the next try: throttling, server faults, broken connections."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return status >= _SERVER_FAULT or _code(error) in _PASSING_CODES
    return isinstance(
        error, (HTTPClientError, IncompleteReadError, FlexibleChecksumError, IncompleteError)
    )


def patiently(action: Callable[[], T], uri: str, permission: str) -> T:
    """The action's result; passing faults are waited out.

    uri, permission -- for the message: what was asked for, and which permissions it needs.
    Raises SourceError when it fails for good or for too long; `PassingError` in the second case.
    """
    for attempt in range(1, ROUNDS + 1):
        try:
            return action()
        except (BotoCoreError, ClientError, IncompleteError) as error:
            if attempt == ROUNDS or not is_passing(error):
                raise explained(error, uri, permission) from error
            longest = FIRST_PAUSE * 2 ** (attempt - 1)
            time.sleep(longest * random.uniform(0.5, 1))
    raise AssertionError("unreachable: the last round returns or raises")


class PassingError(SourceError):
    """It could not be read for now; the next run may."""


def explained(error: Fault, uri: str, permission: str) -> SourceError:
    """The error in words, with the next step."""
    if is_passing(error):
        return PassingError(
            f"S3 did not answer well, again and again: {_short(error)}", location=uri
        )
    return SourceError(_words(error, permission), location=uri)


def _words(error: Fault, permission: str) -> str:
    if isinstance(error, _NO_CREDENTIALS):
        return (
            f"There are no usable AWS credentials: {_short(error)} "
            "Sign in (aws sso login) or give --profile NAME."
        )
    if isinstance(error, ClientError):
        return _refusal(error, permission)
    return f"S3 cannot be asked: {_short(error)}"


def _refusal(error: ClientError, permission: str) -> str:
    code = _code(error)
    if error.operation_name == "AssumeRole":
        return (
            f"The role cannot be assumed: {_short(error)} Its trust policy must name you, and you "
            "need sts:AssumeRole on it."
        )
    if code in _DENIED:
        return f"Access is denied. Needed: {permission}."
    if code in _REFUSED:
        return f"AWS refuses the credentials ({code}). Sign in again or give --profile NAME."
    if code in _ELSEWHERE:
        return "The bucket is in another region: give --aws-region."
    return _MESSAGES.get(code) or f"S3 refuses: {_short(error)}"


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _short(error: Fault) -> str:
    text = " ".join(str(error).split())
    return text if text.endswith(".") else f"{text}."
