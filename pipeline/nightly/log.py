"""What a night says on the way: one line an event, for people or as JSON for machines."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

Level = Literal["info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Log:
    """Writes lines.

    write -- takes one line; as_json -- whether a line is a JSON object: `time` (UTC), `level`,
    `event`, and the event's own fields.
    """

    write: Callable[[str], None]
    as_json: bool = False

    def say(self, event: str, level: Level = "info", /, **fields: object) -> None:
        """Tell an event."""
        moment = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
        if self.as_json:
            line = {"time": moment, "level": level, "event": event, **fields}
            self.write(json.dumps(line, default=str))
            return
        told = " ".join(f"{name}={_value(value)}" for name, value in fields.items())
        self.write(f"{moment} {level:<7} {event}{' ' if told else ''}{told}")


def _value(value: object) -> str:
    text = str(value)
    return json.dumps(text) if not text or " " in text or '"' in text else text
