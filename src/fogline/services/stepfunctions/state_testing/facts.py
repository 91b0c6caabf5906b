"""The execution that a state under test takes itself to be part of."""

from __future__ import annotations

from typing import Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.distributed.item_selection import STATE_DATA
from fogline.services.stepfunctions.engine.execution import Facts
from fogline.services.stepfunctions.state_testing.asked import Asked
from fogline.world.ids import Ids

_MOCKED = "mock"
_ID_DIGITS = 32


def facts_of(ids: Ids, call: Call, asked: Asked) -> Facts:
    """An execution and a machine that never were, in AWS's form (recorded: test_state_task_catch_error)."""
    machine, name = ids.uuid(), ids.uuid()
    prefix = f"arn:aws:states:{call.region}:{call.account}"
    return Facts(
        id=ids.hex(_ID_DIGITS),
        arn=f"{prefix}:express:{machine}:{name}",
        name=name,
        account=call.account,
        region=call.region,
        machine_arn=f"{prefix}:stateMachine:{machine}",
        machine_name=machine,
        is_express=True,
        definition="",
        role_arn=asked.role_arn,
        started_at=call.now,
        trace=call.trace,
        mock_case=_MOCKED if asked.mock is not None else "",
        context=_iteration(asked),
        whole_context=asked.context,
    )


def _iteration(asked: Asked) -> dict[str, Any]:
    """The item that a state inside a Map works on: the first, which is its input."""
    around = asked.tested.around
    if around is None:
        return {}
    item: dict[str, Any] = {"Index": 0, "Value": asked.input}
    if around.is_distributed:
        item["Source"] = STATE_DATA
    return {"Map": {"Item": item}}
