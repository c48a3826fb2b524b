"""Real records: what others found out about them by hand comes out (data/README of the set)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import sql
from pipeline.attribution import build
from pipeline.ingest import ingest
from pipeline.lake import Lake
from pipeline.warehouse import Warehouse

KEY = "ASIATFQR7NSCWLLE7IWW"
INSTANCE = "i-0dbc91f429e48eeed"
CHECKS = sorted(name for name in sql.catalogue() if name.startswith("checks/"))


def lake_of(source: Path, folder: Path) -> Iterator[Warehouse]:
    """A built lake of all the records in a folder."""
    lake = Lake.create_or_open(str(folder))
    ingest([str(source)], lake)
    build(lake)
    with Warehouse.open(lake) as warehouse:
        yield warehouse


def rows(warehouse: Warehouse, text: str) -> list[dict[str, Any]]:
    return warehouse.sql(text).to_dicts()


@pytest.fixture(scope="module")
def invictus(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Stratus attacks in one account, July 2023."""
    yield from lake_of(real_data / "invictus", tmp_path_factory.mktemp("invictus") / "lake")


@pytest.fixture(scope="module")
def sans(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """A ransomware exercise, July 2021."""
    folder = tmp_path_factory.mktemp("sans") / "lake"
    yield from lake_of(real_data / "sans-ransomware-lab", folder)


@pytest.fixture(scope="module")
def stratus(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Detonation logs: JSON arrays, wrapped here as CloudTrail delivers records."""
    folder = tmp_path_factory.mktemp("stratus")
    for path in (real_data / "stratus").glob("*.json"):
        text = json.dumps({"Records": json.loads(path.read_text())})
        (folder / path.name).write_text(text)
    yield from lake_of(folder, tmp_path_factory.mktemp("stratus") / "lake")


@pytest.fixture(scope="module")
def portal(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Identity Center, 2026."""
    folder = tmp_path_factory.mktemp("portal") / "lake"
    yield from lake_of(real_data / "identity-center-2026", folder)


@pytest.fixture(scope="module")
def trailtool(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """Identity Center, `aws login`, agents; partly synthetic."""
    yield from lake_of(real_data / "trailtool", tmp_path_factory.mktemp("trailtool") / "lake")


@pytest.mark.parametrize("name", ["invictus", "sans", "stratus", "portal", "trailtool"])
def test_no_check_finds_anything(name: str, request: pytest.FixtureRequest) -> None:
    """The invariants hold on every set."""
    warehouse: Warehouse = request.getfixturevalue(name)
    assert {check: len(warehouse.query(check)) for check in CHECKS} == dict.fromkeys(CHECKS, 0)


def test_every_use_of_an_issued_key_is_the_users(invictus: Warehouse) -> None:
    """bert-jan put on one role with that key; every use of it is proven to be his."""
    found = rows(
        invictus,
        "select distinct actor_kind, actor_name, evidence, hops, chain[1] as role"
        f" from attributed_events where user_access_key_id = '{KEY}'",
    )
    assert len(found) == 1
    assert [found[0][c] for c in ("actor_kind", "actor_name", "evidence", "hops")] == [
        "iam-user", "bert-jan", "proven", 1,
    ]  # fmt: skip
    assert found[0]["role"].startswith("arn:aws:iam::")


def test_refused_calls_make_no_session(invictus: Warehouse) -> None:
    """Thirteen AssumeRole were refused; none of them issued anything."""
    refused = rows(
        invictus,
        "select event_id from events where event_name = 'AssumeRole' and error_code is not null",
    )
    assert len(refused) == 13
    events = {row["event_id"] for row in refused}
    issued = rows(invictus, "select distinct unnest(event_ids) as id from issued_credentials")
    assert events.isdisjoint(row["id"] for row in issued)


def test_sessions_delivered_before_their_issue_are_linked(invictus: Warehouse) -> None:
    """Some uses stand in a file that was delivered before the file with their AssumeRole."""
    early = rows(
        invictus,
        "select distinct a.event_id, a.evidence, a.hops"
        " from attributed_events as a join session_links as l using (session_id)"
        " join events as i on list_contains(l.event_ids, i.event_id)"
        " where regexp_extract(a.source_file, '_(\\d+T\\d+Z)_', 1)"
        " < regexp_extract(i.source_file, '_(\\d+T\\d+Z)_', 1)",
    )
    assert len(early) >= 16
    assert {(row["evidence"], row["hops"]) for row in early} <= {("proven", 1), ("direct", 1)}


def test_an_instance_with_two_keys_is_one_session(invictus: Warehouse) -> None:
    """EC2 minted a key for each version of its metadata service in one second."""
    (session,) = rows(
        invictus,
        "select actor_kind, actor_name, len(access_key_ids) as keys, evidence"
        f" from sessions where session_name = '{INSTANCE}'",
    )
    assert session == {
        "actor_kind": "workload", "actor_name": INSTANCE, "keys": 2, "evidence": "proven",
    }  # fmt: skip


def test_forward_access_stays_the_users(invictus: Warehouse) -> None:
    """Keys that services derived and nobody issued: the calls stay the user's own."""
    found = rows(
        invictus,
        "select distinct actor_name = user_name as is_own, evidence, hops, count(*) over () as n"
        " from attributed_events where user_type = 'IAMUser' and user_access_key_id like 'ASIA%'",
    )
    assert [(row["is_own"], row["evidence"], row["hops"]) for row in found] == [(True, "direct", 0)]
    assert found[0]["n"] == 563


def test_console_sessions_of_root_are_roots(sans: Warehouse) -> None:
    """649 records of root's console sessions, each linked to its ConsoleLogin."""
    found = rows(
        sans,
        "select a.actor_kind, a.evidence, s.rule_name, count(*) as events"
        " from attributed_events as a join sessions as s using (session_id)"
        " where a.user_type = 'Root' and a.event_name <> 'ConsoleLogin'"
        " and s.session_creation_date is not null group by all",
    )
    kinds = {(row["actor_kind"], row["evidence"], row["rule_name"]) for row in found}
    assert kinds == {("root", "direct", "sign-in")}
    assert sum(row["events"] for row in found) == 649


def test_repeats_count_once(sans: Warehouse) -> None:
    """23,981 different events, each attributed once."""
    (found,) = rows(sans, "select count(*) as n, count(distinct event_id) as d from chains, events")
    (events,) = rows(sans, "select count(*) as n from attributed_events")
    assert (events["n"], found["d"]) == (23_981, 23_981)


def test_role_sessions_and_a_federated_user(stratus: Warehouse) -> None:
    """The roles of christophe by key; the federated session is its issuing user's."""
    found = rows(
        stratus,
        "select distinct actor_kind, actor_name, evidence from attributed_events"
        " where user_type in ('AssumedRole', 'FederatedUser') order by all",
    )
    named = {(row["actor_kind"], row["actor_name"]) for row in found}
    assert named == {
        ("iam-user", "christophe"),
        ("iam-user", "stratus-red-team-user-federation-user"),
        ("workload", "i-786a3A8B5C0d92eF4"),
        ("unresolved", None),
    }
    unresolved = [row for row in found if row["actor_kind"] == "unresolved"]
    assert {row["evidence"] for row in unresolved} == {"claimed"}


def test_identity_center_names_its_person(portal: Warehouse) -> None:
    """The key that is used was never issued; onBehalfOf proves the person all the same."""
    (use,) = rows(
        portal,
        "select * from attributed_events"
        " where event_name = 'GetCallerIdentity' and user_type = 'AssumedRole'",
    )
    issued = rows(portal, "select access_key_id from issued_credentials")
    assert use["user_access_key_id"] not in {row["access_key_id"] for row in issued}
    assert (use["actor_kind"], use["evidence"]) == ("identity-center-user", "proven")
    assert use["actor_name"] == use["user_on_behalf_of_user_id"]
    assert use["actor_display"].startswith("aidan.steele@")
    assert use["chain"][0].split("/")[1] == "aws-reserved"


def test_a_function_in_scope_is_a_workload(portal: Warehouse) -> None:
    """InScopeOf names the function that called CreateTokenWithIAM."""
    (call,) = rows(
        portal, "select * from attributed_events where event_name = 'CreateTokenWithIAM'"
    )
    assert (call["actor_kind"], call["evidence"]) == ("workload", "direct")
    assert call["actor_name"] == call["user_in_scope_of_credentials_issued_to"].split(":")[6]


def test_aws_login_stays_in_its_session(trailtool: Warehouse) -> None:
    """CreateOAuth2Token and the calls made with its key are one session, before and after."""
    found = rows(
        trailtool,
        "select session_creation_date, count(*) as events, count(distinct session_id) as sessions,"
        " bool_or(event_name = 'CreateOAuth2Token') as began from attributed_events"
        " where user_principal_id like '%:alex@%' and session_id is not null group by all",
    )
    logins = [row for row in found if row["began"]]
    assert [row["sessions"] for row in logins] == [1, 1]
    assert all(row["events"] > 2 for row in logins)


def test_an_e_mail_like_session_name_names_nobody(trailtool: Warehouse) -> None:
    """No issuing call is there: the session names are claims, and only AWS's word is a name."""
    found = rows(
        trailtool, "select distinct actor_kind, actor_name, evidence from attributed_events"
    )
    assert {(row["actor_kind"], row["evidence"]) for row in found} == {
        ("unresolved", "claimed"),
        ("identity-center-user", "direct"),
    }
