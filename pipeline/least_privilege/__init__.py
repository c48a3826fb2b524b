"""Least privilege: what was really used, as IAM actions and resources, and as policies."""

from pipeline.least_privilege.actions import Call, Need, Needs, actions_of

__all__ = ["Call", "Need", "Needs", "actions_of"]
