"""What was made and never used, and what IAM's credential report adds to the keys report."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.credential_report import CredentialReport
from tests.front.keying import Keys, credential_report, key_cells, keys, user_line
from tests.front.tracing import key_of
from tests.world.model import Credential
from tests.world.scenarios.scenario import Cast, use
from tests.world.sts import access_key
from tests.world.times import DAY
from tests.world.world import World


@pytest.fixture
def cast() -> Cast:
    """Alice and bob with keys; it is 08:00:00 on 2026-11-20."""
    return Cast(World("credential report"))


# --- made and never used ---------------------------------------------------------------------


def made_by(cast: Cast, by: Credential, user: Credential | None = None) -> Credential:
    return access_key(user or cast.bob_user, at=cast.world.tick(), by=by)


def test_a_key_that_somebody_else_made_and_nobody_used(cast: Cast) -> None:
    """Who made it, for whom, when; medium, for it may be a way back in."""
    made = made_by(cast, cast.alice)
    row = keys(cast.world).one("made_unused")
    assert (row["access_key_id"], row["owner_name"]) == (made.key, "bob")
    assert (row["actor_name"], row["evidence"]) == ("alice", "direct")
    assert (row["created_at"], row["state"], row["severity"]) == (
        "2026-11-20T08:00:05Z",
        "active",
        "medium",
    )


def test_a_used_key_is_not_unused(cast: Cast) -> None:
    """However long after the window it was used."""
    made = made_by(cast, cast.alice)
    use(made)
    assert keys(cast.world).rows("made_unused") == []


def test_ones_own_unused_key_is_low(cast: Cast) -> None:
    """Bob made it for himself."""
    made_by(cast, cast.bob)
    assert keys(cast.world).one("made_unused")["severity"] == "low"


@pytest.mark.parametrize(
    ("name", "more", "state"),
    [("DeleteAccessKey", {}, "deleted"), ("UpdateAccessKey", {"status": "Inactive"}, "inactive")],
)
def test_an_unused_key_that_is_gone_is_no_finding(
    cast: Cast, name: str, more: dict[str, str], state: str
) -> None:
    """Made, never used, and deleted or disabled."""
    made = made_by(cast, cast.alice)
    params = {"userName": "bob", "accessKeyId": made.key} | more
    cast.alice.call("iam", name, params=params)
    row = keys(cast.world).one("made_unused")
    assert (row["state"], row["severity"]) == (state, "info")


def test_a_key_made_for_root_is_critical(cast: Cast) -> None:
    """CreateAccessKey by root without a user name is root's own."""
    root = cast.world.root(cast.security)
    new = {"accessKey": {"accessKeyId": cast.world.ids.access_key("AKIA", cast.security.id)}}
    root.call("iam", "CreateAccessKey", key=None, response=new)
    answer = keys(cast.world)
    row = answer.one("made_unused")
    assert (row["owner_name"], row["severity"]) == ("root", "critical")
    assert answer.report.severities["critical"] == 1


def test_a_failed_call_made_nothing(cast: Cast) -> None:
    """Refused, or for a user who has two keys."""
    cast.alice.call("iam", "CreateAccessKey", params={"userName": "bob"}, denied=True)
    assert keys(cast.world).rows("made_unused") == []


def test_passwords_and_service_credentials_are_made_too(cast: Cast) -> None:
    """A console password, a Bedrock API key; a used password is not unused."""
    profile = {"loginProfile": {"userName": "bob"}}
    cast.alice.call("iam", "CreateLoginProfile", params={"userName": "bob"}, response=profile)
    specific = {
        "serviceSpecificCredential": {
            "serviceSpecificCredentialId": "ACCAEXAMPLE1",
            "serviceName": "bedrock.amazonaws.com",
            "userName": "bob",
        }
    }
    cast.alice.call("iam", "CreateServiceSpecificCredential", response=specific)
    labels = {row["credential"] for row in keys(cast.world).rows("made_unused")}
    assert labels == {"console password", "bedrock credential ACCAEXAMPLE1"}
    cast.bob_user.call("bedrock", "InvokeModel", key=None, additional={"callWithBearerToken": True})
    labels = {row["credential"] for row in keys(cast.world).rows("made_unused")}
    assert labels == {"console password"}


# --- the credential report -------------------------------------------------------------------


def reported(cast: Cast, folder: Path, *lines: str) -> Keys:
    return keys(cast.world, credential_report=credential_report(folder, *lines))


