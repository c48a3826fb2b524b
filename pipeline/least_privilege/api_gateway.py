"""API Gateway's actions are HTTP verbs, on the path of the operation.

Only its newest operations (routing rules, portals) have actions of their own names. Beside the
verb stand what sets tags, and the actions that guard certificates and policies of APIs (service
authorization reference, API operations; least-privilege.md, sections 1 and 2).
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.least_privilege.event_sources import label_of
from pipeline.least_privilege.index import ActionIndex
from pipeline.least_privilege.parameters import Parameters, texts

Asked = tuple[str, str, str]
"""Action, when in the request it is asked for ("" for always), and `path:` with its resource."""

_VERSIONS = ("apigateway", "apigatewayv2")

_CERTIFICATE = "path:/domainnames/{domain_name}"
_POLICY = "path:/restapis/{restapi_id}"

_GUARDED = {
    "CreateDomainName": ("AddCertificateToDomain", "mutualTlsAuthentication", _CERTIFICATE),
    "CreateRestApi": ("UpdateRestApiPolicy", "policy", _POLICY),
    "UpdateDomainName": (
        "AddCertificateToDomain",
        "mutualTlsAuthentication|patchOperations[].path=/mutualTlsAuthentication*",
        _CERTIFICATE,
    ),
    "UpdateRestApi": ("UpdateRestApiPolicy", "patchOperations[].path=/policy*", _POLICY),
}
"""Operation → what it asks for too. Without that in the request the verb is enough."""


def asked(
    event_source: str, name: str, parameters: Parameters | None, index: ActionIndex
) -> tuple[Asked, ...] | None:
    """What an operation asks for; None where API Gateway has none of that name."""
    second = _is_second(event_source, parameters)
    for version in reversed(_VERSIONS) if second else _VERSIONS:
        operations = index.api_gateway[version]
        spelt = {operation.lower(): operation for operation in operations}
        if name.lower() in spelt:
            operation = spelt[name.lower()]
            return tuple(_of(operation, operations[operation]))
    return None


def _of(operation: str, entry: list[str]) -> Iterator[Asked]:
    verb, path, *has_tags = entry
    yield f"apigateway:{verb}", "", f"path:{path}"
    if has_tags:
        yield "apigateway:PUT", _in(operation, "tags"), "path:/tags/{resource_arn}"
    if operation in _GUARDED:
        action, when, member = _GUARDED[operation]
        yield f"apigateway:{action}", _in(operation, *when.split("|")), member


def _in(operation: str, *members: str) -> str:
    """A condition on members of the request.

    Records of the first version have them in a wrapper (`createRestApiInput`).
    """
    wrapper = f"{operation[0].lower()}{operation[1:]}Input"
    return "|".join(path for member in members for path in (member, f"{wrapper}.{member}"))


def _is_second(event_source: str, parameters: Parameters | None) -> bool:
    """Whether a call is of API Gateway's second version; both share one event source.

    `apiId` in the request tells it, or the ARN of an API that is tagged; both versions have domain
    names and VPC links, whose calls differ in nothing that a policy could tell.
    """
    request = parameters or {}
    arns = texts(request, "resourceArn") + texts(request, "resource-arn")
    return (
        label_of(event_source) == "apigatewayv2"
        or "apiid" in {str(key).lower() for key in request}
        or any("/apis/" in arn for arn in arns)
    )
