"""Patterns of policies: what `*` and `?` take in, for one text or looked up for many.

`${*}`, `${?}` and `${$}` are the signs themselves (IAM user guide, "Policy variables").
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial

_TOKENS = re.compile(r"(\$\{[*?$]\}|\*|\?)")
_WILD = {"*": ".*", "?": "[^*]"}


@lru_cache(maxsize=1 << 16)
def _matcher(pattern: str) -> Callable[[str], object]:
    """What is true of a text that the pattern takes in; a regular expression only where needed."""
    stem, last = pattern[:-1], pattern[-1:]
    if last == "*" and not _TOKENS.search(stem) and not stem.endswith("${"):
        return partial(_begins, stem)
    return _regex(pattern)


def _begins(stem: str, text: str) -> bool:
    return text.startswith(stem)


def _regex(pattern: str) -> Callable[[str], object]:
    parts = (_WILD.get(part, re.escape(part)) for part in _TOKENS.split(pattern))
    return re.compile("".join(parts), re.DOTALL).fullmatch


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern with `*` and `?` takes in a text, which may itself be a pattern.

    A `*` of the text is an ordinary character here: only `*` takes it in. `${*}` is no wildcard.
    """
    return bool(_matcher(pattern)(text))


class Patterns:
    """Many patterns: those that take in a text are looked up by its ends, not tried one by one."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self._by_ends: dict[tuple[str, str], list[str]] = {}
        for pattern in patterns:
            self._by_ends.setdefault(_ends(pattern), []).append(pattern)
        self._lengths = sorted({(len(first), len(last)) for first, last in self._by_ends})

    def taking_in(self, text: str) -> Iterator[str]:
        """The patterns that take in a text, as `matches` has it."""
        for first, last in self._lengths:
            if max(first, last) > len(text):
                continue
            ends = (text[:first], text[len(text) - last :])
            for pattern in self._by_ends.get(ends, ()):
                if matches(pattern, text):
                    yield pattern


def _ends(pattern: str) -> tuple[str, str]:
    """What stands before the first wildcard and behind the last; without any, all and nothing."""
    parts = _TOKENS.split(pattern)
    wild = [number for number, part in enumerate(parts) if part in _WILD]
    if not wild:
        return pattern, ""
    return "".join(parts[: wild[0]]), "".join(parts[wild[-1] + 1 :])
