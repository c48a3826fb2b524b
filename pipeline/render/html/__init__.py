"""The page `report.html`: one file that asks the network for nothing and trusts no text.

Own SVG and table code instead of a chart library: what is drawn is a matrix, a layered graph and
strips of time, a few hundred lines that can be read; a library of a hundred times that size would
have to be audited in a page that shows what attackers wrote. The template is Jinja's, for its
escaping.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pipeline.page import PageData
from pipeline.render.html.overview import FILTERS, overview
from pipeline.render.html.payload import payload

HERE = Path(__file__).parent
STYLES = ("tokens.css", "page.css", "pictures.css")
SCRIPTS = (
    "dom.js",
    "state.js",
    "table.js",
    "matrix.js",
    "layers.js",
    "chains.js",
    "person.js",
    "search.js",
    "main.js",
)
"""The files that become the one script, in this order."""


def render_html(page: PageData) -> str:
    """The whole file. The same page gives the same bytes: there is no clock in it."""
    style, script = _style(), _script()
    text = (
        _template_environment()
        .get_template("page.html.j2")
        .render(
            page=page,
            overview=overview(page),
            policy=policy(style, script),
            style=Markup(style),
            script=Markup(script),
            payload=Markup(payload(page)),
        )
    )
    return text + "\n"


def policy(style: str, script: str) -> str:
    """The Content-Security-Policy: these two blocks, nothing else, and no HTML out of text."""
    return "; ".join(
        [
            "default-src 'none'",
            f"script-src '{_hash(script)}'",
            f"style-src '{_hash(style)}'",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        ]
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _template_environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(FILTERS)
    return environment


@cache
def _style() -> str:
    return "\n" + "\n".join(_read("style", name) for name in STYLES)


@cache
def _script() -> str:
    parts = "\n".join(_read("script", name) for name in SCRIPTS)
    return f"\n(() => {{\n'use strict';\n{parts}}})();\n"


def _read(folder: str, name: str) -> str:
    return (HERE / folder / name).read_text(encoding="utf-8")
