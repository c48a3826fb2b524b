"""The condition under which a policy allows what a service did on somebody's behalf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipeline.least_privilege.actions import Need

Condition = tuple[str, str, str]
"""Operator, key and value of a policy's condition."""

CALLED_VIA = frozenset(
    {
        "aoss.amazonaws.com",
        "athena.amazonaws.com",
        "backup.amazonaws.com",
        "cloud9.amazonaws.com",
        "cloudformation.amazonaws.com",
        "databrew.amazonaws.com",
        "dataexchange.amazonaws.com",
        "dynamodb.amazonaws.com",
        "imagebuilder.amazonaws.com",
        "kms.amazonaws.com",
        "mgn.amazonaws.com",
        "omics.amazonaws.com",
        "ram.amazonaws.com",
        "servicecatalog-appregistry.amazonaws.com",
        "sqlworkbench.amazonaws.com",
        "ssm-guiconnect.amazonaws.com",
    }
)
"""Services that set `aws:CalledVia` (IAM user guide, global condition keys). A need through another
stands without condition: under one that never holds, the used call would be refused."""


def condition_of(need: Need, row: Mapping[str, Any]) -> Condition | None:
    """Forward access keeps the caller's need, through the service that called; a passed role its
    service (IAM user guide, access_forward_access_sessions; least-privilege.md, section 2).
    """
    if need.passed_to:
        return ("StringEquals", "iam:PassedToService", need.passed_to)
    service = row["invoked_by"]
    if not service or not service.endswith(".amazonaws.com"):
        return None
    if need.action.startswith("kms:") and row["aws_region"]:
        via = f"{service.split('.')[0]}.{row['aws_region']}.amazonaws.com"
        return ("StringEquals", "kms:ViaService", via)
    if service not in CALLED_VIA:
        return None
    return ("ForAnyValue:StringEquals", "aws:CalledVia", service)
