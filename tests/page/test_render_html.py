"""The file itself: safe whatever the names are, and whole in itself."""

from __future__ import annotations

import base64
import hashlib
import html as html_module
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.page import PageData
from pipeline.render.html import HERE, SCRIPTS, render_html
from pipeline.render.html.overview import percent
from pipeline.reports.page import page_data
from tests.front.facts import ANALYST, alice, claiming_alice, incident
from tests.front.terminal import rolecall
from tests.page.facts import HOSTILE, data_of, judged_report, warehouse_with


@pytest.fixture(scope="module")
def hostile() -> PageData:
    """A page on which everything that a caller can choose is hostile, names of people too."""
    rows = [
        alice(
            f"09:0{n}:00",
            f"s3:{HOSTILE}",
            f"arn:aws:iam::111111111111:role/{HOSTILE}",
            actor_name=HOSTILE,
            actor_display=HOSTILE,
            actor_arn=f"arn:aws:iam::111111111111:user/{HOSTILE}",
            user_principal_id=f"AROA:{HOSTILE}",
            source_ip_address=HOSTILE,
            recipient_account_id=HOSTILE,
            error_code="AccessDenied",
        )
        for n in range(3)
    ]
    rows.append(claiming_alice("09:05:00", "s3:A", ANALYST, claimed_actor=HOSTILE))
    return page_data(warehouse_with(rows))


def test_no_name_is_markup_or_ends_the_script(hostile: PageData) -> None:
    """The tags of the file are those of the template, and no sign that turns text is in it."""
    text = render_html(hostile)
    harmless = render_html(page_data(warehouse_with(incident())))
    assert text.count("</script") == harmless.count("</script") == 2
    assert "<img" not in text
    assert re.search("[\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text) is None
    assert "pwned" in text, "it is shown, as text"


def test_data_is_what_it_was_but_for_signs_that_hide_or_turn(hostile: PageData) -> None:
    """Markup is kept as text: a name is not changed because it looks like a tag."""
    (person,) = [actor for actor in data_of(render_html(hostile))["actors"] if actor["arn"]]
    assert person["label"] == HOSTILE.replace("\u202e", "\ufffd").replace("\u2028", " ")


def test_the_policy_allows_this_script_and_this_style_only() -> None:
    """The hashes are those of the two blocks; nothing may be loaded, nothing is 'unsafe'."""
    text = render_html(page_data(warehouse_with(incident())))
    found = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert found
    policy = html_module.unescape(found[1])
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    for block, directive in ((script, "script-src"), (style, "style-src")):
        digest = base64.b64encode(hashlib.sha256(block.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy


def test_nothing_points_out_of_the_file() -> None:
    """No address, no event handler, no inline style: only the SVG namespace is a URL."""
    text = render_html(page_data(warehouse_with(incident()), reports=[judged_report("low")]))
    assert set(re.findall(r"https?://[^\s'\"]+", text)) == {"http://www.w3.org/2000/svg"}
    markup = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert re.search(r"\s(on\w+|style|src)=", markup) is None
    assert all(link.startswith("#") for link in re.findall(r'href="([^"]*)"', markup))


def test_scripts_make_no_markup_out_of_text() -> None:
    """Text reaches the page as text nodes; nothing is evaluated, fetched or written as HTML."""
    code = "".join((HERE / "script" / name).read_text(encoding="utf-8") for name in SCRIPTS)
    forbidden = ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(")
    assert [
        word for word in (*forbidden, "fetch(", "XMLHttpRequest", "Function(") if word in code
    ] == []
    assert sorted(SCRIPTS) == sorted(path.name for path in (HERE / "script").iterdir())


@pytest.mark.skipif(not shutil.which("node"), reason="no node to check the syntax with")
@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_parses(name: str) -> None:
    """A part with a slip in it would take the whole page down."""
    checked = subprocess.run(
        ["node", "--check", HERE / "script" / name], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_the_same_page_is_the_same_bytes() -> None:
    """A night that runs again writes what it wrote."""
    rows = incident()
    first, second = (render_html(page_data(warehouse_with(r))) for r in (rows, rows[::-1]))
    assert first == second


def test_what_matters_first_needs_no_script() -> None:
    """Findings, new hats and the shares of evidence are in the markup."""
    rows = [*incident(), alice("2026-11-22T09:00:00", "s3:A", ANALYST, ANALYST)]
    text = render_html(page_data(warehouse_with(rows), reports=[judged_report("critical")]))
    markup = html_module.unescape(re.sub(r"<script\b.*?</script>", "", text, flags=re.DOTALL))
    assert "K0: it is critical" in markup
    assert "SecurityAnalystRole → SecurityAnalystRole" in markup
    assert "Who made the call is proven for 88.8 % of the events" in markup


def test_a_report_is_a_section_with_its_rows() -> None:
    """Any report: what is for people, in order; services short, severities as grades."""
    document = data_of(render_html(page_data(warehouse_with([]), reports=[judged_report("high")])))
    (report,) = document["reports"]
    (table,) = report["tables"]
    assert [column["heading"] for column in table["columns"]][:2] == ["severity", "access key"]
    assert table["rows"] == [["high", "K0", "it is high", ["s3"]]]
    assert table["count"] == 1


def test_a_long_table_is_cut_and_says_so() -> None:
    """The first rows are in the file, and the number of all."""
    report = judged_report(*["low"] * 1_500)
    (table,) = data_of(render_html(page_data(warehouse_with([]), reports=[report])))["reports"][0][
        "tables"
    ]
    assert (len(table["rows"]), table["count"]) == (1_000, 1_500)


@pytest.mark.parametrize(
    ("share", "words"),
    [(100, "100 %"), (99.99, "99.9 %"), (50, "50.0 %"), (0.01, "< 0.1 %"), (0, "0.0 %")],
)
def test_a_share_is_never_said_to_be_all_or_nothing(share: float, words: str) -> None:
    """What is not quite all is not 100 %, and what is little is not 0 %."""
    assert percent(share) == words


def test_an_empty_page_is_a_page() -> None:
    """No events, no reports: it says so and breaks nothing."""
    page = page_data(warehouse_with([]))
    text = render_html(replace(page, reports=()))
    assert "There are no events in this time." in text
    assert data_of(text)["hats"] == []


def test_the_command_writes_the_file(lake: Path, tmp_path: Path) -> None:
    """`rolecall page FILE`: the file whole, and its name on stderr; nothing on stdout."""
    target = tmp_path / "report.html"
    ran = rolecall("page", target, "--lake", lake, "--from", "2026-11-21")
    assert (ran.exit_code, ran.stdout) == (0, "")
    assert f"wrote {target}" in ran.stderr
    text = target.read_text(encoding="utf-8")
    assert "asked: from 2026-11-21 00:00:00 UTC" in text
    assert "status" in [report["name"] for report in data_of(text)["reports"]]
    assert "Why the rest is open" in text
