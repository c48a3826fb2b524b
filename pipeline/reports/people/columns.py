"""The columns of the tables of `people`."""

from __future__ import annotations

from pipeline.report import Column

ACTOR = (
    Column("actor_kind", "kind", place="none"),
    Column("actor_account", "actor account", place="none"),
    Column("actor_name", "actor", place="none"),
    Column("actor_arn", "actor ARN", place="none"),
    Column("actor_display", "actor display", place="none"),
)

PEOPLE = (
    Column("person", "person", data=False),
    *ACTOR,
    Column("roles", "roles", "integer"),
    Column("events", "events", "integer"),
    Column("denied", "denied", "denied"),
    Column("last_time", "last call (UTC)", "timestamp"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("namesakes", "not one", "list", place="detail", data=False),
    Column("user_ids", "user ids", "list", place="none"),
    Column("when", "seen", "span", place="detail", data=False),
    Column("day_count", "days", "integer", place="none"),
    Column("accounts", "in account", "list", place="detail"),
    Column("mfa", "MFA of calls", place="detail", data=False),
    Column("with_mfa", "with MFA", "integer", place="none"),
    Column("without_mfa", "without MFA", "integer", place="none"),
    Column("mfa_unknown", "MFA unknown", "integer", place="none"),
    Column("tools", "by", "list", place="detail"),
    Column("source_addresses", "from", "list", place="detail"),
    Column("source_address_count", "addresses", "integer", place="none"),
    Column("user_agents", "user agents", "list", place="none"),
    Column("user_agent_count", "user agents", "integer", place="none"),
)

HATS = (
    Column("group", "", place="group", data=False),
    Column("path", "roles worn", "chain", data=False),
    *ACTOR,
    Column("chain", "chain", "list", place="none"),
    Column("evidence", "evidence", "evidence"),
    Column("sessions", "sessions", "integer"),
    Column("events", "events", "integer"),
    Column("denied", "denied", "denied"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("last_time", "last call (UTC)", "timestamp"),
    Column("day_count", "days", "integer", place="none"),
    Column("accounts", "accounts", "list", place="none"),
    Column("last_session_id", "last session", place="none"),
)

TWO_HATS = (
    Column("group", "", place="group", data=False),
    Column("role", "role", data=False),
    *ACTOR,
    Column("role_name", "role", place="none"),
    Column("began_at", "began", "timestamp", place="none"),
    Column("ended_at", "ended", "timestamp", place="none"),
    Column("how", "how", place="none"),
    Column("role_arn", "role ARN", place="none"),
    Column("first_time", "from (UTC)", "timestamp"),
    Column("last_time", "until (UTC)", "timestamp"),
    Column("events", "events", "integer"),
    Column("evidence", "evidence", "evidence"),
    Column("entered_through", "entered through", "list", place="none"),
    Column("source_addresses", "source addresses", "list", place="none"),
    Column("session_ids", "sessions", "list", place="none"),
)

PERHAPS_SAME = (
    Column("name", "name"),
    Column("reason", "perhaps the same person, because"),
    Column("identities", "identities", "list", place="detail"),
    Column("shared_addresses", "shared addresses", "list", place="detail"),
)

CLAIMED = (
    Column("claim", "claimed name", data=False),
    Column("claimed_actor", "claimed actor", place="none"),
    Column("claim_source", "claim source", place="none"),
    Column("evidence", "evidence", "evidence"),
    Column("sessions", "sessions", "integer"),
    Column("events", "events", "integer"),
    Column("denied", "denied", "denied"),
    Column("last_time", "last call (UTC)", "timestamp"),
    Column("first_time", "first", "timestamp", place="none"),
    Column("role_names", "roles", "list", place="detail", data=False),
    Column("roles", "roles", "list", place="none"),
    Column("accounts", "in account", "list", place="detail"),
    Column("source_addresses", "from", "list", place="detail"),
    Column("known_people", "borne by", "list", place="detail"),
    Column("last_session_id", "last session", place="none"),
)
