"""What the page says: counts that leave nothing out, what is new, what to look at first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.page import PageData
from pipeline.reports import page as page_module
from pipeline.reports.page import page_data
from pipeline.reports.window import Window
from tests.front.facts import (
    ANALYST,
    BREAK_GLASS,
    PRODUCTION,
    REPORTING,
    TRUST,
    Row,
    alice,
    at,
    claiming_alice,
    incident,
    instance,
    nobody,
)
from tests.front.tracing import warehouse_of
from tests.page.facts import hats, judged_report, sentences, warehouse_with
from tests.world.scenarios.scenario import Cast, lose_issue, use
from tests.world.sts import access_key, assume_role
from tests.world.world import World


def page_of(*rows: Row, window: Window | None = None) -> PageData:
    """The page over these attributed events."""
    return page_data(warehouse_with(rows), window)


def test_every_event_of_a_hat_is_counted_once() -> None:
    """The last role of a chain is the hat; without a role it is the own identity."""
    page = page_of(*incident())
    assert hats(page) == {
        ("alice", None): 1,
        ("alice", "SecurityAnalystRole"): 3,
        ("alice", "SecurityBreakGlassRole"): 2,
        ("unresolved", "ReportingRole"): 1,
        ("i-0abc", "AppRole"): 1,
    }
    assert sum(hat.events for hat in page.hats) == page.totals.events == 8
    assert (page.totals.people, page.totals.machines, page.totals.roles) == (1, 1, 4)
    assert sum(way.events for way in page.ways) == 8


def test_a_name_that_several_users_bore_is_said_to_be_one() -> None:
    """Their calls stand under one name: whoever reads it must know that it may be another's."""
    cast = Cast(World("page of namesakes"))
    use(cast.alice)
    use(cast.bob)
    use(access_key(cast.world.user(cast.security, "alice")))
    words = {actor.label: actor.kind_words for actor in page_data(warehouse_of(cast.world)).actors}
    assert "two users of this name" in words["alice"]
    assert "users of this name" not in words["bob"]


def test_nobody_is_called_by_a_claimed_name() -> None:
    """All that is unresolved is one actor; what it claims stands in its list of claims only."""
    page = page_of(claiming_alice("09:00:00", "s3:GetObject", REPORTING), nobody("09:01:00", "a:B"))
    (actor,) = page.actors
    assert (actor.label, actor.kind, actor.account) == ("unresolved", "unresolved", None)
    claims = [item.text for way in page.ways for item in way.claims.shown]
    assert claims == ["session-name:alice"]
    assert page.totals.people == 0


def test_a_hat_is_as_well_known_as_its_weakest_event() -> None:
    """One matched event under a hat makes the hat matched; the ways keep them apart."""
    page = page_of(
        alice("09:00:00", "s3:A", ANALYST), alice("09:01:00", "s3:B", ANALYST, evidence="matched")
    )
    assert [hat.evidence for hat in page.hats] == ["matched"]
    assert sorted(way.evidence for way in page.ways) == ["matched", "proven"]


def test_shares_of_evidence_add_up() -> None:
    """Every event has a grade; the shares are of all events in the window."""
    page = page_of(*incident())
    assert {part.grade: part.events for part in page.evidence} == {
        "direct": 1,
        "proven": 6,
        "claimed": 1,
    }
    assert sum(part.percent for part in page.evidence) == pytest.approx(100)


def test_the_window_is_half_open_and_new_looks_at_all_of_the_lake() -> None:
    """A hat worn before the window is not new in it; one that was not, is."""
    window = Window(at("2026-11-21T00:00:00"), at("2026-11-22T00:00:00"))
    page = page_of(
        alice("2026-11-20T09:00:00", "s3:A", ANALYST),
        alice("2026-11-21T00:00:00", "s3:B", ANALYST),
        alice("2026-11-21T09:00:00", "s3:C", ANALYST, BREAK_GLASS),
        alice("2026-11-22T00:00:00", "s3:D", REPORTING),
        window=window,
    )
    assert page.totals.events == 2
    assert {page.roles[hat.role or ""]: hat.is_new for hat in page.hats} == {
        "SecurityAnalystRole": False,
        "SecurityBreakGlassRole": True,
    }
    assert page.new_since == window.since


def test_nothing_is_new_in_a_lake_without_a_past() -> None:
    """Where the window begins with the lake, everything would be new: nothing is said to be."""
    page = page_of(*incident())
    assert page.new_since is None
    assert not any(hat.is_new for hat in page.hats)
    assert not any(way.is_new for way in page.ways)


def test_without_a_window_the_last_day_of_the_lake_is_new() -> None:
    """A day before the last event; a hat of exactly then is new, one a second older is not."""
    last = at("2026-11-22T12:00:00")
    page = page_of(
        alice("2026-11-20T09:00:00", "s3:A"),
        alice((last - timedelta(days=1, seconds=1)).isoformat()[:19], "s3:B", ANALYST),
        alice((last - timedelta(days=1)).isoformat()[:19], "s3:C", REPORTING),
        alice("2026-11-22T12:00:00", "s3:D"),
    )
    new = {page.roles[hat.role] for hat in page.hats if hat.role and hat.is_new}
    assert new == {"ReportingRole"}


def test_an_empty_window_is_an_empty_page() -> None:
    """No events, no numbers, and no failure."""
    page = page_of(*incident(), window=Window(at("2027-01-01T00:00:00")))
    assert page.totals.events == 0
    assert [*page.actors, *page.ways, *page.hats, *page.evidence, *page.findings] == []
    assert page.first_time is None


