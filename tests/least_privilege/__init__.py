"""Least privilege: actions, resources, policies."""
