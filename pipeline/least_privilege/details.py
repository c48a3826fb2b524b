"""What `aws iam get-account-authorization-details` writes, as far as it is read here.

IAM API reference, GetAccountAuthorizationDetails. Members that are not here may be anything.
"""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict

Texts = str | list[str]


class Statement(TypedDict):
    """A statement of a policy (IAM user guide, "Grammar of the IAM JSON policy language")."""

    Effect: Literal["Allow", "Deny"]
    Action: NotRequired[Texts]
    NotAction: NotRequired[Texts]
    Resource: NotRequired[Texts]
    NotResource: NotRequired[Texts]
    Condition: NotRequired[dict[str, dict[str, Any]]]


class Document(TypedDict):
    """A policy; a single statement may stand without its list."""

    Statement: Statement | list[Statement]


class Attached(TypedDict):
    """A managed policy on a role, user or group."""

    PolicyName: str
    PolicyArn: str


class Inline(TypedDict):
    """A policy of its own: an object, or its JSON as text, URL-encoded or not."""

    PolicyName: str
    PolicyDocument: Document | str


class Boundary(TypedDict):
    """A permissions boundary."""

    PermissionsBoundaryArn: NotRequired[str]


class Holder(TypedDict):
    """A role, user or group with its policies."""

    Arn: str
    RolePolicyList: NotRequired[list[Inline]]
    UserPolicyList: NotRequired[list[Inline]]
    GroupPolicyList: NotRequired[list[Inline]]
    AttachedManagedPolicies: NotRequired[list[Attached]]
    GroupList: NotRequired[list[str]]
    PermissionsBoundary: NotRequired[Boundary]


class Group(Holder):
    """A group; users name theirs."""

    GroupName: str


class Version(TypedDict):
    """A version of a managed policy."""

    Document: NotRequired[Document | str]
    IsDefaultVersion: NotRequired[bool]


class Managed(TypedDict):
    """A managed policy with its versions."""

    Arn: str
    PolicyVersionList: NotRequired[list[Version]]


class Details(TypedDict):
    """The whole file."""

    RoleDetailList: NotRequired[list[Holder]]
    UserDetailList: NotRequired[list[Holder]]
    GroupDetailList: NotRequired[list[Group]]
    Policies: NotRequired[list[Managed]]
    IsTruncated: NotRequired[bool]
    NextToken: NotRequired[str]
