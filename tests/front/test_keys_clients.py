"""Where a key is used from: networks and machines, as far as they can be told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from pipeline.reports.keys.clients import network_of, new_networks, place_of, tool_of
from tests.front.facts import at

CLI = "aws-cli/2.34.30 md/awscrt#0.31.2 ua/2.1 os/"
DAY = timedelta(days=1)


def client(address: str = "203.0.113.10", day: float = 0, **changes: Any) -> dict[str, Any]:
    moment = at("2026-11-20 08:00:00") + day * DAY
    made = {"address": address, "user_agent": "x", "is_private": False, "events": 1}
    return made | {"first_time": moment, "last_time": moment} | changes


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.10", "203.0.113.0/24"),
        ("2001:db8:7:1::9", "2001:db8:7::/48"),
        ("2001:db8::9", "2001:db8::/48"),
        ("athena.amazonaws.com", None),
        ("AWS Internal", None),
        ("075.050.255.67", None),
        (None, None),
    ],
)
def test_the_network_of_an_address(address: str | None, network: str | None) -> None:
    """/24 of IPv4, /48 of IPv6; a service's name is no address."""
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("day", "address", "networks"),
    [
        (7.1, "198.51.100.7", ["198.51.100.0/24"]),
        (7.0, "198.51.100.7", []),
        (8, "203.0.113.77", []),
        (8, "athena.amazonaws.com", []),
    ],
)
def test_new_is_what_the_first_week_did_not_see(
    day: float, address: str, networks: list[str]
) -> None:
    """A neighbour in the same network is not new."""
    assert new_networks([client(), client(address, day)]) == networks


def test_a_new_network_without_counted_calls_is_not_told() -> None:
    """It was used outside the window only."""
    assert new_networks([client(), client("198.51.100.7", 8, events=0)]) == []


@pytest.mark.parametrize(
    ("agent", "code"),
    [
        ("Boto3/1.40 exec-env/AWS_Lambda_python3.13", "lambda"),
        ("Boto3/1.40 exec-env/AWS_ECS_FARGATE", "container"),
        ("configure-aws-credentials-for-github-actions", "pipeline"),
        ("aws-cli/2.2.23 Python/3.8.8 Linux/4.14.238-182.422.amzn2.x86_64", "ec2"),
        ("aws-cli/2.15 md/awscrt os/linux#6.1.61-85.141.amzn2023.x86_64", "ec2"),
        ("aws-sdk-go-v2/1.30 os/linux#6.8.0-1021-aws lang/go", "ec2"),
        ("HashiCorp/1.0 Terraform/1.1.2 (+https://x)", "infrastructure-code"),
        (CLI + "macos#24.1.0 md/arch#arm64", "desk"),
        (CLI + "windows#11 md/arch#amd64", "desk"),
        ("aws-cli/2.2.16 Python/3.8.8 Darwin/20.5.0 exe/x86_64", "desk"),
        (CLI + "linux#6.8.0", None),
        ("aws-internal/3 aws-sdk-java Linux/5.4.122-66.218.amzn2int.x86_64 OpenJDK", None),
        (None, None),
    ],
)
def test_what_a_user_agent_tells(agent: str | None, code: str | None) -> None:
    """A plain Linux may be anything; amzn2int is the Linux of AWS's own services."""
    place = place_of(client(user_agent=agent))
    assert (place.code if place else None) == code


@pytest.mark.parametrize(
    ("agent", "tool"),
    [
        (CLI + "linux#6.8.0", "aws-cli/2.34.30"),
        ("[Boto3/1.26.165 Python/3.10.6]", "Boto3/1.26.165"),
        ("APN/1.0 HashiCorp/1.0 Terraform/1.1.2 (+https://x)", "Terraform/1.1.2"),
        ("Mozilla/5.0 (X11; Linux x86_64)", "a browser"),
        ("stratus-red-team_ad7e993a-df31-4c47-b824-2dc03aac44a5", "stratus-red-team"),
        ("AWS Internal", None),
        ("", None),
    ],
)
def test_a_tool_as_people_call_it(agent: str, tool: str | None) -> None:
    """The product with its version, without what only makes it long."""
    assert tool_of(agent) == tool
