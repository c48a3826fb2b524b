"""`roles`: who wore each role, how it was entered, and which roles and trusts nobody used."""

from pipeline.reports.roles.report import WEARERS_SHOWN, RolesFilter, roles_report

__all__ = ["WEARERS_SHOWN", "RolesFilter", "roles_report"]
