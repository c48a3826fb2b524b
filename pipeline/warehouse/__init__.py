"""The only room that imports duckdb: opens a lake, builds the models, runs queries."""

from __future__ import annotations

from pipeline.warehouse.builder import ModelBuilder
from pipeline.warehouse.engine import check_select
from pipeline.warehouse.reader import Warehouse
from pipeline.warehouse.stored import BuiltTable, models_code

__all__ = ["BuiltTable", "ModelBuilder", "Warehouse", "check_select", "models_code"]
