"""Identifiers of realistic shape, unique, and the same again for the same seed.

Shapes: semantics.md section 6. Access key ids carry their account the way AWS's do
(base32, first six bytes), and every id of one account begins with the same characters.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from random import Random

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
ALNUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_KEY_BITS = 39
_SPREAD = 0x2F_9B5C_2E35


class Ids:
    """A source of identifiers, fixed by its seed."""

    def __init__(self, seed: int | str) -> None:
        self._random = Random(f"ids-{seed}")
        self._keys: defaultdict[str, int] = defaultdict(int)
        self._offset = self._random.getrandbits(_KEY_BITS)
        self._bodies: dict[str, int] = {}

    def account(self) -> str:
        """A twelve-digit account id."""
        return f"{self._random.randrange(10**11, 10**12):012d}"

    def access_key(self, prefix: str, account: str) -> str:
        """An access key id, `AKIA…` or `ASIA…`, that decodes to its account."""
        number = self._keys[account]
        self._keys[account] = number + 1
        low = (number * _SPREAD + self._offset) % (1 << _KEY_BITS)
        body = (1 << 79) | (int(account) << _KEY_BITS) | low
        return prefix + base64.b32encode(body.to_bytes(10, "big")).decode()

    def principal(self, prefix: str, account: str) -> str:
        """A unique id such as `AIDA…` or `AROA…`, twenty-one characters long."""
        head = self.access_key("", account)[:8]
        return prefix + head + "".join(self._random.choices(BASE32, k=9))

    def uuid(self) -> str:
        """A random (version 4) UUID."""
        text = f"{self._random.getrandbits(128):032x}"
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"

    def request_id(self, source: str) -> str:
        """A request id: S3 writes sixteen hex digits, the other services a UUID."""
        if source == "s3.amazonaws.com":
            return f"{self._random.getrandbits(64):016X}"
        return self.uuid()

    def hex(self, digits: int) -> str:
        """Lower-case hex digits."""
        return f"{self._random.getrandbits(4 * digits):0{digits}x}"

    def alnum(self, length: int) -> str:
        """Letters and digits."""
        return "".join(self._random.choices(ALNUM, k=length))

    def token(self) -> str:
        """What stands where a session token is logged; far shorter than a real one."""
        return "IQoJb3JpZ2luX2Vj" + self.alnum(24)


def account_of_key(key: str) -> str:
    """The account that an access key id carries (semantics.md section 6)."""
    body = int.from_bytes(base64.b32decode(key[4:])[:6], "big")
    return f"{(body & 0x7FFFFFFFFF80) >> 7:012d}"
