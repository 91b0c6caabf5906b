"""Parameter Store's front page: what it stands on, and every operation by its file."""

from __future__ import annotations

from dataclasses import dataclass

from fogline.ports.service import Service
from fogline.services.ssm.limits import Limits
from fogline.services.ssm.tables import Tables
from fogline.store.store import Store


@dataclass(frozen=True, slots=True)
class Ssm:
    """What every operation of Parameter Store is handed."""

    store: Store
    tables: Tables
    limits: Limits


OPERATIONS = {
    "parameters": (
        "delete_parameter",
        "delete_parameters",
        "describe_parameters",
        "get_parameter",
        "get_parameter_history",
        "get_parameters",
        "get_parameters_by_path",
        "put_parameter",
    ),
    "labels": ("label_parameter_version", "unlabel_parameter_version"),
    "tags": ("add_tags_to_resource", "list_tags_for_resource", "remove_tags_from_resource"),
}


def make_ssm(store: Store, limits: Limits | None = None) -> Ssm:
    """Parameter Store on a store."""
    return Ssm(store, Tables(store), limits or Limits())


def make_service(ssm: Ssm) -> Service:
    """Parameter Store as the platform takes it in."""
    return Service(name="ssm", package="fogline.services.ssm", stands_on=ssm, operations=OPERATIONS)