def ground_of(answer: Keys, number: int = 1) -> tuple[object, object, object]:
    (row,) = [r for r in answer.rows("credential_report_keys") if r["key_number"] == number]
    return row["access_key_id"], row["ground"], row["candidates"]


def test_a_key_is_known_by_when_it_was_made(cast: Cast, tmp_path: Path) -> None:
    """The report's date is that of CreateAccessKey in the lake; an older key is told apart."""
    made = made_by(cast, cast.alice)
    use(made)
    use(cast.bob)
    answer = reported(
        cast,
        tmp_path,
        user_line("bob", key_cells("08:00:05", "08:00:10"), key_cells("07:00:00", "08:00:15")),
    )
    assert ground_of(answer, 1) == (made.key, "changed", [])
    assert ground_of(answer, 2) == (cast.bob.key, "last use", [])


def test_a_key_is_known_by_its_last_use(cast: Cast, tmp_path: Path) -> None:
    """Same user, region, service and quarter of an hour; its age comes from the report."""
    other = access_key(cast.bob_user)
    cast.bob.call("ec2", "DescribeInstances")
    cast.world.tick(DAY)
    use(other)
    cells = key_cells("2026-07-01T08:00:00+00:00", "08:00:00", service="ec2")
    answer = reported(cast, tmp_path, user_line("bob", cells))
    assert ground_of(answer) == (cast.bob.key, "last use", [])
    row = answer.of(cast.bob.key)
    assert (row["age_days"], row["age_source"]) == (142, "credential report, last use")
    assert row["severity"] == "medium"
    assert "key 1 of the credential report" in row["made"]
    assert answer.of(other.key)["age_days"] is None


@pytest.mark.parametrize(
    "cells",
    [
        key_cells("07:00:00", "08:00:05", region="eu-west-1"),
        key_cells("07:00:00", "08:00:05", service="ec2"),
        key_cells("07:00:00", "09:00:00"),
    ],
)
def test_another_place_or_time_is_no_match(cast: Cast, tmp_path: Path, cells: str) -> None:
    """Two keys of the user: neither is picked, both are named."""
    use(cast.bob)
    other = access_key(cast.bob_user)
    use(other)
    answer = reported(cast, tmp_path, user_line("bob", cells))
    assert ground_of(answer) == (None, None, sorted([key_of(cast.bob), key_of(other)]))
    assert answer.of(cast.bob.key)["age_days"] is None
    assert answer.of(cast.bob.key)["made"].startswith("open: it may be key 1")


def test_two_keys_that_fit_are_ambiguous(cast: Cast, tmp_path: Path) -> None:
    """Both made a call that could be the last use."""
    use(cast.bob)
    other = access_key(cast.bob_user)
    use(other)
    answer = reported(cast, tmp_path, user_line("bob", key_cells("07:00:00", "08:00:05")))
    assert ground_of(answer) == (None, None, sorted([key_of(cast.bob), key_of(other)]))
    assert answer.rows("credential_report_findings") == []


def test_the_only_key_on_both_sides_is_probably_the_one(cast: Cast, tmp_path: Path) -> None:
    """The report is newer: its last use is of a call that the lake does not have."""
    use(cast.bob)
    answer = reported(cast, tmp_path, user_line("bob", key_cells("07:00:00", "12:00:00")))
    assert ground_of(answer) == (cast.bob.key, "only key", [])


@pytest.mark.parametrize(
    "cells",
    [
        key_cells("09:00:00", "12:00:00"),
        key_cells("07:00:00", "07:30:00"),
        key_cells("07:00:00"),
    ],
)
def test_the_only_key_whose_times_contradict_stays_open(
    cast: Cast, tmp_path: Path, cells: str
) -> None:
    """Used before it was made; after its last use; though never used."""
    use(cast.bob)
    answer = reported(cast, tmp_path, user_line("bob", cells))
    assert ground_of(answer) == (None, None, [cast.bob.key])


def test_a_change_of_status_is_no_age(cast: Cast, tmp_path: Path) -> None:
    """The report's date is of the last change: a key that was used before is older."""
    use(cast.bob)
    cast.world.tick(3600)
    params = {"userName": "bob", "accessKeyId": cast.bob.key, "status": "Inactive"}
    cast.alice.call("iam", "UpdateAccessKey", params=params)
    answer = reported(cast, tmp_path, user_line("bob", key_cells("09:00:10", "08:00:00")))
    assert ground_of(answer) == (cast.bob.key, "changed", [])
    row = answer.of(cast.bob.key)
    assert row["age_days"] is None
    assert row["made"].startswith("before its status changed at 2026-11-20 09:00:10 UTC")


