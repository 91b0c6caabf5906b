"""How a service's refusal is named and told by the task that asked it.

Tuned integrations speak through the first SDK for Java, all others through the second; their exceptions differ
(recorded: test_send_message_empty_body, test_s3_no_such_key).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fogline.aws.errors import AwsError
from fogline.aws.states.failures import RUNTIME
from fogline.aws.states.texts import json_text
from fogline.ports.contracts import Contract
from fogline.services.stepfunctions.tasks.names import exception_name
from fogline.services.stepfunctions.tasks.task import TaskFailed

_NOT_IMPLEMENTED = 501


@dataclass(frozen=True, slots=True)
class Names:
    """How the errors of a service are named."""

    prefix: str
    """Before the name of an exception: `DynamoDB` of `DynamoDB.ConditionalCheckFailedException`."""
    service: str
    """What a cause calls the service."""
    unmodelled: str
    """The error for whatever the service's model does not name."""


def of_sdk(
    names: Names, contract: Contract, refused: AwsError, request_id: str, extended_id: str = ""
) -> TaskFailed:
    """A refusal as the second SDK tells it."""
    extended = f", Extended Request ID: {extended_id}" if extended_id else ""
    return _failed(
        names,
        contract,
        refused,
        f"{refused.text} (Service: {names.service}, Status Code: {status_of(contract, refused)}, "
        f"Request ID: {request_id}{extended})",
    )


def of_tuned(names: Names, contract: Contract, refused: AwsError, request_id: str) -> TaskFailed:
    """A refusal as the first SDK tells it."""
    return _failed(
        names,
        contract,
        refused,
        f"{refused.text} (Service: {names.service}; Status Code: {status_of(contract, refused)}; "
        f"Error Code: {refused.legacy_code or refused.code}; Request ID: {request_id}; Proxy: null)",
    )


def _failed(names: Names, contract: Contract, refused: AwsError, cause: str) -> TaskFailed:
    if refused.status == _NOT_IMPLEMENTED:
        # Nothing that AWS would say: no retry and no fallback of the workflow's should hide it.
        return TaskFailed(RUNTIME, refused.text)
    shape = contract.service.error_shape(refused.code)
    if shape is None:
        return TaskFailed(names.unmodelled, cause)
    return TaskFailed(f"{names.prefix}.{exception_name(shape.name)}", cause)


def status_of(contract: Contract, refused: AwsError) -> int:
    """The status on the wire: services that once spoke the query protocol answer most refusals with 400."""
    if contract.service.is_query_compatible:
        return refused.json_status or (400 if refused.status < 500 else 500)
    return refused.status


def unusable(parameters: object, problems: Iterable[str]) -> TaskFailed:
    """Parameters that the task cannot be started with (recorded: test_invoke_with_headers)."""
    return TaskFailed(
        RUNTIME,
        f"The Parameters '{json_text(parameters)}' could not be used to start the Task: "
        f"[{', '.join(problems)}]",
    )
