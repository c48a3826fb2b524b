"""How urgent a credential is: each reason with a hit and a miss; where it is used from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.front.facts import at
from tests.front.keying import keys
from tests.front.tracing import key_of
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, use
from tests.world.signin import console_call, console_login
from tests.world.sts import access_key, assume_role, deny_assume_role, get_session_token
from tests.world.times import DAY, MINUTE
from tests.world.world import World

ADMINISTERS = ("iam", "AttachUserPolicy")


@pytest.fixture
def cast() -> Cast:
    """Alice and bob with keys, a few roles, an empty log."""
    return Cast(World("keys"))


def row_of(cast: Cast, credential: Credential) -> dict[str, Any]:
    return keys(cast.world).of(key_of(credential))


def root_of(cast: Cast) -> Credential:
    return cast.world.root(cast.security)


def test_a_root_access_key_is_critical(cast: Cast) -> None:
    """The first of all."""
    root = access_key(root_of(cast))
    use(root)
    cast.alice.call(*ADMINISTERS)
    answer = keys(cast.world)
    row = answer.rows()[0]
    assert (row["severity"], row["reason"]) == ("critical", "root access key in use")
    assert row["next_step"] == "delete it: root needs no key"
    assert answer.report.severities == {"critical": 1, "high": 1}
    assert answer.report.findings == 2


@pytest.mark.parametrize(("mfa", "severity"), [(False, "critical"), (True, "high")])
def test_root_in_the_console(cast: Cast, mfa: bool, severity: str) -> None:
    """Without MFA it is critical; a sign-in alone is enough to tell."""
    console_login(root_of(cast), mfa=mfa)
    row = keys(cast.world).one()
    assert (row["credential"], row["severity"]) == ("console password", severity)
    assert ("without MFA" in row["reason"]) is not mfa


def test_an_access_key_that_administers_without_mfa(cast: Cast) -> None:
    """Itself or through a role; the calls are named."""
    hat = assume_role(cast.alice, cast.analyst, "x")
    hat.call(*ADMINISTERS)
    row = row_of(cast, cast.alice)
    assert (row["severity"], row["reason"]) == (
        "high",
        "administers without MFA: iam:AttachUserPolicy ×1",
    )


def test_administering_with_mfa_or_in_vain_is_no_finding(cast: Cast) -> None:
    """Through GetSessionToken with MFA; a refused call; a look; one's own MFA device."""
    get_session_token(cast.alice, mfa=True).call(*ADMINISTERS)
    cast.alice.call(*ADMINISTERS, denied=True)
    cast.alice.call("iam", "ListUsers")
    cast.alice.call("iam", "EnableMFADevice")
    assert row_of(cast, cast.alice)["severity"] == "low"


@pytest.mark.parametrize(("days", "severity"), [(90, "medium"), (89, "low")])
def test_an_old_access_key(cast: Cast, days: int, severity: str) -> None:
    """Its age counts from CreateAccessKey to the last use."""
    made = access_key(cast.bob_user, at=cast.world.tick(), by=cast.alice)
    cast.world.tick(days * DAY)
    use(made)
    row = row_of(cast, made)
    assert (row["age_days"], row["age_source"], row["severity"]) == (days, "lake", severity)
    assert row["made"] == "2026-11-20 08:00:05 UTC by alice"


def test_a_key_of_unknown_age_is_as_old_as_its_use(cast: Cast) -> None:
    """The lake has used it for long, whenever it was made."""
    use(cast.alice)
    cast.world.tick(100 * DAY)
    use(cast.alice)
    row = row_of(cast, cast.alice)
    assert (row["age_days"], row["severity"]) == (None, "medium")
    assert row["reason"] == "at least 100 days old when last used"


def test_a_password_without_mfa(cast: Cast) -> None:
    """Medium; with MFA it is worth knowing only."""
    console_login(cast.bob_user, mfa=False)
    console_login(cast.alice_user, mfa=True)
    rows = {row["actor_name"]: row for row in keys(cast.world).rows()}
    assert rows["bob"]["severity"] == "medium"
    assert "1 of 1 sign-ins" in rows["bob"]["reason"]
    assert rows["alice"]["severity"] == "info"


def test_a_console_session_whose_sign_in_is_not_in_the_lake(cast: Cast) -> None:
    """Its calls show that there was no MFA."""
    session = console_login(cast.bob_user, mfa=False)
    cast.world.withhold(*session.sign_ins)
    extra = {"sessionCredentialFromConsole": "true"}
    console_call(session, "ec2", "DescribeInstances", extra=extra)
    row = keys(cast.world).one()
    assert (row["credential_kind"], row["severity"]) == ("console-password", "medium")
    assert "the sign-in is not in the lake" in row["reason"]


def test_a_new_network(cast: Cast) -> None:
    """Another /24 than those of the first week."""
    use(cast.alice)
    use(cast.bob)
    cast.world.tick(8 * DAY)
    use(cast.alice, ip="198.51.100.7")
    use(cast.bob, ip="203.0.113.77")
    answer = keys(cast.world)
    row = answer.of(key_of(cast.alice))
    assert (row["new_networks"], row["severity"]) == (["198.51.100.0/24"], "medium")
    row = answer.of(key_of(cast.bob))
    assert (row["new_networks"], row["severity"]) == ([], "low")


