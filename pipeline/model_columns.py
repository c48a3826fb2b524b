"""What the columns of the models mean that people ask by `rolecall sql`, as `schema.py` says it of
the tables that ingest writes. `rolecall schema` and docs/columns.md both print this.

Models that only lead to others (candidates, parts, ids) are not here; `queries/` has them. A view
may extend a table: it has its columns too. Times are UTC; lists are of texts.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.schema import Column, Kind


@dataclass(frozen=True, slots=True)
class Model:
    """A model and its columns, in the order in which `select *` gives them.

    extends -- the table whose columns it has before its own; "" where all are its own.
    """

    name: str
    columns: tuple[Column, ...]
    extends: str = ""


def _column(name: str, kind: Kind, sentence: str) -> Column:
    return Column(name, "", kind, sentence)


_SESSION = _column("session_id", "text", "The session: a short hash of what its records share.")
_KIND = _column(
    "actor_kind",
    "text",
    "iam-user, root, identity-center-user, saml-user, web-identity, workload, aws-service, "
    "external-account or unresolved.",
)
_ACCOUNT = _column("actor_account", "text", "Account of the actor.")
_NAME = _column(
    "actor_name",
    "text",
    "User name, root, Identity Center user id, SAML or OIDC subject, instance id, function "
    "name, x.amazonaws.com or account id; null when unresolved.",
)
_ARN = _column("actor_arn", "text", "ARN of the actor where there is one.")
_DISPLAY = _column("actor_display", "text", "What a person would like to read.")
_CHAIN = _column("chain", "text", "List of role ARNs put on, first assumed first.")
_HOPS = _column("hops", "integer", "Length of the chain.")
_EVIDENCE = _column(
    "evidence", "text", "direct, proven, matched, ambiguous, claimed or none: how sure."
)
_PROOF = _column("evidence_events", "text", "List of the event ids that prove the links.")
_CLAIMED = _column("claimed_actor", "text", "A name that the caller chose; never proof.")
_CLAIM = _column("claim_source", "text", "Where the claim is: session-name, source-identity …")
_LONG_TERM = _column(
    "long_term_credential",
    "boolean",
    "True when the chain begins at a long-term key or a password.",
)

ATTRIBUTED_EVENTS = Model(
    "attributed_events",
    (
        _column("session_id", "text", "The session; null for events made with no session."),
        *(_KIND, _ACCOUNT, _NAME, _ARN, _DISPLAY, _CHAIN, _HOPS, _EVIDENCE, _PROOF),
        *(_CLAIMED, _CLAIM, _LONG_TERM),
    ),
    extends="events",
)

SESSIONS = Model(
    "sessions",
    (
        _SESSION,
        _column("user_type", "text", "AssumedRole, IAMUser, Root, FederatedUser …"),
        _column("principal_id", "text", "Unique id of who wore it: AROA…:session name, AIDA… …"),
        _column("session_creation_date", "timestamp", "When it was issued, as its records say."),
        _column("role_arn", "text", "The role worn; null for a user's or root's own session."),
        _column("session_name", "text", "The name that the caller chose for it."),
        _column("account_id", "text", "The account of the role or user."),
        _column("access_key_ids", "text", "List of the temporary keys seen."),
        _column("started_at", "timestamp", "When it was issued, else when it was first seen."),
        _column("first_seen", "timestamp", "Its first event."),
        _column("last_seen", "timestamp", "Its last event."),
        _column("expires_at", "timestamp", "When its credentials end, by the issuing call."),
        _column("parent_session_id", "text", "The session that put it on; null for none."),
        _column("rule_name", "text", "The rule that found the issuing call (attribution.md)."),
        _column("candidate_count", "integer", "How many callers the rule found."),
        _column("issued_by", "text", "Name of the issuing call: AssumeRole …"),
        _column("issued_at", "timestamp", "Time of the issuing call."),
        _column("source_identity", "text", "Source identity of its records: set once, claimed."),
        _column("mfa_authenticated", "boolean", "MFA, as its records say."),
        _column("only_forwarded", "boolean", "Whether all calls were services' on its behalf."),
        _column(
            "is_split",
            "boolean",
            "Whether only its keys tell it from another of its name and second.",
        ),
        _column("source_ips", "text", "List of the source addresses."),
        _column("event_count", "integer", "Number of its events."),
        _column("session_date", "date", "The day by which it is stored."),
        _column("origin_session_id", "text", "The session that its chain began with."),
        _column("origin", "text", "How the beginning of the chain is known (attribution.md)."),
        *(_KIND, _ACCOUNT, _NAME, _ARN, _DISPLAY, _CHAIN, _HOPS, _EVIDENCE, _PROOF),
        *(_CLAIMED, _CLAIM, _LONG_TERM),
        _column("candidates", "text", "List of who could have begun it, where it is ambiguous."),
        _column("root_mfa", "boolean", "MFA of the user or root that the chain began with."),
        _column("session_tags", "json", "Session tags, name → value; a map, not JSON text."),
    ),
)

ISSUED_CREDENTIALS = Model(
    "issued_credentials",
    (
        _column("issue_id", "text", "The issuing call, both copies together."),
        _column("issue_date", "date", "The day by which it is stored."),
        _column("call_id", "text", "What the copies of the call share."),
        _column("event_name", "text", "The call: AssumeRole, GetSessionToken, ConsoleLogin …"),
        _column("issued_at", "timestamp", "When."),
        _column("principal_id", "text", "Unique id of whom the credentials are for."),
        _column("role_arn", "text", "The role that they put on."),
        _column("session_name", "text", "The name that the caller chose for the session."),
        _column("session_arn", "text", "ARN of the session."),
        _column("key_may_differ", "boolean", "Whether the session may use another key."),
        _column("source_identity", "text", "The source identity that was set."),
        _column("expires_at", "timestamp", "When the credentials end."),
        _column("session_tags", "json", "The session tags that were set."),
        _column("transitive_tag_keys", "json", "Which of them go down the chain."),
        _column("incoming_tags", "json", "The tags that came down the chain."),
        _column("event_ids", "text", "List of the ids of its copies."),
        _column("recipient_account_ids", "text", "List of the accounts that have a copy."),
        _column("access_key_id", "text", "The key that was issued."),
        _column("event_id", "text", "The copy from which the caller is taken."),
        _column("event_source", "text", "The service."),
        _column(
            "issue_kind",
            "text",
            "role, root, session-token, federation, console-login, switch-role, signin-token …",
        ),
        _column("sign_in_session_arn", "text", "The sign-in session that it belongs to."),
        _column("caller_type", "text", "Type of the caller: IAMUser, AssumedRole, AWSService …"),
        _column("caller_is_vague", "boolean", "Whether only the caller's principal is known."),
        _column("caller_principal_id", "text", "Unique id of the caller."),
        _column("caller_creation_date", "timestamp", "When the caller's session was issued."),
        _column("caller_access_key_id", "text", "The key that signed the call."),
        _column("caller_arn", "text", "ARN of the caller."),
        _column("caller_account_id", "text", "Account of the caller."),
        _column("caller_user_name", "text", "User name of the caller."),
        _column("caller_invoked_by", "text", "The service that made the call."),
        _column("caller_identity_provider", "text", "The provider that vouched for the caller."),
        _column("caller_on_behalf_of_user_id", "text", "The Identity Center user behind it."),
        _column("caller_on_behalf_of_identity_store_arn", "text", "The store of that user."),
        _column("caller_mfa", "boolean", "Whether the caller had MFA, as far as is said."),
        _column("caller_id", "text", "Tells one caller from another."),
        _column("caller_key_id", "text", "The same, with the keys of one session told apart."),
    ),
)

SESSION_CREDENTIALS = Model(
    "session_credentials",
    (
        _SESSION,
        _column("credential_kind", "text", "access-key, console-password or unknown."),
        _column("access_key_id", "text", "The long-term access key that it began with."),
        _column("began_with_mfa", "boolean", "MFA at the beginning; null where it is not said."),
    ),
)

SESSION_GAPS = Model(
    "session_gaps",
    (
        _SESSION,
        _column("missing_account", "text", "The account whose trail would say."),
        _column("is_ingested", "boolean", "Whether that trail is in the lake."),
        _column("ingested_from", "timestamp", "From when on it is."),
        _column("reason", "text", "Why the chain begins here; `rolecall status` says it in words."),
    ),
)

_CREDENTIAL_ID = _column(
    "credential_id", "text", "The access key, else kind:account:user; the same in both tables."
)

CREDENTIAL_CHANGES = Model(
    "credential_changes",
    (
        _column("event_id", "text", "The call."),
        _column("changed_at", "timestamp", "When."),
        _column("event_name", "text", "CreateAccessKey, UpdateLoginProfile …"),
        _column("owner_account", "text", "Account of the user whose credential it is."),
        _column("owner_name", "text", "Name of that user."),
        _column("credential_kind", "text", "access-key, console-password or service-specific."),
        _column("access_key_id", "text", "The access key."),
        _column("service_name", "text", "The service of a service-specific credential."),
        *(_KIND, _ACCOUNT, _NAME, _ARN, _DISPLAY, _CLAIMED, _CLAIM, _CHAIN, _EVIDENCE),
        _CREDENTIAL_ID,
        _column("change", "text", "created, active, inactive, deleted or changed."),
    ),
)

CREDENTIAL_USES = Model(
    "credential_uses",
    (
        _column("session_id", "text", "The session; null for a call signed by the key itself."),
        _column("is_own", "boolean", "Made with the credential itself, not what came out of it."),
        *(_KIND, _ACCOUNT, _NAME, _ARN, _DISPLAY, _CHAIN, _HOPS, _EVIDENCE),
        _column("is_bearer", "boolean", "Made with a bearer token: an API key."),
        _column(
            "credential_kind",
            "text",
            "access-key, console-password, api-key, service-specific or unknown.",
        ),
        _column("access_key_id", "text", "The long-term access key."),
        _CREDENTIAL_ID,
        _column("with_mfa", "boolean", "MFA, as far as the log says."),
        _column("is_administrative", "boolean", "Changed who may do what, or what is recorded."),
    ),
    extends="events",
)

MODELS = (
    ATTRIBUTED_EVENTS,
    SESSIONS,
    ISSUED_CREDENTIALS,
    SESSION_CREDENTIALS,
    SESSION_GAPS,
    CREDENTIAL_USES,
    CREDENTIAL_CHANGES,
)
"""The models that people ask, what is asked most first."""
