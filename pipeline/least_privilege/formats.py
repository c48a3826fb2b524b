"""A policy as JSON, Terraform or CloudFormation: text that can be piped and committed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from pipeline.errors import UsageError
from pipeline.least_privilege.policy import Policy

_NOT_HCL = re.compile(r"(?<!\\)((?:\\\\)*)\\([bf])")
_HCL = {"b": "\\u0008", "f": "\\u000c"}
"""Escapes of JSON that HCL does not know."""

_NAME = re.compile(r"[^A-Za-z0-9]+")


def as_json(policy: Policy, name: str) -> str:
    """The policy document; a list of them where one would be longer than IAM allows."""
    del name
    one_or_all = policy.documents[0] if len(policy.documents) == 1 else list(policy.documents)
    return json.dumps(one_or_all, indent=2) + "\n"


def as_terraform(policy: Policy, name: str) -> str:
    """One `aws_iam_policy` a document. `${` of a policy variable is written `$${`."""
    label = _NAME.sub("_", name).strip("_").lower() or "policy"
    label = f"_{label}" if label[0].isdigit() else label
    blocks = []
    for number, document in enumerate(policy.documents, start=1):
        suffix = f"_{number}" if len(policy.documents) > 1 else ""
        body = json.dumps(document, indent=2, ensure_ascii=False)
        body = _NOT_HCL.sub(lambda found: found[1] + _HCL[found[2]], body)
        body = body.replace("${", "$${").replace("%{", "%%{")
        lines = body.replace("\n", "\n  ")
        blocks.append(
            f'resource "aws_iam_policy" "{label}{suffix}" {{\n'
            f'  name   = "{label}{suffix}"\n'
            f"  policy = jsonencode({lines})\n"
            "}\n"
        )
    return "\n".join(blocks)


def as_cloudformation(policy: Policy, name: str) -> str:
    """A template with one `AWS::IAM::ManagedPolicy` a document."""
    label = "".join(part.capitalize() for part in _NAME.split(name) if part) or "Policy"
    several = len(policy.documents) > 1
    resources = {
        f"{label}{number if several else ''}": {
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": document},
        }
        for number, document in enumerate(policy.documents, start=1)
    }
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}
    return json.dumps(template, indent=2) + "\n"


POLICY_FORMATS: dict[str, Callable[[Policy, str], str]] = {
    "json": as_json,
    "terraform": as_terraform,
    "cloudformation": as_cloudformation,
}


def find_policy_format(name: str) -> Callable[[Policy, str], str]:
    """The format of that name; UsageError names the valid ones."""
    if name not in POLICY_FORMATS:
        valid = ", ".join(POLICY_FORMATS)
        raise UsageError(f"a policy has no format {name!r}; valid: {valid}")
    return POLICY_FORMATS[name]
