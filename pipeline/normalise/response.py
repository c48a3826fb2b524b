"""What the response of a call holds that must go, and what is looked up most: keys.

CloudTrail logs session tokens in full (semantics.md section 2); they are credentials, so they
are cut out of the text before anything is stored. The patterns work on valid JSON text: a
quote inside a JSON string is always escaped, so `"sessionToken":` can only be a member.
"""

from __future__ import annotations

import json
import re
from typing import Any

_TOKEN_MEMBER = re.compile(rb'"[sS]essionToken"\s*:\s*"(?:[^"\\]++|\\.)*+"\s*', re.DOTALL)
_TOKEN_TEXT = re.compile(rb'([sS]essionToken\\*"\s*:\s*\\*")(?:[^"\\]|\\[^"])*', re.DOTALL)
_ACCESS_KEY = re.compile(rb'"[aA]ccessKeyId"\s*:\s*"([^"\\]+)"')
_TOKEN_NAMES = frozenset({"sessionToken", "SessionToken"})
_ISSUERS = ("credentials", "accessKey", "Credentials", "AccessKey")

TOKEN_MARK = b"essionToken"
_TOKEN_NAME_END = b'essionToken"'
ACCESS_KEY_MARK = b"ccessKeyId"


def drop_session_tokens(text: bytes) -> bytes:
    """Valid JSON text without any `sessionToken` member; the rest stays as written."""
    position = text.find(_TOKEN_NAME_END)
    while position >= 0:
        member = _TOKEN_MEMBER.match(text, max(position - 2, 0))
        before = text[: member.start()].rstrip() if member else b""
        if member is None or before[-1:] not in (b"{", b","):
            return _without_odd_tokens(text)
        after = text[member.end() :]
        is_first = before.endswith(b"{")
        text = before + after.removeprefix(b",") if is_first else before[:-1] + after
        position = text.find(_TOKEN_NAME_END)
    return text


def _without_odd_tokens(text: bytes) -> bytes:
    """As `drop_session_tokens`, for tokens that are no plain members: decode and encode."""
    value = json.loads(text)
    if not drop_token_members(value):
        return text
    return json.dumps(value, ensure_ascii=False).encode()


def drop_token_members(value: Any) -> bool:
    """Remove the members from a decoded value, in place; whether there were any."""
    dropped = False
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            for name in _TOKEN_NAMES & item.keys():
                del item[name]
                dropped = True
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
    return dropped


def blank_session_tokens(text: bytes) -> bytes:
    """Any text, also broken JSON, with the values of session tokens taken out."""
    return _TOKEN_TEXT.sub(rb"\1", text) if TOKEN_MARK in text else text


def issued_access_key_id(text: bytes) -> str | None:
    """The access key id that a response hands out.

    Where the text names several, the one in `credentials` or `accessKey` counts; a list of
    keys is no issue: None.
    """
    found = set(_ACCESS_KEY.findall(text))
    if len(found) == 1:
        return bytes(found.pop()).decode(errors="replace")
    if not found:
        return None
    response = json.loads(text)
    for name in _ISSUERS:
        issued = response.get(name) if isinstance(response, dict) else None
        if isinstance(issued, dict):
            key = issued.get("accessKeyId", issued.get("AccessKeyId"))
            if isinstance(key, str) and key:
                return key
    return None
