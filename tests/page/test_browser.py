"""The page in a real browser: what somebody who opens it can do, and what an attacker cannot."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from pipeline.render.html import render_html
from pipeline.reports.page import page_data
from tests.front.facts import ANALYST, alice, claiming_alice, incident, instance
from tests.front.terminal import rolecall
from tests.page.browser import Browser
from tests.page.facts import HOSTILE, data_of, judged_report, many, warehouse_with

ALICE = "iam-user/111111111111/alice/alice"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The incident, something new, and a report of findings."""
    rows = [*incident(), alice("2026-11-22T09:00:00", "s3:A", "arn:aws:iam::333333333333:role/New")]
    reports = [judged_report("low", "critical", *["medium"] * 200)]
    path = tmp_path_factory.mktemp("incident") / "report.html"
    path.write_text(render_html(page_data(warehouse_with(rows), None, reports)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def samples(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of the samples, as the command writes it."""
    path = tmp_path_factory.mktemp("samples-page") / "report.html"
    rolecall("page", path, "--lake", lake)
    return path


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50,000 sessions of 500 people under 120 roles; one of them has a hostile name."""
    path = tmp_path_factory.mktemp("large") / "report.html"
    path.write_text(render_html(page_data(many(50_000))), encoding="utf-8")
    return path


def quiet(browser: Browser, path: Path) -> None:
    """The browser has nothing to complain of, and nothing but the file was asked for."""
    browser.run("1")
    assert browser.console == []
    assert {request.partition("#")[0] for request in browser.requests} == {path.as_uri()}


def found(browser: Browser) -> list[str]:
    """What the search box offers."""
    text = browser.run("[...document.querySelectorAll('#found li')].map((li) => li.textContent)")
    assert isinstance(text, list)
    return text


def focused(browser: Browser) -> str:
    """The label or text of what has the keyboard."""
    return str(
        browser.run(
            "(document.activeElement.getAttribute('aria-label')"
            " ?? document.activeElement.textContent)"
        )
    )


def sheet(browser: Browser) -> str:
    """The text of the open sheet; "" where none is open."""
    return str(browser.run("document.querySelector('dialog[open]')?.innerText ?? ''"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_opens_without_a_complaint(
    browser: Browser, samples: Path, scheme: str, width: int
) -> None:
    """No error, no request, nothing wider than the screen; each section is drawn."""
    browser.media(prefers_color_scheme=scheme)
    browser.open(samples, width=width)
    quiet(browser, samples)
    assert browser.run("document.documentElement.scrollWidth") == width
    data = data_of(samples.read_text(encoding="utf-8"))
    people = [hat for hat in data["hats"] if not data["actors"][hat["actor"]]["machine"]]
    assert browser.run("document.querySelectorAll('#matrix .cell').length") == len(people) == 14
    assert browser.run("document.querySelectorAll('#graph .node').length") == 15
    assert browser.run("document.querySelectorAll('#actors tbody tr').length") == 7
    dark = browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    assert dark == (scheme == "dark")


def test_search_finds_a_person_and_enter_opens_it(browser: Browser, page: Path) -> None:
    """`/`, a name, Enter: the person's sheet, with a lane for each hat; Escape closes it."""
    browser.open(page)
    browser.press("/")
    browser.type("alice")
    assert found(browser)[0].startswith("alice person")
    browser.press("Enter")
    browser.wait("document.querySelector('dialog[open]') !== null")
    text = sheet(browser)
    assert "SecurityAnalystRole → SecurityBreakGlassRole" in text
    assert browser.run("document.querySelectorAll('dialog .lane').length") == 4
    assert "person=" in str(browser.run("location.hash"))
    browser.press("Escape")
    browser.wait("!document.querySelector('dialog[open]') && !location.hash.includes('person')")
    quiet(browser, page)


def test_search_finds_every_kind_of_thing(browser: Browser, page: Path) -> None:
    """Roles, accounts, addresses, session names, claims, calls, rows of reports."""
    browser.open(page)
    browser.run("document.getElementById('search').focus()")
    for typed, kind in {
        "breakglass": "role ·",
        "333333333333": "account ·",
        "198.51.100.7": "address ·",
        "stopinst": "call ·",
        "K1 critical": "keys ·",
        "i-0abc": "machine ·",
        "claimed alice": "claimed name ·",
    }.items():
        browser.run("document.getElementById('search').value = ''")
        browser.type(typed)
        assert any(kind in hit for hit in found(browser)), typed


def test_search_that_finds_nothing_says_where_to_ask(browser: Browser, page: Path) -> None:
    """The command is quoted for a shell, whatever was typed."""
    browser.open(page)
    browser.run("document.getElementById('search').focus()")
    browser.type("it's $(gone)")
    (answer,) = found(browser)
    assert answer.endswith("rolecall trace 'it'\\''s $(gone)'")
    browser.press("Enter")
    assert sheet(browser) == ""


def test_arrow_keys_choose_what_was_found(browser: Browser, page: Path) -> None:
    """Down and up go through the list and around; the box names the chosen one."""
    browser.open(page)
    browser.press("/")
    browser.type("role")
    number = browser.run("document.querySelectorAll('[id^=found-]').length")
    browser.press("ArrowUp")
    chosen = "document.getElementById('search').getAttribute('aria-activedescendant')"
    assert browser.run(chosen) == f"found-{int(str(number)) - 1}"
    browser.press("ArrowDown")
    assert browser.run(chosen) == "found-0"
    browser.press("Escape")
    assert browser.run("document.getElementById('found').hidden") is True


def test_filters_narrow_every_picture(browser: Browser, page: Path) -> None:
    """By role: only who wore it; the address keeps the filter; Clear takes it away."""
    browser.open(page)
    everybody = browser.run("document.querySelectorAll('#actors tbody tr').length")
    browser.run(
        "(() => { const by = document.getElementById('by-role');"
        f"by.value = '{ANALYST}'; by.dispatchEvent(new Event('change')); }})()"
    )
    browser.wait("document.querySelectorAll('#actors tbody tr').length === 1")
    assert everybody == 2
    assert "role=" in str(browser.run("location.hash"))
    assert browser.run("document.querySelectorAll('#matrix .cell').length") == 1
    browser.run("document.getElementById('clear').click()")
    browser.wait("document.querySelectorAll('#actors tbody tr').length === 2")


def test_machines_are_shown_when_asked(browser: Browser, page: Path) -> None:
    """They are many: off at first."""
    browser.open(page)
    assert "i-0abc" not in str(browser.run("document.getElementById('matrix').innerText"))
    browser.run("document.getElementById('machines').click()")
    browser.wait("document.getElementById('matrix').innerText.includes('i-0abc')")


def test_an_address_opens_what_it_names(browser: Browser, page: Path) -> None:
    """A link that somebody sent: the person's sheet, under the filter."""
    browser.open(page, urlencode({"person": ALICE, "account": "333333333333"}))
    assert sheet(browser).startswith("alice")
    assert browser.run("document.getElementById('by-account').value") == "333333333333"
    browser.open(page, urlencode({"hat": ANALYST}))
    assert "Worn by" in sheet(browser)
    browser.open(page, urlencode({"person": "nobody"}))
    assert sheet(browser) == ""
    quiet(browser, page)


def test_the_matrix_is_walked_with_arrow_keys(browser: Browser, page: Path) -> None:
    """One stop for Tab; arrows go from cell to cell; Enter opens the person."""
    browser.open(page)
    assert browser.run("document.querySelectorAll('#matrix .cell[tabindex=\"0\"]').length") == 1
    browser.run("document.querySelector('#matrix .cell[tabindex=\"0\"]').focus()")
    first = focused(browser)
    assert first.startswith("alice, own identity")
    browser.press("ArrowRight")
    assert focused(browser) != first
    assert focused(browser).startswith("alice, ")
    browser.press("Enter")
    browser.wait("document.querySelector('dialog[open]') !== null")
    assert sheet(browser).startswith("alice")


def test_the_graph_is_usable_by_keyboard(browser: Browser, page: Path) -> None:
    """A node has the focus, lights its chains, and Enter opens it."""
    browser.open(page)
    browser.run(
        "[...document.querySelectorAll('#graph .node')]"
        ".find((node) => node.textContent.includes('BreakGlass')).focus()"
    )
    assert browser.run("document.querySelectorAll('#graph path.on').length") == 3
    browser.press("Enter")
    browser.wait("document.querySelector('dialog[open]') !== null")
    assert "SecurityBreakGlassRole" in sheet(browser)


def test_tab_reaches_everything_in_order_and_shows_where_it_is(
    browser: Browser, page: Path
) -> None:
    """First the way past the head, then search, theme, sections, the page; with an outline."""
    browser.open(page)
    seen = []
    for _ in range(5):
        browser.press("Tab")
        seen.append(focused(browser))
        assert browser.run("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert seen[0] == "Skip to the content"
    assert seen[1].startswith("Search people")
    assert seen[2].startswith("Theme")
    assert seen[3] == "Overview"


def test_a_table_sorts_filters_and_draws_only_what_is_read(browser: Browser, page: Path) -> None:
    """200 rows: 25 at first, more on request; severities sort by urgency, not by letters."""
    browser.open(page)
    rows = "document.querySelectorAll('#report-keys tbody tr:not(.detail)')"
    assert browser.run(f"{rows}.length") == 25
    browser.run("document.querySelector('#report-keys th button').click()")
    assert browser.run(f"{rows}[0].textContent").startswith("‼ criticalK1")
    assert browser.run("document.querySelector('#report-keys th').ariaSort") == "ascending"
    browser.run("document.querySelector('#report-keys th button').click()")
    assert browser.run(f"{rows}[0].textContent").startswith("· lowK0")
    browser.run("document.querySelector('#report-keys input').focus()")
    browser.type("k1 crit")
    assert browser.run(f"{rows}.length") == 1
    browser.run("document.querySelector('#report-keys tbody button').click()")
    assert "it is critical" in str(
        browser.run("document.querySelector('#report-keys .detail').innerText")
    )


def test_the_theme_is_chosen_and_kept(browser: Browser, page: Path) -> None:
    """System, light, dark; the choice outlives a reload."""
    browser.media(prefers_color_scheme="light")
    browser.open(page)
    for _ in range(2):
        browser.run("document.getElementById('theme').click()")
    assert browser.run("document.documentElement.dataset.theme") == "dark"
    browser.open(page)
    assert browser.run("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 27)"
    browser.run("document.getElementById('theme').click()")
    assert browser.run("document.documentElement.dataset.theme ?? ''") == ""


def test_a_hostile_name_does_nothing(browser: Browser, tmp_path: Path) -> None:
    """Everywhere that a name stands: overview, matrix, graph, search, sheet. It is only text."""
    rows = [
        alice(
            f"2026-11-2{day}T09:0{n}:00",
            f"s3:{HOSTILE}",
            f"arn:aws:iam::111111111111:role/{HOSTILE}{day}",
            actor_name=HOSTILE,
            actor_display=HOSTILE,
            user_principal_id=f"AROA:{HOSTILE}",
            source_ip_address=HOSTILE,
            error_code="AccessDenied",
        )
        for day in (0, 3)
        for n in range(3)
    ]
    rows.append(claiming_alice("09:05:00", "s3:A", ANALYST, claimed_actor=HOSTILE))
    rows.append(instance("09:06:00", "s3:A", actor_display=HOSTILE))
    path = tmp_path / "report.html"
    text = render_html(page_data(warehouse_with(rows)))
    path.write_text(text, encoding="utf-8")
    browser.open(path)
    browser.press("/")
    browser.type("onerror")
    assert len(found(browser)) > 3
    browser.press("Escape")
    for actor in data_of(text)["actors"]:
        browser.open(path, urlencode({"person": actor["key"], "machines": "1"}))
        assert browser.run("document.querySelector('dialog[open]') !== null")
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert "pwned" not in str(browser.run("document.title.replace(/Who.*/, '')"))
    quiet(browser, path)


def test_markup_made_from_text_is_refused_by_the_page_itself(browser: Browser, page: Path) -> None:
    """Were there a slip in the script, the policy would stop it: no innerHTML, no inline code."""
    browser.open(page)
    refused = browser.run(
        "(() => { try { document.body.innerHTML = '<b>x</b>'; return false; }"
        " catch (error) { return error instanceof TypeError; } })()"
    )
    assert refused is True
    refused = browser.run(
        "(() => { const link = document.createElement('a');"
        " try { link.setAttribute('onclick', 'document.title = 1'); return false; }"
        " catch (error) { return error instanceof TypeError; } })()"
    )
    assert refused is True


def test_it_prints(browser: Browser, samples: Path) -> None:
    """A PDF of a few pages, without the controls."""
    browser.open(samples)
    assert browser.printed().startswith(b"%PDF-")
    browser.media(media="print")
    assert browser.run("getComputedStyle(document.querySelector('.filters')).display") == "none"
    browser.media(media="")


def test_fifty_thousand_sessions_stay_fluid(browser: Browser, large: Path) -> None:
    """Drawn, searched and filtered in moments; generous limits, for a busy machine."""
    assert large.stat().st_size < 5_000_000
    browser.open(large)
    assert float(str(browser.run("document.documentElement.dataset.ready"))) < 5_000
    assert browser.run("document.querySelectorAll('*').length") < 6_000
    browser.press("/")
    browser.type("p")
    started = time.monotonic()
    for letter in "erson-123":
        browser.type(letter)
    assert found(browser)[0].startswith("person-123 person")
    assert time.monotonic() - started < 3
    browser.press("Enter")
    browser.wait("document.querySelector('dialog[open]') !== null", 3)
    quiet(browser, large)
