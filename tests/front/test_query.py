"""The catalogue of questions: listed, asked, given wrong things; and the user's own files."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from pipeline import sql
from pipeline.errors import QueryError
from pipeline.reports.query import catalogue_report, query_report, read_catalogue
from tests.front.facts import alice, claiming_alice, incident, warehouse_of
from tests.front.golden import assert_golden
from tests.front.terminal import Ran, rolecall

MALLORY = "AKIAV2IO3UACBU62UQEY"
OWN = """\
-- Calls by service.
-- grain: one row per service
-- $services list: only these event sources.
-- $rows integer = 2: at most so many.
-- $since time: from this time on.
-- reads: events
select event_source, count(*) as calls
from events
where
    ($services is null or list_contains($services, event_source))
    and ($since is null or event_time >= $since)
group by event_source
order by calls desc, event_source
limit $rows
"""


def write(folder: Path, name: str, text: str = OWN) -> Path:
    """A file of the user's."""
    path = folder / f"{name}.sql"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def own(body: str, *header: str) -> str:
    """A statement under the shortest header, or more of it."""
    lines = ["-- Mine.", "-- grain: one row per x", *header, "-- reads: events", body]
    return "\n".join(lines)


def assert_usage(ran: Ran, *words: str) -> None:
    """Exit code 2, nothing on stdout, these words on stderr."""
    assert ran.exit_code == 2, ran
    assert ran.stdout == ""
    for word in words:
        assert word in ran.stderr


def test_the_catalogue_for_people() -> None:
    """Every question with what it answers, how urgent it is and what it asks for; no lake."""
    assert_golden("queries-100.txt", rolecall("query").stdout)


def test_the_catalogue_as_data() -> None:
    """Programs find parameters with their kinds, grain and blind spots."""
    tables = json.loads(rolecall("query", "--format", "json").stdout)["tables"]
    rows = {row["name"]: row for row in tables["queries"]}
    key_use = rows["key_use"]
    assert key_use["grain"].startswith("one row per access key")
    assert key_use["origin"] == "queries/hunts/key_use.sql"
    assert key_use["parameters"][0] == {
        "name": "key",
        "kind": "list",
        "default": None,
        "sentence": "access keys, long-term (AKIA…) or temporary (ASIA…).",
        "is_required": True,
    }
    assert {"who", "evidence"} <= set(rows), "reports that explain their parameters"
    assert "trace_down" not in rows


@pytest.mark.parametrize("width", [80, 120])
def test_an_answer_for_people(lake: Path, width: int) -> None:
    """Who used Mallory's address, with chain, evidence, and ids to go on from."""
    ran = rolecall(
        "query", "address_use", "-p", "address=198.51.100.66", "--lake", lake, columns=width
    )
    assert ran.exit_code == 0
    assert "blind spots of address_use: One address may stand for many people" in ran.stderr
    assert_golden(f"query-address-{width}.txt", ran.stdout)


@pytest.mark.parametrize("name", ["key_use", "key-use", "hunts/key_use", "key_use.sql"])
def test_a_query_has_a_name_as_people_type_it(name: str) -> None:
    """Dash or underscore, with its folder or without."""
    assert read_catalogue().find(name).name == "hunts/key_use"


def test_all_formats_carry_an_answer(lake: Path) -> None:
    """The same rows as JSON, NDJSON, CSV and Markdown."""
    asked = ("query", "key_use", "-p", f"key={MALLORY}", "--lake", lake, "--format")
    document = json.loads(rolecall(*asked, "json").stdout)
    (row,) = document["tables"]["rows"]
    assert (row["actor_name"], row["events"], row["denied"]) == ("mallory", 5, 3)
    assert document["parameters"] == {
        "query": "hunts/key_use",
        "key": [MALLORY],
        "since": None,
        "until": None,
        "limit": None,
    }
    assert (document["findings"], document["severities"]["info"]) == (0, 1)
    assert json.loads(rolecall(*asked, "ndjson").stdout) == row
    (cells,) = csv.DictReader(io.StringIO(rolecall(*asked, "csv").stdout))
    assert cells["event_id"] == row["event_id"]
    assert "| mallory | ✓ direct |" in rolecall(*asked, "markdown").stdout


def test_trace_and_show_go_on_from_an_answer(lake: Path) -> None:
    """The ids in a row are ids that the other commands take."""
    ran = rolecall(
        *("query", "account_entries", "-p", "account=300000000003"),
        *("--lake", lake, "--format", "json"),
    )
    for row in json.loads(ran.stdout)["tables"]["rows"]:
        assert rolecall("show", row["event_id"], "--lake", lake).exit_code == 0
        for session in row["session_ids"]:
            assert rolecall("trace", session, "--lake", lake).exit_code == 0


def test_a_window_is_by_event_time(lake: Path) -> None:
    """--from and --to are the query's since and until: half-open."""
    asked = ("query", "key_use", "-p", f"key={MALLORY}", "--lake", lake, "--format", "json")
    window = ("--from", "2026-11-21T02:10:05Z", "--to", "2026-11-21T02:10:25Z")
    (row,) = json.loads(rolecall(*asked, *window).stdout)["tables"]["rows"]
    assert row["events"] == 4
    same = ("-p", "since=2026-11-21T02:10:05Z", "-p", "until=2026-11-21T02:10:25Z")
    assert json.loads(rolecall(*asked, *same).stdout)["tables"]["rows"] == [row]


