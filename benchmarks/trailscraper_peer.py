"""TrailScraper at work, run by the interpreter of its own environment; imports are not measured.

python trailscraper_peer.py role FILES ROLE_ARN   its commands `select` and `generate`
python trailscraper_peer.py all FILES             its library: read once, a policy for each role
python trailscraper_peer.py actions               [[event source, event name], …] -> actions
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from trailscraper.cloudtrail import Record, filter_records, parse_records
from trailscraper.policy_generator import generate_policy
from trailscraper.record_sources.local_directory_record_source import LocalDirectoryRecordSource
from trailscraper.time_utils import parse_human_readable_time

SINCE, UNTIL = parse_human_readable_time("1970-01-01"), parse_human_readable_time("now")


def one_role(folder: str, role: str) -> int:
    """What `trailscraper select | trailscraper generate` does, in one process."""
    records = LocalDirectoryRecordSource(folder).load_from_dir(SINCE, UNTIL)
    selected = filter_records(records, [role], SINCE, UNTIL)
    text = json.dumps({"Records": [record.raw_source for record in selected]})
    generate_policy(parse_records(json.loads(text)["Records"])).to_json()
    return 1


def all_roles(folder: str) -> int:
    """One pass over the files; policies made."""
    by_role: dict[str, list[Any]] = defaultdict(list)
    for record in LocalDirectoryRecordSource(folder).load_from_dir(SINCE, UNTIL):
        by_role[record.assumed_role_arn].append(record)
    for records in by_role.values():
        generate_policy(records).to_json()
    return len(by_role)


def actions(event_source: str, event_name: str) -> list[str]:
    """The actions that it writes for a call."""
    try:
        statement = Record(event_source, event_name).to_statement()
    except Exception:  # noqa: BLE001 -- whatever it fails with, it has no answer
        return []
    return sorted(action.json_repr() for action in statement.Action) if statement else []


if __name__ == "__main__":
    way, *arguments = sys.argv[1:]
    if way == "actions":
        print(json.dumps([actions(*call) for call in json.load(sys.stdin)]))
    else:
        start = time.perf_counter(), time.process_time()
        with contextlib.redirect_stdout(io.StringIO()):
            made = one_role(*arguments) if way == "role" else all_roles(*arguments)
        seconds, cpu_seconds = time.perf_counter() - start[0], time.process_time() - start[1]
        peak = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
        print(json.dumps([seconds, cpu_seconds, peak, made]))
