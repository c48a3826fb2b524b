"""From records to rows and back."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.normalise import RecordShape, rebuild_record
from pipeline.normalise.read import read_fast, read_tolerant
from pipeline.normalise.response import drop_token_members
from pipeline.schema import EVENTS, EVENTS_SCHEMA
from tests.ingest.records import (
    ALICE,
    decoder_of,
    ndjson_file,
    normalised,
    record,
    records_file,
    row_of,
    rows_of,
)

TEXT = st.text(max_size=8)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    | st.sampled_from(["", "null", "true", "True", "sha256-x", "\ud800", "\x00\x1b[31m"])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            TEXT | st.sampled_from(["sessionToken", "SessionToken", "accessKeyId", "a.b:c"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
RAW_NAMES = [c.raw for c in EVENTS if c.raw and "." not in c.raw]
TIMES = st.sampled_from(
    [
        "2026-11-20T10:00:00Z",
        "2026-11-20 10:00:00.123",
        "2026-11-20T10:00:00.5Z",
        "2026-11-20 10:00",
    ]
)
NAMES = st.sampled_from(RAW_NAMES) | TEXT | st.sampled_from(["rolecall:absent", "rolecall:record"])


@st.composite
def odd_records(draw: st.DrawFn) -> dict[str, Any]:
    """A good record with fields removed, replaced and added; still with a time and a name."""
    item = record()
    for name in draw(st.lists(st.sampled_from(RAW_NAMES), max_size=4)):
        item.pop(name, None)
    item.update(draw(st.dictionaries(NAMES, JSON, max_size=4)))
    item["eventTime"] = draw(TIMES)
    item["eventSource"] = "s3.amazonaws.com"
    item["eventName"] = draw(st.sampled_from(["ListBuckets", "\ud800", 7]))
    return item


def without_tokens(item: dict[str, Any]) -> dict[str, Any]:
    drop_token_members(item.get("responseElements"))
    return item


@settings(max_examples=400, deadline=None)
@given(odd_records())
def test_any_record_can_be_rebuilt(item: dict[str, Any]) -> None:
    """A row gives back the record as it was, session tokens apart."""
    assert rebuild_record(row_of(item)) == without_tokens(item)


@settings(max_examples=200, deadline=None)
@given(st.lists(odd_records(), min_size=1, max_size=3), st.booleans())
def test_a_row_is_valid_text_and_strict_json(items: list[dict[str, Any]], lines: bool) -> None:
    """No column holds what UTF-8 or a strict JSON reader refuses; every record has an id."""
    rows, rejects = normalised(ndjson_file(*items) if lines else records_file(*items))
    assert (len(rows), rejects) == (len(items), [])
    for row in rows:
        assert row["event_id"]
        for column in EVENTS:
            if column.kind == "json" and row[column.name] is not None:
                text = json.dumps(json.loads(row[column.name]), ensure_ascii=False)
                text.encode()


@settings(max_examples=200, deadline=None)
@given(st.lists(odd_records(), min_size=1, max_size=4))
def test_the_fast_and_the_tolerant_path_agree(items: list[dict[str, Any]]) -> None:
    """What the typed decoder takes, the tolerant path turns into the same rows."""
    data = records_file(*items)
    shape = RecordShape()
    fast = read_fast(decoder_of(data), data, shape)
    if fast is None:
        data = records_file(*(record(n) for n in range(len(items))))
        fast = read_fast(decoder_of(data), data, shape)
    assert fast is not None
    tolerant = list(read_tolerant(decoder_of(data), data, shape))
    assert rows_of(fast) == rows_of(*tolerant)


def test_unknown_fields_stay_on_the_fast_path() -> None:
    """Fields that AWS adds tomorrow are learned and kept, without the tolerant path."""
    items = [record(n, newField={"n": n}, other=None) for n in range(3)]
    data = records_file(*items)
    shape = RecordShape()
    content = read_fast(decoder_of(data), data, shape)
    assert content is not None
    assert shape.learned == ("newField", "other")
    assert [rebuild_record(row) for row in rows_of(content)] == items


def test_a_row_has_the_schema_of_events() -> None:
    """The columns are those of the schema, in its order, whatever is empty."""
    assert list(row_of(record())) == EVENTS_SCHEMA.names


def test_the_identity_is_flattened() -> None:
    """Each identity column holds its part of userIdentity, and the text is kept as written."""
    identity = {
        "type": "AssumedRole",
        "principalId": "AROA1:alice",
        "invokedByDelegate": {"accountId": "1"},
        "onBehalfOf": {"userId": "u-1", "identityStoreArn": "arn:aws:identitystore::1:s"},
        "inScopeOf": {"issuerType": "AWS::Lambda::Function"},
        "newTomorrow": 1,
        "accessKeyId": "",
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::1:role/p/r"},
            "webIdFederationData": {},
            "attributes": {"creationDate": "2026-11-20T09:00:00Z", "mfaAuthenticated": "true"},
            "assumedRoot": "true",
            "ec2RoleDelivery": "2.0",
        },
    }
    row = row_of(record(userIdentity=identity))
    expected = {
        "user_type": "AssumedRole",
        "user_principal_id": "AROA1:alice",
        "user_access_key_id": None,
        "user_invoked_by_delegate_account_id": "1",
        "user_on_behalf_of_user_id": "u-1",
        "user_in_scope_of_issuer_type": "AWS::Lambda::Function",
        "session_creation_date": datetime(2026, 11, 20, 9, tzinfo=UTC),
        "session_mfa_authenticated": True,
        "session_assumed_root": True,
        "session_ec2_role_delivery": "2.0",
        "session_issuer_arn": "arn:aws:iam::1:role/p/r",
        "session_web_id_federated_provider": None,
        "additional_fields": None,
    }
    assert {name: row[name] for name in expected} == expected
    assert row["user_identity"] == json.dumps(identity)


@pytest.mark.parametrize("identity", [..., None, "", "root", 7, [], {}, {"sessionContext": "x"}])
def test_odd_identities_are_stored(identity: Any) -> None:
    """A missing identity, or one that is no object, gives empty columns and loses nothing."""
    item = record(userIdentity=identity)
    row = row_of(item)
    assert row["user_type"] is None
    assert rebuild_record(row) == item


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-20T10:00:00Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20 10:00:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20 10:00:00.250", datetime(2026, 11, 20, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-11-20T23:30:00-02:00", datetime(2026, 11, 21, 1, 30, tzinfo=UTC)),
    ],
)
def test_event_times_in_other_formats(written: str, expected: datetime) -> None:
    """A time in another format is read as UTC, dated in UTC, and given back as written."""
    item = record(eventTime=written)
    row = row_of(item)
    assert (row["event_time"], row["event_date"]) == (expected, expected.date())
    assert rebuild_record(row) == item


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (record(eventTime=...), "The record has no eventTime."),
        (record(eventTime=""), "The record has no eventTime."),
        (record(eventTime="soon"), "The record's eventTime is not a time: 'soon'."),
        (record(eventTime="2026-02-30T00:00:00Z"), "is not a time: '2026-02-30T00:00:00Z'"),
        (record(eventTime=1763632800), "is not a time"),
        (record(eventName=...), "The record has no eventName."),
        (record(eventSource=""), "The record has no eventSource."),
        ("text", "The record is not a JSON object."),
        (None, "The record is not a JSON object."),
    ],
)
def test_records_that_say_neither_when_nor_what_are_rejected(item: Any, reason: str) -> None:
    """Such a record is rejected with its number and text; its neighbours are stored."""
    rows, rejects = normalised(records_file(record(1), item, record(3)))
    assert [row["request_id"] for row in rows] == ["R1", "R3"]
    assert [(r.number, reason in r.reason) for r in rejects] == [(2, True)]
    assert json.loads(rejects[0].text(10_000)) == item


def test_insight_events_have_no_name() -> None:
    """An Insights event says what happened in insightDetails alone, and is stored."""
    item = record(eventName=..., eventSource=..., insightDetails={"eventName": "RunInstances"})
    row = row_of(item)
    assert (row["event_name"], row["event_source"]) == (None, None)
    assert rebuild_record(row) == item


def test_a_record_without_an_id_gets_one_from_its_content() -> None:
    """Equal content has an equal id, whatever the order of the fields; the id is not rebuilt."""
    item = record(eventID=...)
    turned = dict(reversed(item.items()))
    first, second = row_of(item), row_of(turned)
    assert first["event_id"].startswith("sha256-")
    assert first["event_id"] == second["event_id"]
    assert row_of(record(eventID=..., userAgent="x"))["event_id"] != first["event_id"]
    assert rebuild_record(first) == item


def test_nested_values_keep_their_text() -> None:
    """Spaces, number formats and escapes inside nested values stay as they were written."""
    text = '{"a": 1.0,  "b":1e2, "c":"\\u00e9", "d":123456789012345678901234567890}'
    data = records_file(record()).replace(
        b'"requestParameters": null', f'"requestParameters": {text}'.encode()
    )
    rows, _ = normalised(data)
    assert rows[0]["request_parameters"] == text


def test_broken_bytes_become_replacement_characters() -> None:
    """A byte that is no UTF-8 does not cost the record."""
    data = records_file(record(userAgent="a?b", requestParameters={"k": "x?y"}))
    rows, rejects = normalised(data.replace(b"?", b"\xff"))
    assert rejects == []
    assert rows[0]["user_agent"] == "a\ufffdb"
    assert json.loads(rows[0]["request_parameters"]) == {"k": "x\ufffdy"}


def test_texts_in_boolean_columns() -> None:
    """`"true"` is true in the column and a text in the rebuilt record."""
    item = record(readOnly="True", managementEvent="false", sessionCredentialFromConsole="true")
    row = row_of(item)
    columns = ("read_only", "management_event", "session_credential_from_console")
    assert [row[c] for c in columns] == [True, False, True]
    assert rebuild_record(row) == item


def test_account_ids_written_as_numbers_become_text() -> None:
    """An account id is text in its column, whatever the record wrote."""
    row = row_of(record(recipientAccountId=123456789012))
    assert row["recipient_account_id"] == "123456789012"
    assert row["event_date"] == date(2026, 11, 20)


@pytest.mark.parametrize("depth", [400, 5_000, 200_000])
def test_deep_nesting_never_crashes(depth: int) -> None:
    """A record nested too deeply is rejected; its neighbours are stored."""
    deep = b"[" * depth + b"]" * depth
    data = records_file(record(1), record(2, requestParameters="deep"), record(3))
    rows, rejects = normalised(data.replace(b'"deep"', deep))
    assert [row["request_id"] for row in rows if row["request_id"] != "R2"] == ["R1", "R3"]
    assert len(rows) + len(rejects) == 3
    assert {r.reason for r in rejects} <= {"The record is nested too deeply."}


def test_identities_are_the_same_object_for_the_same_text() -> None:
    """Two records of one identity have equal columns, and so have other spellings of it."""
    spaced = json.dumps(ALICE, indent=1)
    data = records_file(record(1), record(2)).replace(
        json.dumps(ALICE).encode(), spaced.encode(), 1
    )
    rows, _ = normalised(data)
    assert rows[0]["user_identity"] == spaced
    assert rows[0]["user_arn"] == rows[1]["user_arn"] == ALICE["arn"]
