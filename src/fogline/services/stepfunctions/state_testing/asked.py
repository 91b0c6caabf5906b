"""What a test is asked: which state, with what around it, and what takes the place of its work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fogline.aws.arn import find_arn
from fogline.aws.errors import ValidationException
from fogline.ports.api import Api
from fogline.services.stepfunctions.engine.compiled import CompiledMachine, CompiledState
from fogline.services.stepfunctions.engine.payloads import read_payload
from fogline.services.stepfunctions.errors import InvalidArn
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.start_requests import check_input
from fogline.services.stepfunctions.state_testing.configuration import (
    Configuration,
    read_configuration,
)
from fogline.services.stepfunctions.state_testing.contexts import read_context
from fogline.services.stepfunctions.state_testing.mocks import Mock, read_mock
from fogline.services.stepfunctions.state_testing.states import Tested, find_tested, require_mock
from fogline.services.stepfunctions.state_testing.texts import Texts, find_object

INFO, DEBUG, TRACE = "INFO", "DEBUG", "TRACE"
_EMPTY = "{}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A test, complete and checked."""

    tested: Tested
    machine: CompiledMachine
    """Of that state alone."""
    input: Any
    input_text: str
    role_arn: str
    level: str = INFO
    reveals_secrets: bool = False
    variables: Mapping[str, Any] = field(default_factory=dict)
    mock: Mock | None = None
    context: Mapping[str, Any] | None = None
    configuration: Configuration = field(default_factory=Configuration)
    texts: Texts = field(default_factory=Texts)

    @property
    def state(self) -> CompiledState:
        return self.machine.states[self.tested.state.name]

    @property
    def shows_data(self) -> bool:
        return self.level != INFO


def read_asked(api: Api, limits: Limits, request: Mapping[str, Any]) -> Asked:
    """The test that is asked for.

    Raises InvalidDefinition, InvalidArn, InvalidExecutionInput, ValidationException.
    """
    tested = find_tested(request["definition"], request.get("stateName"))
    mocked = request.get("mock")
    if mocked is None:
        require_mock(tested)
    role_arn = _read_role(request.get("roleArn"), is_mocked=mocked is not None)
    texts = Texts()
    mock = None if mocked is None else read_mock(api, tested, mocked, texts)
    if mock is not None and request.get("revealSecrets"):
        raise ValidationException("revealSecrets cannot be specified together with a mock.")
    context_text = request.get("context")
    if context_text is not None and mock is None:
        raise ValidationException("A context can only be specified together with a mock.")
    input_text = request.get("input", _EMPTY)
    value = _read_input(input_text, limits)
    texts.know(value, input_text)
    return Asked(
        tested=tested,
        machine=tested.compiled(),
        input=value,
        input_text=input_text,
        role_arn=role_arn,
        level=request.get("inspectionLevel", INFO),
        reveals_secrets=request.get("revealSecrets", False),
        variables=_read_variables(request.get("variables")),
        mock=mock,
        context=None if context_text is None else read_context(context_text),
        configuration=read_configuration(tested, request.get("stateConfiguration") or {}),
        texts=texts,
    )


def _read_role(arn: str | None, *, is_mocked: bool) -> str:
    if arn is None:
        if not is_mocked:
            raise ValidationException("A roleArn is required unless a mock is specified.")
        return ""
    found = find_arn(arn)
    if found is None or found.service != "iam":
        raise InvalidArn(reason=f"Invalid Role Arn: {arn}")
    return arn


def _read_input(text: str, limits: Limits) -> Any:
    return read_payload(check_input(text, limits))


def _read_variables(text: str | None) -> dict[str, Any]:
    variables = find_object(_EMPTY if text is None else text)
    if variables is None:
        raise ValidationException("The variables must be a JSON object.")
    return variables
