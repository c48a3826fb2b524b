"""Resources of IAM that a request means without naming them: the caller, a service's own role."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.least_privilege.actions import Need
from pipeline.least_privilege.naming import Request, Resource, texts

SERVICE_ROLE = "iam:CreateServiceLinkedRole"

OF_THE_CALLER = frozenset(
    f"iam:{name}"
    for name in (
        "ChangePassword",
        "CreateAccessKey",
        "CreateLoginProfile",
        "DeactivateMFADevice",
        "DeleteAccessKey",
        "DeleteLoginProfile",
        "DeleteServiceSpecificCredential",
        "DeleteSigningCertificate",
        "GetLoginProfile",
        "GetMFADevice",
        "GetUser",
        "ListAccessKeys",
        "ListMFADevices",
        "ListSSHPublicKeys",
        "ListServiceSpecificCredentials",
        "ListSigningCertificates",
        "ResetServiceSpecificCredential",
        "UpdateAccessKey",
        "UpdateServiceSpecificCredential",
        "UpdateSigningCertificate",
        "UploadSigningCertificate",
    )
)
"""Actions whose operations may leave UserName out: then the user is the one who called (IAM API
reference; those whose UserName botocore does not require, and ChangePassword, which has none)."""

ACTIONS = OF_THE_CALLER | {SERVICE_ROLE}


def meant(need: Need, request: Request) -> Iterator[Resource]:
    """The user who called, where an IAM user named none; the roles of the service that is named."""
    place = request.place
    if need.action == SERVICE_ROLE:
        stem = f"arn:{place.partition}:iam::{place.account or '*'}:role/aws-service-role"
        for service in texts(request.parameters, "aWSServiceName"):
            yield Resource(f"{stem}/{service}/*", "the request names the service, not the role")
    elif place.caller and not texts(request.parameters, "userName"):
        yield Resource(place.caller)
