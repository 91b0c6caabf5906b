"""CloudFormation: what it stands on, and every operation it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fogline.ports.service import Service
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.loops import Expiry, Operations

OPERATIONS: Mapping[str, Sequence[str]] = {
    "stacks": (
        "create_stack",
        "update_stack",
        "delete_stack",
        "describe_stacks",
        "list_stacks",
        "update_termination_protection",
        "cancel_update_stack",
        "continue_update_rollback",
        "rollback_stack",
    ),
    "change_sets": (
        "create_change_set",
        "describe_change_set",
        "execute_change_set",
        "delete_change_set",
        "list_change_sets",
    ),
    "events": ("describe_stack_events",),
    "stack_resources": (
        "describe_stack_resource",
        "describe_stack_resources",
        "list_stack_resources",
    ),
    "templates": ("get_template", "get_template_summary", "validate_template"),
    "exports": ("list_exports", "list_imports"),
    "policies": ("set_stack_policy", "get_stack_policy"),
}


def make_service(cf: Cloudformation) -> Service:
    """The service for the platform."""
    return Service(
        name="cloudformation",
        package="fogline.services.cloudformation",
        stands_on=cf,
        operations=OPERATIONS,
        loops=(Operations(cf), Expiry(cf)),
    )