def test_findings_stop_a_pipeline(lake: Path) -> None:
    """The severity of the header counts, and only where something is found."""
    asked = ("query", "denied_role_probes", "--lake", lake)
    assert rolecall(*asked, "--fail-on", "medium").exit_code == 3
    assert rolecall(*asked, "--fail-on", "high").exit_code == 0
    assert rolecall(*asked, "--fail-on", "low", "-p", "least=9").exit_code == 0


def test_a_limit_says_what_was_cut(lake: Path) -> None:
    """The heading says how many there are; findings counts them all."""
    asked = ("query", "denied_role_probes", "-p", "least=1", "--limit", "1", "--lake", lake)
    assert "the first 1 of 2 rows; --limit 2 shows all" in rolecall(*asked).stdout
    document = json.loads(rolecall(*asked, "--format", "json").stdout)
    assert (len(document["tables"]["rows"]), document["findings"]) == (1, 2)


def test_nothing_found_says_what_the_lake_has(lake: Path) -> None:
    """No rows and exit code 0; the note tells names that look alike."""
    ran = rolecall("query", "break_glass_use", "-p", "role=BreakGlassRole", "--lake", lake)
    assert (ran.exit_code, "nothing found" in ran.stdout) == (0, True)
    assert "roles that look alike: SecurityBreakGlassRole" in ran.stderr
    ran = rolecall("query", "root_activity", "--lake", lake)
    assert "looked through 289 events of accounts 100000000001, 2" in ran.stderr
    assert "from 2025-10-16 09:00:00 until 2026-11-22 10:26:40 UTC" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nonsense",), ("no query 'nonsense'", "key_use, ")),
        (("key_us", "-p", "key=x"), ("the queries are: key_use, ",)),
        (("key_use",), ("key_use needs key", "key (list, required): access keys")),
        (("key_use", "-p", "kee=x"), ("no parameter 'kee'", "key (list, required)")),
        (("key_use", "-p", "key"), ("'key' is not NAME=VALUE", "key (list, required)")),
        (("key_use", "-p", "key="), ("is not NAME=VALUE",)),
        (("denied_role_probes", "-p", "least=few"), ("whole number, not 'few'",)),
        (("denied_role_probes", "-p", "least=1", "-p", "least=2"), ("least is given twice",)),
        (("root_activity", "--from", "soon"), ("7d, 12h, 30m",)),
        (("root_activity", "--from", "1d", "--to", "2d"), ("since is not before until",)),
        (("account_entries", "-p", "account=prod"), ("twelve digits",)),
        (("-p", "key=x"), ("-p needs the NAME of a query",)),
        (("--queries", "nowhere"), ("--queries nowhere is no folder",)),
        (("root_activity", "--format", "yaml"), ("table, json",)),
        (("root_activity", "--fail-on", "urgent"), ("critical, high",)),
    ],
)
def test_a_wrong_question_is_exit_2(
    arguments: tuple[str, ...], words: tuple[str, ...], tmp_path: Path
) -> None:
    """The message names what is valid, before any lake is looked for."""
    assert_usage(rolecall("query", *arguments, "--lake", tmp_path / "nowhere"), *words)


def test_nobody_is_called_by_a_claimed_name() -> None:
    """The row says that the session calls itself so; the actor is nobody."""
    with warehouse_of(*incident()) as warehouse:
        query = read_catalogue().find("address_use")
        report = query_report(warehouse, query, {"address": ["198.51.100.7"]})
    (row,) = report.tables[0].rows()
    assert row["path"] == ["unresolved (session name says “alice”)", "ReportingRole"]
    assert row["actor_name"] is None


def test_a_path_of_many_roles_is_short_for_people_and_whole_as_data() -> None:
    """Three hundred roles are five cells and a count."""
    roles = [f"arn:aws:iam::333333333333:role/R{n}" for n in range(300)]
    with warehouse_of(alice("09:00:00", "s3:GetObject", *roles)) as warehouse:
        query = read_catalogue().find("address_use")
        report = query_report(warehouse, query, {"address": ["203.0.113.10"]})
    (row,) = report.tables[0].rows()
    assert row["path"] == ["alice", "R0", "R1", "R2", "R3", "(295 more)", "R299"]
    assert row["chain"] == roles


# --- the user's own files --------------------------------------------------------------------


def test_a_folder_of_ones_own_joins_the_catalogue(tmp_path: Path) -> None:
    """Listed and asked like the others; the option or the variable; subfolders have their name."""
    write(tmp_path / "q", "team/by-service")
    catalogue = read_catalogue(tmp_path / "q")
    assert catalogue.own == {"team/by-service"}
    assert catalogue.find("team/by_service").grain == "one row per service"
    rows = list(catalogue_report(catalogue).tables[0].rows())
    assert rows[-1]["group"] == "Your own queries"
    assert rows[-1]["shown_parameters"] == ["services?", "rows?", "since?"]


