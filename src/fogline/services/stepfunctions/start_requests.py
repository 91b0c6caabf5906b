"""What StartExecution and StartSyncExecution are asked, read in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from fogline.aws.states.machine.json_text import InvalidJson, read_json
from fogline.services.stepfunctions.errors import InvalidExecutionInput
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.names import check_name
from fogline.world.ids import Ids

_NO_INPUT = "Invalid execution input."


class StartRequest(NamedTuple):
    """An execution that is to be started."""

    machine_arn: str
    """Of a machine, a version or an alias."""
    mock_case: str
    """The test case of mocked integrations, "" for none: what stands behind `#` in the ARN."""
    name: str
    input_text: str


def read_start(ids: Ids, limits: Limits, request: Mapping[str, Any]) -> StartRequest:
    """The request, checked as far as it can be without the machine. Raises InvalidName, InvalidExecutionInput."""
    arn, _, case = request["stateMachineArn"].partition("#")
    name = request.get("name")
    name = ids.uuid() if name is None else check_name(name)
    return StartRequest(arn, case, name, check_input(request.get("input", "{}"), limits))


def check_input(text: str, limits: Limits) -> str:
    """The input of an execution, if it may be one. Raises InvalidExecutionInput.

    Its words are recorded: test_invalid_start_execution_input.
    """
    if not text or len(text) * 4 > limits.payload_bytes_max < len(text.encode()):
        raise InvalidExecutionInput(reason=_NO_INPUT)
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        # What only the standard library reads, or what nobody does.
        try:
            read_json(text)
        except InvalidJson as invalid:
            raise InvalidExecutionInput(reason=invalid.reason) from None
        except RecursionError:
            raise InvalidExecutionInput(reason=_NO_INPUT) from None
    return text