def test_a_network_is_new_against_all_history(cast: Cast) -> None:
    """A window does not make old networks new, and shows a new one only where it was used."""
    use(cast.alice)
    cast.world.tick(8 * DAY)
    use(cast.alice, ip="198.51.100.7")
    cast.world.tick(DAY)
    use(cast.alice)
    warehouse = keys(cast.world, since=at("2026-11-28 00:00:00"))
    assert warehouse.one()["new_networks"] == ["198.51.100.0/24"]
    later = keys(cast.world, since=at("2026-11-29 00:00:00"))
    assert (later.one()["events"], later.one()["new_networks"]) == (1, [])


@pytest.mark.parametrize(("probes", "severity"), [(3, "medium"), (2, "low")])
def test_refused_assumptions_are_probes(cast: Cast, probes: int, severity: str) -> None:
    """Three refusals look like somebody trying keys on doors."""
    for _ in range(probes):
        deny_assume_role(cast.alice, cast.break_glass)
    assert row_of(cast, cast.alice)["severity"] == severity


def test_assumptions_that_succeed_on_retry_are_no_probes(cast: Cast) -> None:
    """They are told, and not as probing; one that stays shut counts, but is one only."""
    for number in range(3):
        role = cast.role(cast.security, f"Made{number}")
        deny_assume_role(cast.alice, role)
        assume_role(cast.alice, role, "terraform", at=cast.world.tick(4 * MINUTE))
    deny_assume_role(cast.alice, cast.break_glass)
    row = row_of(cast, cast.alice)
    assert row["severity"] == "low"
    assert (
        "a long-term access key is in use; AssumeRole refused ×3, of roles that opened"
        in (row["reason"])
    )
    assert "it tries" not in row["reason"]


def change(cast: Cast, name: str, made: Credential, **more: str) -> None:
    params = {"userName": made.user_name, "accessKeyId": made.key} | more
    cast.bob.call("iam", name, params=params)


@pytest.mark.parametrize(
    ("name", "status", "words"),
    [("DeleteAccessKey", {}, "deleted"), ("UpdateAccessKey", {"status": "Inactive"}, "disabled")],
)
def test_used_after_its_end(cast: Cast, name: str, status: dict[str, str], words: str) -> None:
    """Deleted or disabled, and yet used more than a minute later."""
    change(cast, name, cast.alice, **status)
    cast.world.tick(120)
    use(cast.alice)
    row = row_of(cast, cast.alice)
    assert (row["severity"], row["own_after_end"]) == ("high", 1)
    assert row["reason"].startswith(f"used after it was {words} at 2026-11-20 08:00:05: 1 call")


def test_use_within_a_minute_or_after_it_was_enabled_again(cast: Cast) -> None:
    """IAM takes a while; and a key can be put back."""
    change(cast, "UpdateAccessKey", cast.alice, status="Inactive")
    use(cast.alice)
    change(cast, "UpdateAccessKey", cast.alice, status="Active")
    cast.world.tick(120)
    use(cast.alice)
    row = row_of(cast, cast.alice)
    assert (row["severity"], row["own_after_end"]) == ("low", None)


def test_sessions_outlive_the_key(cast: Cast) -> None:
    """What it had put on goes on after its end."""
    hat = assume_role(cast.alice, cast.analyst, "x")
    change(cast, "DeleteAccessKey", cast.alice)
    cast.world.tick(120)
    use(hat)
    row = row_of(cast, cast.alice)
    assert (row["severity"], row["own_after_end"], row["sessions_after_end"]) == ("high", 0, 1)
    assert "sessions that began with it went on" in row["reason"]


def test_a_key_of_a_user_made_for_bedrock(cast: Cast) -> None:
    """Such a user has an API key; an access key is another way in."""
    use(access_key(cast.world.user(cast.security, "BedrockAPIKey-ab12")))
    assert keys(cast.world).one()["severity"] == "high"


# --- where they are used ---------------------------------------------------------------------


def test_what_it_probably_runs_on(cast: Cast) -> None:
    """From the user agent, with the role that would do; always as a guess."""
    use(cast.alice, agent="Boto3/1.40 exec-env/AWS_Lambda_python3.13")
    use(cast.alice)
    answer = keys(cast.world)
    row = answer.of(key_of(cast.alice))
    assert row["runs_on"] == "probably a Lambda function (1 of 2 calls)"
    assert row["role_instead"] == "probably: the function's execution role"
    assert "probably used by a Lambda function" in row["reason"]
    assert row["tools"] == ["Boto3/1.40", "aws-cli/2.34.30"]
    assert any("a guess" in note for note in answer.report.notes)


def test_a_vpc_endpoint_shows_a_machine(cast: Cast) -> None:
    """The log says so, not the caller."""
    use(cast.alice, extra={"vpcEndpointId": "vpce-0abc"})
    assert row_of(cast, cast.alice)["runs_on"] == "probably a machine in a VPC"
