"""Every container that records come in, as functions from records to bytes."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.ingest.records import ndjson_file, records_file

Records = tuple[dict[str, Any], ...]


def zip_of(members: Mapping[str, bytes]) -> bytes:
    """A zip archive, with the junk that macOS adds."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
            archive.writestr(f"__MACOSX/._{name}", b"\x00\x05\x16\x07")
    return buffer.getvalue()


def _each(wrap: Callable[[str], dict[str, Any]], layout: str) -> Callable[..., bytes]:
    """Each record in an envelope; layout: array, lines, pretty, joined, or a list's name."""

    def container(*records: dict[str, Any]) -> bytes:
        items = [wrap(json.dumps(item)) for item in records]
        if layout == "array":
            return json.dumps(items).encode()
        if layout in ("lines", "pretty", "joined"):
            indent = 2 if layout == "pretty" else None
            texts = [json.dumps(item, indent=indent) for item in items]
            return ("" if layout == "joined" else "\n").join(texts).encode()
        return json.dumps({"other": 1, layout: items}, indent=1).encode()

    return container


def _rows(start: str, items: Iterable[str], end: str) -> bytes:
    """A list with each of its items on a line of its own."""
    return "\n".join([start, ",\n".join(items), end, ""]).encode()


def _log_lines(*records: dict[str, Any]) -> bytes:
    return b"".join(f"group stream {json.dumps(item)}\n".encode() for item in records)


def _bridge(text: str) -> dict[str, Any]:
    detail = {"detail-type": "AWS API Call via CloudTrail", "detail": json.loads(text)}
    return {"version": "0", "source": "aws.s3", **detail}


def _event(text: str) -> dict[str, Any]:
    return {"EventId": "x", "EventName": "ListBuckets", "CloudTrailEvent": text}


def _message(text: str) -> dict[str, Any]:
    return {"id": "1", "timestamp": 1, "message": text}


def _subscription(*records: dict[str, Any]) -> str:
    """What CloudWatch Logs sends: gzip in base64."""
    return base64.b64encode(gzip.compress(_each(_message, "logEvents")(*records))).decode()


def _notice(*records: dict[str, Any]) -> dict[str, Any]:
    message = records_file(*records).decode()
    return {"Type": "Notification", "TopicArn": "arn:aws:sns:x", "Message": message}


def _queue(body: str) -> bytes:
    item = {"messageId": "1", "receiptHandle": "x", "body": body, "eventSource": "aws:sqs"}
    return json.dumps({"Records": [item]}).encode()


def _topic(*records: dict[str, Any]) -> bytes:
    item = {"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": _notice(*records)}
    return json.dumps({"Records": [item]}).encode()


def _stream(*records: dict[str, Any]) -> bytes:
    item = {"kinesis": {"data": _subscription(*records)}, "eventSource": "aws:kinesis"}
    return json.dumps({"Records": [item]}).encode()


def _firehose(*records: dict[str, Any]) -> bytes:
    data = base64.b64encode(ndjson_file(*records)).decode()
    return json.dumps({"invocationId": "1", "records": [{"recordId": "1", "data": data}]}).encode()


CONTAINERS: dict[str, Callable[..., bytes]] = {
    "array": lambda *records: json.dumps(records).encode(),
    "array, pretty": lambda *records: json.dumps(records, indent=4).encode(),
    "array, a record a line": lambda *records: _rows("[", map(json.dumps, records), "]"),
    "Records, a record a line": lambda *records: _rows(
        '{"Records":[', map(json.dumps, records), "]}"
    ),
    "objects, pretty": _each(json.loads, "pretty"),
    "objects, joined": _each(json.loads, "joined"),
    "ndjson": ndjson_file,
    "LookupEvents": _each(_event, "Events"),
    "LookupEvents, an item a line": lambda *records: _rows(
        '{"Events":[', (json.dumps(_event(json.dumps(item))) for item in records), "]}"
    ),
    "LookupEvents, lines": _each(_event, "lines"),
    "EventBridge, array": _each(_bridge, "array"),
    "EventBridge, lines": _each(_bridge, "lines"),
    "EventBridge, pretty": _each(_bridge, "pretty"),
    "subscription": _each(_message, "logEvents"),
    "filter-log-events": _each(_message, "events"),
    "messages": _each(_message, "lines"),
    "awslogs": _log_lines,
    "_raw": _each(lambda text: {"_raw": text}, "lines"),
    "Splunk": _each(lambda text: {"preview": False, "result": {"_raw": text}}, "lines"),
    "event": _each(lambda text: {"event": json.loads(text)}, "array"),
    "event.original": _each(lambda text: {"event": {"original": text}}, "lines"),
    "details": _each(lambda text: {"details": json.loads(text)}, "array"),
    "raw_data": _each(lambda text: {"class_uid": 1, "raw_data": text}, "lines"),
    "gzip": lambda *records: gzip.compress(records_file(*records)),
    "gzip of gzip": lambda *records: gzip.compress(gzip.compress(records_file(*records))),
    "zip": lambda *records: zip_of({"a.json": records_file(*records), "README": b"# Read me"}),
    "zip of gzip": lambda *records: zip_of({"a.gz": gzip.compress(records_file(*records))}),
    "envelope of Lambda": lambda *records: json.dumps(
        {"awslogs": {"data": _subscription(*records)}}
    ).encode(),
    "envelope of SQS": lambda *records: _queue(records_file(*records).decode()),
    "envelope of SNS": _topic,
    "envelope of SNS, bare": lambda *records: json.dumps(_notice(*records)).encode(),
    "envelope of SNS in SQS": lambda *records: _queue(json.dumps(_notice(*records))),
    "envelope of Kinesis": _stream,
    "envelope of Firehose": _firehose,
    "byte order mark": lambda *records: b"\xef\xbb\xbf" + records_file(*records),
    "UTF-16": lambda *records: records_file(*records).decode().encode("utf-16"),
}
