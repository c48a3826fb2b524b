"""Session tokens go; issued keys are found."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalise.response import (
    blank_session_tokens,
    drop_session_tokens,
    drop_token_members,
    issued_access_key_id,
)
from tests.ingest.records import normalised, record, records_file, row_of

NAMES = st.sampled_from(
    ["sessionToken", "SessionToken", 'a"sessionToken', "accessKeyId", 'a"b', "\\"]
)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=6) | st.just('"sessionToken":"x"'),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES, st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]), st.booleans())
def test_tokens_are_dropped_wherever_they_are(
    value: Any, separators: tuple[str, str], escape: bool
) -> None:
    """The text stays valid JSON and means the same without the members."""
    text = json.dumps(value, separators=separators, ensure_ascii=escape)
    dropped = drop_session_tokens(text.encode())
    drop_token_members(value)
    assert json.loads(dropped) == value


def test_the_rest_of_the_response_stays_as_written() -> None:
    """Only the member is cut out."""
    text = b'{"credentials": {"accessKeyId":"ASIA1", "sessionToken": "a\\/b==",  "n": 1.0}}'
    expected = b'{"credentials": {"accessKeyId":"ASIA1",  "n": 1.0}}'
    assert drop_session_tokens(text) == expected


def test_no_column_holds_a_session_token() -> None:
    """Neither a stored row nor the text of a rejected record shows it."""
    response = {"credentials": {"accessKeyId": "ASIA1", "sessionToken": "SECRET\ud800"}}
    items = [
        record(1, responseElements=response),
        record(2, responseElements=response, userAgent="\ud800"),
        record(3, responseElements=response, eventTime=...),
        record(4, responseElements={"sessionToken": {"nested": "SECRET"}}),
    ]
    rows, rejects = normalised(records_file(*items))
    assert (len(rows), len(rejects)) == (3, 1)
    assert "SECRET" not in str(rows)
    assert "SECRET" not in rejects[0].text(10_000)


@pytest.mark.parametrize(
    "text",
    [
        b'{"sessionToken":"SECRET',
        b'{"sessionToken" : "SECRET","x":1}',
        rb'"{\"sessionToken\":\"SECRET\/x\",\"y\":2}"',
    ],
)
def test_tokens_are_blanked_in_broken_text(text: bytes) -> None:
    """Raw text that is not valid JSON loses the value too."""
    assert b"SECRET" not in blank_session_tokens(text)


@pytest.mark.parametrize(
    ("response", "key"),
    [
        ({"credentials": {"accessKeyId": "ASIA1"}}, "ASIA1"),
        ({"accessKey": {"accessKeyId": "AKIA1", "status": "Active"}}, "AKIA1"),
        ({"deep": [{"AccessKeyId": "ASIA2"}]}, "ASIA2"),
        ({"credentials": {"accessKeyId": "ASIA1"}, "other": {"accessKeyId": "ASIA2"}}, "ASIA1"),
        ({"keys": [{"accessKeyId": "AKIA1"}, {"accessKeyId": "AKIA2"}]}, None),
        ({"credentials": {"accessKeyId": ""}}, None),
        ({"text": '"accessKeyId":"AKIA1"'}, None),
    ],
)
def test_the_issued_key(response: Any, key: str | None) -> None:
    """The key that a response hands out; none when it lists several."""
    assert issued_access_key_id(json.dumps(response).encode()) == key
    assert row_of(record(responseElements=response))["issued_access_key_id"] == key


def test_a_failed_call_issues_nothing() -> None:
    """A record with an error code has no issued key."""
    response = {"credentials": {"accessKeyId": "ASIA1"}}
    row = row_of(record(responseElements=response, errorCode="AccessDenied"))
    assert row["issued_access_key_id"] is None
