"""Promised Express executions: what is kept of one until it has run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Trace
from fogline.services.stepfunctions.engine.execution import Facts

EXPRESS_TOPIC = "express-executions"
"""Stirred when an Express execution is promised."""


def promised_facts(facts: Facts) -> dict[str, Any]:
    """What the row of a promised execution says."""
    return {
        "arn": facts.arn,
        "name": facts.name,
        "machine": facts.machine_arn,
        "definition": facts.definition,
        "role": facts.role_arn,
        "started_at": facts.started_at,
        "trace": list(facts.trace),
        "mock": facts.mock_case,
        "logging": facts.logging,
        "map_run": facts.map_run,
    }


def facts_of_promise(id: str, kept: Mapping[str, Any]) -> Facts:
    """The same, as they were."""
    parts = kept["arn"].split(":")
    return Facts(
        id=id,
        arn=kept["arn"],
        name=kept["name"],
        account=parts[4],
        region=parts[3],
        machine_arn=kept["machine"],
        machine_name=parts[6],
        is_express=True,
        definition=kept["definition"],
        role_arn=kept["role"],
        started_at=kept["started_at"],
        trace=Trace(*kept["trace"]),
        mock_case=kept["mock"],
        logging=kept["logging"],
        map_run=kept["map_run"],
    )
