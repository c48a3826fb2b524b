"""The only room that imports duckdb: opens a lake, builds the models, runs queries."""

from __future__ import annotations

from pipeline.warehouse.builder import BuiltTable, ModelBuilder, models_code
from pipeline.warehouse.reader import Warehouse

__all__ = ["BuiltTable", "ModelBuilder", "Warehouse", "models_code"]
