"""`keys`: the long-term credentials in use, ranked by risk, with all that was reached from them.

Reads from top to bottom: `report` puts the tables together; `credentials` has a row for each
credential, which `judging` ranks; `clients` says where it was used from; `reached` what came of
it; `made` what was made and never used; `matching` brings in IAM's credential report.
"""

from pipeline.reports.keys.report import KeysFilter, keys_report, long_term_keys_table

__all__ = ["KeysFilter", "keys_report", "long_term_keys_table"]