def findings(answer: Keys) -> list[tuple[str, str, str]]:
    return [
        (row["severity"], row["what"], row["user_name"])
        for row in answer.rows("credential_report_findings")
    ]


def carol(cast: Cast, tmp_path: Path, cells: str) -> tuple[str, str]:
    """Severity and reason of a key of carol, who is not in the lake (08:00:05 to a day later)."""
    use(cast.bob)
    cast.world.tick(DAY)
    use(cast.bob)
    answer = reported(
        cast,
        tmp_path,
        user_line("carol", cells),
        user_line("bob", key_cells("07:00:00", "08:00:05")),
    )
    (row,) = answer.rows("credential_report_findings")
    return row["severity"], row["reason"]


@pytest.mark.parametrize(
    ("cells", "severity", "words"),
    [
        (key_cells("07:00:00"), "medium", "active and never used"),
        (key_cells("07:00:00", "07:30:00"), "low", "the report says last used 2026-11-20 07:30"),
        (key_cells("07:00:00", "09:30:00"), "low", "that call is not in the lake"),
        (
            "true,2020-01-01T00:00:00+00:00,2026-01-01T00:00:00+00:00,us-east-1,s3",
            "medium",
            "unused for over 90 days",
        ),
    ],
)
def test_an_active_key_that_the_lake_never_saw(
    cast: Cast, tmp_path: Path, cells: str, severity: str, words: str
) -> None:
    """Never used at all; not lately; or used where the lake does not look."""
    found, reason = carol(cast, tmp_path, cells)
    assert (found, words in reason) == (severity, True)


def test_not_seen_means_nothing_without_the_accounts_trail(cast: Cast, tmp_path: Path) -> None:
    """The report is of an account that is not in the lake."""
    use(cast.bob)
    line = user_line("zoe", key_cells("07:00:00"), account="900000000009")
    row = reported(cast, tmp_path, line).one("credential_report_findings")
    assert (row["severity"], row["next_step"]) == ("info", "ingest the trail of this account")


def test_root_and_passwords_of_the_report(cast: Cast, tmp_path: Path) -> None:
    """An active root key is critical; root and passwords without MFA are findings."""
    use(cast.bob)
    enabled = "true,no_information,2026-11-01T08:00:00+00:00,N/A"
    answer = reported(
        cast,
        tmp_path,
        user_line("<root_account>", key_cells("07:00:00"), mfa="false"),
        user_line("carol", password=enabled, mfa="false"),
        user_line("dave", password=enabled, mfa="true"),
        user_line("erin", mfa="false"),
    )
    assert findings(answer) == [
        ("critical", "active access key 1", "root"),
        ("high", "root without MFA", "root"),
        ("medium", "console password without MFA", "carol"),
    ]
    assert answer.report.severities == {"critical": 1, "high": 1, "medium": 1, "low": 1}


def test_disabled_keys_and_used_ones_are_no_findings(cast: Cast, tmp_path: Path) -> None:
    """Bob's key is in use; carol's is off."""
    use(cast.bob)
    answer = reported(
        cast,
        tmp_path,
        user_line("bob", key_cells("07:00:00", "08:00:05")),
        user_line("carol", key_cells("07:00:00").replace("true", "false", 1)),
    )
    assert findings(answer) == []


def test_filters_hold_for_the_report_too(cast: Cast, tmp_path: Path) -> None:
    """By owner and account; what reached a role was used."""
    use(cast.bob)
    report: CredentialReport = credential_report(
        tmp_path,
        user_line("carol", key_cells("07:00:00")),
        user_line("carol", key_cells("07:00:00"), account="300000000003"),
    )

    def users(**wanted: str) -> int:
        answer = keys(cast.world, credential_report=report, **wanted)
        return len(answer.rows("credential_report_findings"))

    assert (users(), users(account="300000000003"), users(actor="CAR*")) == (2, 1, 2)
    assert (users(actor="bob"), users(role="Analyst")) == (0, 0)


def test_without_a_report_there_are_no_tables_of_it(cast: Cast) -> None:
    """Nothing is said of what was not given."""
    use(cast.bob)
    assert "credential_report_keys" not in keys(cast.world).document["tables"]