def test_ones_own_query_is_run_with_typed_parameters(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lists with commas or one by one, defaults, times; a plain table where no actor is named."""
    write(tmp_path, "by-service")
    monkeypatch.setenv("ROLECALL_QUERIES", str(tmp_path))
    asked = ("query", "by-service", "--lake", lake, "--format", "csv")
    assert len(rolecall(*asked).stdout.splitlines()) == 1 + 2
    listed = rolecall(*asked, "-p", "services=s3.amazonaws.com,sts.amazonaws.com", "-p", "rows=9")
    one_by_one = rolecall(
        *asked,
        *("-p", "services=s3.amazonaws.com", "-p", "services=sts.amazonaws.com", "-p", "rows=9"),
    )
    assert listed.stdout == one_by_one.stdout
    assert [line.split(",")[0] for line in listed.stdout.splitlines()[1:]] == [
        "s3.amazonaws.com",
        "sts.amazonaws.com",
    ]
    assert rolecall(*asked, "--from", "2027-01-01").stdout == "event_source,calls\n"


def test_a_parameter_that_is_not_explained_is_a_required_text(lake: Path, tmp_path: Path) -> None:
    """A file without a line for its parameter works, and its name is asked for."""
    write(tmp_path, "mine", own("select count(*) as n from events where event_name = $call"))
    asked = ("query", "mine", "--queries", tmp_path, "--lake", lake, "--format", "csv")
    assert_usage(rolecall(*asked), "mine needs call", "call (text, required)")
    assert rolecall(*asked, "-p", "call=AssumeRole").stdout.splitlines()[0] == "n"


BROKEN = {
    "no-grain": ("-- Mine.\n-- reads: events\nselect 1", 2, "no `-- grain: one row per …`"),
    "syntax": (own("\nselect event_name fro m events x"), 5, "Parser Error"),
    "two": (own("select 1; drop table events"), 4, "one SELECT"),
    "write": (own("create table x as select 1"), 4, "one SELECT"),
    "urgent": (own("select 1", "-- severity: urgent"), 3, "it can be critical, high"),
    "kind": (own("select $x", "-- $x number: so many."), 3, "text, list, time, integer"),
    "stray": (own("select 1", "-- $x text: nothing."), 3, "no $x"),
}


def test_a_broken_file_costs_the_others_nothing(tmp_path: Path) -> None:
    """Each is named with its line; whoever asks for it is told why; the rest is there."""
    for name, (text, _, _) in BROKEN.items():
        write(tmp_path, name, text)
    (tmp_path / "binary.sql").write_bytes(b"\xff\xfe\x00")
    write(tmp_path, "root_activity")
    write(tmp_path, "good")
    catalogue = read_catalogue(tmp_path)
    assert catalogue.own == {"good"}
    assert {*read_catalogue().questions, "good"} == set(catalogue.questions)
    told = {error.location: error.message for error in catalogue.broken}
    for name, (_, line, words) in BROKEN.items():
        assert words in told.pop(f"{tmp_path / name}.sql:{line}")
        with pytest.raises(QueryError, match="sql"):
            catalogue.find(name)
    assert "UTF-8" in told.pop(f"{tmp_path / 'binary.sql'}")
    assert "rolecall's own" in told.pop(f"{tmp_path / 'root_activity.sql'}")
    assert told == {}
    assert catalogue.find("root_activity").name == "hunts/root_activity"
    ran = rolecall("query", "--queries", tmp_path)
    assert ran.exit_code == 0
    assert ran.stderr.count("not in the catalogue: ") == len(BROKEN) + 2


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("select nothing_like_that from events", 4, "nothing_like_that"),
        ("\nselect *\nfrom nowhere", 5, "nowhere"),
        ("select content from read_text('/etc/passwd')", 4, "disabled by configuration"),
        ("select *\nfrom read_csv('https://example.com/x.csv')", 4, ""),
        ("select getenv('HOME')", 4, ""),
    ],
)
def test_ones_own_sql_reads_only_the_lake(
    body: str, line: int, words: str, lake: Path, tmp_path: Path
) -> None:
    """No files, no network, no environment; the error names file and line."""
    path = write(tmp_path, "mine", own(body))
    ran = rolecall("query", "mine", "--queries", tmp_path, "--lake", lake)
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert words in ran.stderr
    assert f"({path}:{line})" in ran.stderr


def test_reports_join_where_every_parameter_is_explained() -> None:
    """One that says nothing of its parameters is a part of something else."""
    for name, query in read_catalogue().questions.items():
        explained = {parameter.name for parameter in query.declared}
        assert explained == set(query.parameters), name
    assert sql.find("reports/trace_down").relation not in read_catalogue().questions


def test_a_claim_never_becomes_a_finding_about_a_person() -> None:
    """Root's activity by a session that calls itself root is none."""
    with warehouse_of(claiming_alice("09:00:00", "s3:GetObject")) as warehouse:
        report = query_report(warehouse, read_catalogue().find("root_activity"))
    assert (report.findings, report.severities) == (0, {"high": 0})
