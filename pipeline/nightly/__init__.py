"""The batch job of every night: ingest what is new, build, write the reports, care for the lake.

`nightly.config` reads rolecall.toml, `nightly.run` is the job, `nightly.reports` the list of what
it writes, `nightly.nights` which nights are due, `nightly.folder` how a night's folder appears,
`nightly.account` what run.json says.
"""

from __future__ import annotations

from pipeline.nightly.config import FORMATS, Config, read_config
from pipeline.nightly.log import Log
from pipeline.nightly.reports import Night
from pipeline.nightly.run import nightly
from pipeline.nightly.template import TEMPLATE, write_template

__all__ = [
    "FORMATS",
    "TEMPLATE",
    "Config",
    "Log",
    "Night",
    "nightly",
    "read_config",
    "write_template",
]
