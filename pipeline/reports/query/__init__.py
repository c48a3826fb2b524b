"""`query`: the catalogue of questions that are ready to be asked, and one of them asked."""

from __future__ import annotations

from pipeline.reports.query.catalogue import Catalogue, read_catalogue
from pipeline.reports.query.report import catalogue_report, query_report

__all__ = ["Catalogue", "catalogue_report", "query_report", "read_catalogue"]
