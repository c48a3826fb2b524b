"""Where a credential was used from: networks, tools, and what kind of machine that probably was.

A user agent is chosen by whoever makes the call, so that all that is read from one is a guess and
says so. Whose network an address is (its ASN) is not known offline: a network here is an IPv4 /24
or an IPv6 /48.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

FAMILIAR_AFTER = timedelta(days=7)
"""Networks of a credential's first days in the lake are familiar; later ones are new."""

Client = Mapping[str, Any]
"""address, user_agent, is_private (through a VPC endpoint), first_time, last_time, events."""

_BITS = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class Place:
    """What kind of machine a call probably came from.

    code -- in data. words -- as people say it. role -- what would do instead of the key.
    """

    code: str
    words: str
    role: str
    pattern: re.Pattern[str]


def _place(code: str, words: str, role: str, pattern: str) -> Place:
    return Place(code, words, role, re.compile(pattern, re.IGNORECASE))


PLACES: tuple[Place, ...] = (
    _place("lambda", "a Lambda function", "the function's execution role", r"exec-env/AWS_Lambda"),
    _place(
        "container",
        "a container",
        "a task role or pod identity",
        r"exec-env/AWS_ECS|exec-env/\S*(?:EKS|fargate)",
    ),
    _place(
        "pipeline",
        "a build pipeline",
        "a role that trusts the pipeline's OIDC provider",
        r"github-?actions|gitlab|jenkins|circleci|buildkite|bitbucket|codebuild|teamcity"
        r"|azure-?(?:devops|pipelines)|travis-?ci|spinnaker",
    ),
    # amzn2int is the Linux of AWS's own services (the console calls on behalf of people).
    _place(
        "ec2",
        "an EC2 instance",
        "an instance role",
        r"\.amzn\d*(?:\.|\s|$)|\.amzn2(?!int)|\.amzn2023|exec-env/EC2|linux[/#][\d.]+-\d+-aws\b",
    ),
    _place(
        "infrastructure-code",
        "Terraform or the like",
        "a role: by OIDC in a pipeline, by Identity Center at a desk",
        r"terraform|pulumi|opentofu|ansible|aws-cdk|crossplane",
    ),
    _place(
        "desk",
        "a person's computer",
        "Identity Center (aws sso login) or aws login",
        r"darwin/|os/macos|os/windows|windows[/ ]|cyberduck|s3 ?browser|winscp|cloudberry",
    ),
)
"""First match wins."""

PRIVATE = _place("vpc", "a machine in a VPC", "an instance, task or function role", r"(?!)")
"""Calls through a VPC endpoint: the log says so, not the caller."""

_KNOWN_TOOLS = re.compile(
    r"(terraform|pulumi|opentofu|aws-cli|boto3|botocore|aws-sdk-[\w-]+|s3console|cyberduck|rclone"
    r"|s3fs|powershell)/v?(\d[\w.]*)?",
    re.IGNORECASE,
)
_UUID = re.compile(r"[_-]?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def network_of(address: str | None) -> str | None:
    """The network of an address: `203.0.113.0/24`, `2001:db8:1::/48`.

    None for what is no address: the name of a service, `AWS Internal`.
    """
    try:
        version = ipaddress.ip_address(address or "").version
    except ValueError:
        return None
    return str(ipaddress.ip_network(f"{address}/{_BITS[version]}", strict=False))


def new_networks(clients: Iterable[Client]) -> list[str]:
    """Networks with counted calls that were first seen after the credential's first days."""
    first: dict[str, datetime] = {}
    counted: Counter[str] = Counter()
    for client in clients:
        network = network_of(client["address"])
        if network is None:
            continue
        first[network] = min(first.get(network, client["first_time"]), client["first_time"])
        counted[network] += client["events"]
    if not first:
        return []
    familiar_until = min(first.values()) + FAMILIAR_AFTER
    return sorted(
        network for network, seen in first.items() if seen > familiar_until and counted[network]
    )


def tool_of(user_agent: str | None) -> str | None:
    """A user agent as people call it: `aws-cli/2.34.30`, `Terraform/1.1.2`, `a browser`.

    None for none, and for AWS's own.
    """
    if not user_agent or user_agent == "AWS Internal":
        return None
    known = _KNOWN_TOOLS.search(user_agent)
    if known:
        return known[0].rstrip("/")
    plain = user_agent.strip("[]")
    if plain.startswith("Mozilla/"):
        return "a browser"
    return _UUID.sub("", plain.split(" ")[0]).rstrip(",") or None


def by_frequency(pairs: Iterable[tuple[str | None, int]]) -> list[str]:
    """The texts with any calls, most first; of equal ones the alphabet decides."""
    counts: Counter[str] = Counter()
    for text, events in pairs:
        if text and events:
            counts[text] += events
    return sorted(counts, key=lambda text: (-counts[text], text))


def place_of(client: Client) -> Place | None:
    """What kind of machine a client probably is; None where nothing tells."""
    agent = client["user_agent"] or ""
    found = next((place for place in PLACES if place.pattern.search(agent)), None)
    if client["is_private"] and (found is None or found.code in ("desk", "infrastructure-code")):
        return PRIVATE
    return found


def places_of(clients: Iterable[Client]) -> list[tuple[Place, int]]:
    """The kinds of machines with their counted calls, most first."""
    counts: Counter[str] = Counter()
    places: dict[str, Place] = {}
    for client in clients:
        place = place_of(client) if client["events"] else None
        if place:
            places[place.code] = place
            counts[place.code] += client["events"]
    return [(places[code], n) for code, n in sorted(counts.items(), key=lambda x: (-x[1], x[0]))]


def places_in_words(places: Sequence[tuple[Place, int]], events: int) -> str | None:
    """`probably an EC2 instance (12 of 20 calls), a build pipeline (8 of 20 calls)`."""
    if not places:
        return None
    counts = [
        f"{place.words}" + (f" ({n:,} of {events:,} calls)" if n < events else "")
        for place, n in places
    ]
    return f"probably {', '.join(counts)}"
