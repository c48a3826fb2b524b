"""The one truth about every column of the lake's record tables.

A `Column` says where a value comes from in the CloudTrail record, what it is called,
its type and its meaning. The Arrow/Parquet schemas, `rolecall schema`, the docs and the
SQL test fixtures all derive from the tuples below. Names are CloudTrail's, in snake_case;
the flattened `userIdentity` carries the prefixes `user_` and `session_`.
Sources: semantics.md sections 1.1 and 1.2 (AWS user guide, record contents and userIdentity).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

LAKE_VERSION = 1
"""Version of the lake's layout; a lake with a higher one is refused."""

Kind = Literal["text", "json", "boolean", "timestamp", "date", "integer"]

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "text": pa.string(),
    "json": pa.string(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
    "date": pa.date32(),
    "integer": pa.int64(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    name -- snake_case name in the lake.
    raw -- dotted path in the CloudTrail record, or "" where rolecall derives the value.
    kind -- text; json (JSON text exactly as written); boolean; timestamp (UTC, microseconds);
        date (UTC day); integer.
    sentence -- what the value means.
    """

    name: str
    raw: str
    kind: Kind
    sentence: str


EVENTS: tuple[Column, ...] = (
    Column(
        "event_id",
        "eventID",
        "text",
        "CloudTrail's id of the record; where the record has none, "
        "`sha256-` and a hash of its content.",
    ),
    Column(
        "recipient_account_id",
        "recipientAccountId",
        "text",
        "Account whose trail received this copy of the record.",
    ),
    Column(
        "event_time",
        "eventTime",
        "timestamp",
        "When the request completed (UTC, one-second resolution).",
    ),
    Column("event_date", "", "date", "UTC day of event_time; the partition."),
    Column("event_version", "eventVersion", "text", "Version of the record format."),
    Column("event_source", "eventSource", "text", "Service that was called, as a DNS name."),
    Column("event_name", "eventName", "text", "API action that was called."),
    Column("event_type", "eventType", "text", "AwsApiCall, AwsConsoleSignIn, AwsServiceEvent …"),
    Column(
        "event_category", "eventCategory", "text", "Management, Data, NetworkActivity, Insight."
    ),
    Column("aws_region", "awsRegion", "text", "Region that the request was made to."),
    Column(
        "source_ip_address",
        "sourceIPAddress",
        "text",
        "Caller's IP address, or the DNS name of the AWS service that called.",
    ),
    Column("user_agent", "userAgent", "text", "Caller's user agent; chosen by the caller."),
    Column("error_code", "errorCode", "text", "Error of a failed call; null when it succeeded."),
    Column("error_message", "errorMessage", "text", "Text of the error."),
    Column("read_only", "readOnly", "boolean", "Whether the call only reads."),
    Column("management_event", "managementEvent", "boolean", "Whether it is a management event."),
    Column(
        "shared_event_id",
        "sharedEventID",
        "text",
        "Shared by the copies of one call in several accounts (AWS's own accounts count too).",
    ),
    Column("request_id", "requestID", "text", "Id of the request; same in all copies of a call."),
    Column("api_version", "apiVersion", "text", "API version of the called service."),
    Column("vpc_endpoint_id", "vpcEndpointId", "text", "VPC endpoint the request came through."),
    Column(
        "vpc_endpoint_account_id",
        "vpcEndpointAccountId",
        "text",
        "Account that owns the VPC endpoint.",
    ),
    Column("request_parameters", "requestParameters", "json", "Parameters of the call."),
    Column(
        "response_elements",
        "responseElements",
        "json",
        "Response of the call; session tokens are dropped at ingest.",
    ),
    Column(
        "additional_event_data", "additionalEventData", "json", "What fits neither of the former."
    ),
    Column("resources", "resources", "json", "Resources accessed: list of {ARN, accountId, type}."),
    Column(
        "service_event_details", "serviceEventDetails", "json", "What triggered a service event."
    ),
    Column("tls_details", "tlsDetails", "json", "TLS version, cipher suite, host header."),
    Column("addendum", "addendum", "json", "Why a record was delivered late or corrected."),
    Column("edge_device_details", "edgeDeviceDetails", "json", "Edge device that was the target."),
    Column("event_context", "eventContext", "json", "Condition keys and tags (enriched events)."),
    Column("insight_details", "insightDetails", "json", "Content of an Insights event."),
    Column(
        "session_credential_from_console",
        "sessionCredentialFromConsole",
        "boolean",
        "True: the call came from a console session. Null says nothing.",
    ),
    Column(
        "issued_access_key_id",
        "",
        "text",
        "Access key id that the response handed out (temporary or long-term), if any.",
    ),
    Column("user_identity", "userIdentity", "json", "The identity exactly as written."),
    Column("user_type", "userIdentity.type", "text", "Kind of identity: IAMUser, AssumedRole …"),
    Column(
        "user_principal_id",
        "userIdentity.principalId",
        "text",
        "Unique id of the caller; AROA…:session-name for a role session.",
    ),
    Column("user_arn", "userIdentity.arn", "text", "ARN of the caller; role paths are dropped."),
    Column("user_account_id", "userIdentity.accountId", "text", "Account that owns the caller."),
    Column(
        "user_access_key_id",
        "userIdentity.accessKeyId",
        "text",
        "Access key that signed the request: AKIA… long-term, ASIA… temporary.",
    ),
    Column("user_name", "userIdentity.userName", "text", "Friendly name of the caller."),
    Column(
        "user_invoked_by",
        "userIdentity.invokedBy",
        "text",
        "AWS service that made the request, for itself or on the caller's behalf.",
    ),
    Column(
        "user_invoked_by_delegate_account_id",
        "userIdentity.invokedByDelegate.accountId",
        "text",
        "Account of the product provider acting by temporary delegation.",
    ),
    Column(
        "user_identity_provider",
        "userIdentity.identityProvider",
        "text",
        "Identity provider of a SAML or web-identity caller.",
    ),
    Column(
        "user_on_behalf_of_user_id",
        "userIdentity.onBehalfOf.userId",
        "text",
        "Identity Center user the call was made for.",
    ),
    Column(
        "user_on_behalf_of_identity_store_arn",
        "userIdentity.onBehalfOf.identityStoreArn",
        "text",
        "Identity store that holds that user.",
    ),
    Column("user_credential_id", "userIdentity.credentialId", "text", "Id of a bearer token."),
    Column(
        "user_in_scope_of_source_arn",
        "userIdentity.inScopeOf.sourceArn",
        "text",
        "Resource the workload's credentials are scoped to.",
    ),
    Column(
        "user_in_scope_of_source_account",
        "userIdentity.inScopeOf.sourceAccount",
        "text",
        "Account of that resource.",
    ),
    Column(
        "user_in_scope_of_issuer_type",
        "userIdentity.inScopeOf.issuerType",
        "text",
        "Kind of workload: AWS::Lambda::Function …",
    ),
    Column(
        "user_in_scope_of_credentials_issued_to",
        "userIdentity.inScopeOf.credentialsIssuedTo",
        "text",
        "ARN of the workload that received the credentials.",
    ),
    Column(
        "user_in_scope_of_credentials_issued_to_version",
        "userIdentity.inScopeOf.credentialsIssuedToVersion",
        "text",
        "ARN of the workload's version.",
    ),
    Column(
        "session_creation_date",
        "userIdentity.sessionContext.attributes.creationDate",
        "timestamp",
        "When the temporary credentials were issued (UTC, to the second).",
    ),
    Column(
        "session_mfa_authenticated",
        "userIdentity.sessionContext.attributes.mfaAuthenticated",
        "boolean",
        "Whether a root or IAM user passed MFA for the session; always false for SAML.",
    ),
    Column(
        "session_source_identity",
        "userIdentity.sessionContext.sourceIdentity",
        "text",
        "Source identity, set once by whoever started the chain.",
    ),
    Column(
        "session_sign_in_session_arn",
        "userIdentity.sessionContext.signInSessionArn",
        "text",
        "Sign-in session (aws login, OAuth) that the credentials belong to.",
    ),
    Column(
        "session_ec2_role_delivery",
        "userIdentity.sessionContext.ec2RoleDelivery",
        "text",
        "1.0 or 2.0: version of the instance metadata service that delivered the keys.",
    ),
    Column(
        "session_assumed_root",
        "userIdentity.sessionContext.assumedRoot",
        "boolean",
        "True for a session made by AssumeRoot.",
    ),
    Column(
        "session_issuer_type",
        "userIdentity.sessionContext.sessionIssuer.type",
        "text",
        "Kind of the issuer: Role, IAMUser, Root.",
    ),
    Column(
        "session_issuer_principal_id",
        "userIdentity.sessionContext.sessionIssuer.principalId",
        "text",
        "Unique id of the role or user behind the session.",
    ),
    Column(
        "session_issuer_arn",
        "userIdentity.sessionContext.sessionIssuer.arn",
        "text",
        "ARN of the role (with path) or user behind the session.",
    ),
    Column(
        "session_issuer_account_id",
        "userIdentity.sessionContext.sessionIssuer.accountId",
        "text",
        "Account of the issuer.",
    ),
    Column(
        "session_issuer_user_name",
        "userIdentity.sessionContext.sessionIssuer.userName",
        "text",
        "Friendly name of the issuer.",
    ),
    Column(
        "session_web_id_federated_provider",
        "userIdentity.sessionContext.webIdFederationData.federatedProvider",
        "text",
        "Web identity provider behind the session.",
    ),
    Column(
        "additional_fields",
        "",
        "json",
        "Object of raw fields that no column holds as written: unknown ones, odd types.",
    ),
    Column("source_file", "", "text", "URI of the file that delivered the record first."),
)

CLOUDTRAIL = "cloudtrail"
"""`files.kind` of an object that holds CloudTrail records."""

FILES: tuple[Column, ...] = (
    Column("uri", "", "text", "Absolute path, s3:// URI, or `stdin:` and a hash."),
    Column("fingerprint", "", "text", "ETag; `size-mtime_ns` of a local file; hash of stdin."),
    Column("bytes", "", "integer", "Size of the object as stored, in bytes."),
    Column("records_read", "", "integer", "Records found in the object."),
    Column("records_stored", "", "integer", "Records stored from the object."),
    Column("records_duplicate", "", "integer", "Records that were stored before."),
    Column("records_rejected", "", "integer", "Records that could not be stored."),
    Column("kind", "", "text", "What the object is: cloudtrail, or why it holds no records."),
    Column("decoder_version", "", "integer", "Version of the decoders that read it."),
    Column("batch_id", "", "text", "Batch that stored it: a hash of its files' URIs and prints."),
    Column("ingested_at", "", "timestamp", "When the batch was committed (UTC)."),
)

REJECTS: tuple[Column, ...] = (
    Column("uri", "", "text", "Absolute path, s3:// URI, or `stdin:` and a hash."),
    Column("record_number", "", "integer", "Position in the object from 1; 0 for the whole file."),
    Column("reason", "", "text", "Why it could not be stored."),
    Column("raw_text", "", "text", "Start of the raw text, session tokens dropped."),
    Column("batch_id", "", "text", "Batch that met it."),
)

FIRST_SEEN: tuple[Column, ...] = (
    Column("fact_id", "", "text", "Short hash of the kind and of what it is about."),
    Column(
        "kind",
        "",
        "text",
        "person-role, role-role, account-crossing, long-term-key, key-network, console-sign-in or "
        "denied-burst.",
    ),
    Column("actor_kind", "", "text", "Kind of the person, or of the key's owner."),
    Column("actor_account", "", "text", "Account of the person or owner."),
    Column("actor_name", "", "text", "Name of the person or owner; proven or matched, else null."),
    Column("actor_arn", "", "text", "ARN of the person, the owner, or who was denied."),
    Column("actor_display", "", "text", "What a person would like to read."),
    Column("evidence", "", "text", "How well the fact is known: direct, proven or matched."),
    Column("role_arn", "", "text", "The role that was put on."),
    Column("from_role_arn", "", "text", "The role from which it was put on."),
    Column("account_id", "", "text", "The account where it happened."),
    Column("from_account_id", "", "text", "The account from which it was entered."),
    Column("access_key_id", "", "text", "The long-term access key."),
    Column("network", "", "text", "Network of the caller, /24 of IPv4 or /48 of IPv6."),
    Column("principal_id", "", "text", "Who was denied."),
    Column("session_id", "", "text", "The first session that tells the fact."),
    Column("event_id", "", "text", "The first event that tells the fact."),
    Column("first_time", "", "timestamp", "When it first happened (UTC)."),
    Column("event_count", "", "integer", "Denied calls of that day."),
    Column(
        "learned_at",
        "",
        "timestamp",
        "When a build found it for the first time, or again after a night took it back (UTC).",
    ),
    Column("retracted_at", "", "timestamp", "When a build no longer found it (UTC), else null."),
)

NIGHTS: tuple[Column, ...] = (
    Column("night", "", "date", "The UTC day that was reported."),
    Column("closed_at", "", "timestamp", "What was learned until then belongs to it (UTC)."),
)


def arrow_schema(columns: tuple[Column, ...]) -> pa.Schema:
    """The Arrow schema of a table's columns; every column is nullable."""
    return pa.schema([pa.field(c.name, ARROW_TYPES[c.kind]) for c in columns])


EVENTS_SCHEMA = arrow_schema(EVENTS)
FILES_SCHEMA = arrow_schema(FILES)
REJECTS_SCHEMA = arrow_schema(REJECTS)
FIRST_SEEN_SCHEMA = arrow_schema(FIRST_SEEN)
NIGHTS_SCHEMA = arrow_schema(NIGHTS)
