"""Every number AWS publishes for templates and stacks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    template_body_bytes_max: int = 51_200
    template_url_bytes_max: int = 1_048_576
    template_depth_max: int = 100
    resources_max: int = 500
    parameters_max: int = 200
    mappings_max: int = 200
    mapping_attributes_max: int = 200
    outputs_max: int = 200
    parameter_value_bytes_max: int = 4_096
    description_bytes_max: int = 1_024
    processed_values_max: int = 1_000_000
    change_sets_per_stack_max: int = 1_000
    stacks_max: int = 2_000
    nested_stacks_depth_max: int = 20
    deleted_stack_days: int = 90
    """How long a deleted stack can still be described."""
    expired_per_step_max: int = 50
    describe_wait_milliseconds_max: int = 2_000
    """How long DescribeStacks waits for an operation in progress to end; ours, not AWS's."""
    actions_per_step_max: int = 60
    """How many resources one step may touch before other work has its turn; ours, not AWS's."""


LIMITS = Limits()
