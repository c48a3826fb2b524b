"""A `Report` as text: one file a format. A renderer returns a string and never prints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import UsageError
from pipeline.render.data import render_json, render_ndjson
from pipeline.render.delimited import render_csv
from pipeline.render.markdown import render_markdown
from pipeline.render.page import Page
from pipeline.render.terminal import render_table
from pipeline.report import Report

__all__ = ["RENDERERS", "Page", "Renderer", "find_renderer", "render"]


@dataclass(frozen=True, slots=True)
class Renderer:
    """One output format.

    name -- what `--format` takes.
    render -- report and page → the whole text, ending in a newline.
    is_data -- whether programs read it: whole unless a limit is asked for.
    carries_notes -- whether the text holds the report's notes; where not, the command
        says them on stderr.
    """

    name: str
    render: Callable[[Report, Page], str]
    carries_notes: bool
    is_data: bool = True


RENDERERS: tuple[Renderer, ...] = (
    Renderer("table", render_table, carries_notes=False, is_data=False),
    Renderer("json", render_json, carries_notes=True),
    Renderer("ndjson", render_ndjson, carries_notes=False),
    Renderer("csv", render_csv, carries_notes=False),
    Renderer("markdown", render_markdown, carries_notes=True, is_data=False),
)


def find_renderer(name: str) -> Renderer:
    """The renderer called `name`.

    Raises UsageError, naming the valid formats, where there is none.
    """
    for renderer in RENDERERS:
        if renderer.name == name:
            return renderer
    valid = ", ".join(renderer.name for renderer in RENDERERS)
    raise UsageError(f"{name!r} is not an output format; valid formats: {valid}")


def render(report: Report, format_name: str = "table", page: Page | None = None) -> str:
    """The report in a format; see `find_renderer` for what is raised."""
    return find_renderer(format_name).render(report, page or Page())