def test_what_is_cut_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more people, machines and ways than fit, new and denied ones stay; the rest is counted."""
    monkeypatch.setattr(page_module, "PEOPLE", 2)
    monkeypatch.setattr(page_module, "MACHINES", 1)
    monkeypatch.setattr(page_module, "WAYS_OF_ONE", 1)
    rows = [
        alice(f"09:0{n}:00", "s3:A", actor_name=name, actor_display=name)
        for n, name in enumerate(["busy", "busy", "busy", "busier", "busier", "busier", "quiet"])
    ]
    rows[-1]["error_code"] = "AccessDenied"
    rows += [
        alice("09:10:00", "s3:A", ANALYST, actor_name="quiet", actor_display="quiet"),
        instance("09:20:00", "s3:A"),
        instance("09:20:01", "s3:A"),
        instance("09:21:00", "s3:A", actor_name="i-other", actor_display="i-other"),
    ]
    page = page_of(*rows)
    assert sorted(actor.label for actor in page.actors) == ["busier", "i-0abc", "quiet"]
    people, machines, ways = page.cuts
    assert people.startswith("1 of 3 people")
    assert machines.startswith("1 of 2 machines")
    assert "leave out 1 way " in ways
    assert hats(page)["quiet", "SecurityAnalystRole"] == 1, "the counts are not cut"


def test_times_are_steps_that_cover_an_actors_time() -> None:
    """Every call is in one step; a longer time has wider steps, 96 at most."""
    rows = [alice(f"{hour:02d}:30:00", "s3:A", ANALYST) for hour in range(24)]
    page = page_of(*rows, alice("2026-11-23T00:00:00", "s3:A"))
    (actor,) = page.actors
    way = next(way for way in page.ways if way.roles)
    assert sum(events for _, events, _ in way.times) == 24
    assert actor.step_minutes == 60
    assert all(minute % 60 == 0 for minute, _, _ in way.times)


def test_lists_are_cut_and_counted() -> None:
    """The most frequent few, and how many there are."""
    rows = [alice(f"09:{n:02d}:00", f"s3:Call{n}") for n in range(20)]
    (way,) = page_of(*rows, alice("10:00:00", "s3:Call19")).ways
    assert way.calls.count == 20
    assert len(way.calls.shown) == page_module.LISTED
    assert (way.calls.shown[0].text, way.calls.shown[0].events) == ("s3:Call19", 2)


def test_findings_of_reports_come_first_by_severity() -> None:
    """Each row with a severity is a finding, the most urgent first; info asks for nothing."""
    report = judged_report("low", "critical", "info")
    page = page_data(warehouse_with([]), None, [report])
    assert sentences(page) == [("critical", "K1: it is critical"), ("low", "K0: it is low")]
    assert all(finding.report == "keys" for finding in page.findings)


def test_what_is_new_stands_beside_what_is_risky() -> None:
    """The report `new`: all of it is news, and only the urgent is to be looked at first too."""
    report = replace(judged_report("medium", "high", "info"), name="new")
    page = page_data(warehouse_with([]), None, [report])
    assert sentences(page) == [("high", "K1: it is high")]
    assert [news.text for news in page.news] == ["K0: it is medium", "K1: it is high"]


def test_root_in_use_is_a_finding_unless_a_report_judges_keys() -> None:
    """The root user; not an IAM user; and not twice."""
    root = alice("09:00:00", "s3:A", actor_kind="root", actor_name="root")
    assert sentences(page_of(root)) == [("high", f"The root user of {TRUST} was used: 1 call.")]
    assert sentences(page_of(alice("09:00:00", "s3:A"))) == []
    page = page_data(warehouse_with([root]), None, [judged_report("low")])
    assert not any("root user" in text for _, text in sentences(page))


def test_denied_calls_are_a_finding_from_three_on() -> None:
    """Two are an accident; machines are not told."""
    denied = [alice(f"09:0{n}:00", "s3:A", error_code="AccessDenied") for n in range(3)]
    assert sentences(page_of(*denied[:2])) == []
    assert sentences(page_of(*denied)) == [("low", "3 calls of alice were denied.")]
    machine = [instance(f"09:0{n}:00", "s3:A", error_code="AccessDenied") for n in range(3)]
    assert sentences(page_of(*machine)) == []


def test_an_outside_account_under_a_role_is_a_finding() -> None:
    """Its call from outside alone is not."""
    outside: Row = {"actor_kind": "external-account", "actor_display": "account 900000000009"}
    assert sentences(page_of(alice("09:00:00", "s3:A", **outside))) == []
    (finding,) = sentences(page_of(alice("09:00:00", "s3:A", REPORTING, **outside)))
    assert finding[1].startswith("Account 900000000009 wore a role here")


def test_a_framed_session_is_a_finding_and_an_honest_one_is_not() -> None:
    """Bob calls his session alice: medium, he is known. Unknown: high."""
    world = World("framing")
    cast = Cast(world)
    use(cast.alice)
    use(assume_role(cast.alice, cast.analyst, "alice"))
    assert sentences(page_data(warehouse_of(world))) == []
    use(assume_role(cast.bob, cast.analyst, "alice"))
    lost = assume_role(cast.bob, cast.break_glass, "alice")
    use(lost)
    lose_issue(lost)
    high, medium = sentences(page_data(warehouse_of(world)))
    assert high == (
        "high",
        "1 session of BreakGlass calls itself “alice”, the name of a known person; "
        "nothing proves who.",
    )
    assert medium[0] == "medium"
    assert medium[1].endswith("behind it is bob.")


def test_production_is_where_the_calls_were_recorded() -> None:
    """The accounts of a way carry its calls, so that the graph can end in them."""
    page = page_of(alice("09:00:00", "s3:A", ANALYST, BREAK_GLASS))
    (way,) = page.ways
    assert [(item.text, item.events) for item in way.accounts.shown] == [(PRODUCTION, 1)]
