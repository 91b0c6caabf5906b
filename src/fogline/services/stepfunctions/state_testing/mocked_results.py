"""Mocked results of services: whether the service could have answered so, by its own model.

https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html#mock-validation-modes
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.errors import AwsError, ValidationException
from fogline.aws.sdk_names import boto3_name
from fogline.aws.states.machine.resources import Kind, Pattern, Resource
from fogline.ports.api import Api
from fogline.ports.contracts import Contract, Shape
from fogline.services.stepfunctions.tasks.names import capitalised, pascal_case

STRICT, PRESENT, NONE = "STRICT", "PRESENT", "NONE"

_SERVICES = {
    "bedrock": "bedrock-runtime",
    "elasticmapreduce": "emr",
    "mediaconvert": "mediaconvert",
    "states": "stepfunctions",
}
"""Of tuned integrations, where boto3 has another name for the service."""
_POLLED = {
    ("athena", "startQueryExecution"): ("athena", "GetQueryExecution"),
    ("states", "startExecution"): ("stepfunctions", "DescribeExecution"),
}
"""What a `.sync` task asks again and again until it is done: its answer is the result."""
_APART: Mapping[tuple[str, str], frozenset[str]] = {("lambda", "invoke"): frozenset({"Payload"})}
"""Members that the tuned integration shows as the JSON that they hold."""
_PARSED = frozenset({"Input", "Output"})
_KINDS: Mapping[str, tuple[tuple[type, ...], str]] = {
    "structure": ((dict,), "an object"),
    "map": ((dict,), "an object"),
    "list": ((list,), "an array"),
    "string": ((str,), "a string"),
    "character": ((str,), "a string"),
    "blob": ((str,), "a string"),
    "timestamp": ((str,), "a string"),
    "boolean": ((bool,), "a boolean"),
    "byte": ((int, float), "a number"),
    "short": ((int, float), "a number"),
    "integer": ((int, float), "a number"),
    "long": ((int, float), "a number"),
    "float": ((int, float), "a number"),
    "double": ((int, float), "a number"),
}
_LENGTHS = frozenset({"string", "blob", "list", "map"})
_NUMBERS = frozenset({"byte", "short", "integer", "long", "float", "double"})


def check_result(api: Api, resource: Resource, result: Any, mode: str) -> None:
    """Refuse what the service would never answer. Raises ValidationException.

    Members that the model does not know are not looked at, in whatever mode (recorded:
    test_strict_mode_mock_result_field_not_in_api_spec).
    """
    if mode == NONE:
        return
    contract = _find_contract(api, resource)
    if contract is None or contract.output is None:
        return
    is_sdk = resource.kind is Kind.SDK
    apart = frozenset() if is_sdk else _APART.get((resource.service, resource.action), frozenset())
    if resource.pattern is Pattern.SYNC_2:
        apart |= _PARSED
    check = _Check(pascal_case if is_sdk else capitalised, mode == STRICT)
    if not isinstance(result, dict):
        raise _refused("The result must be an object")
    check.structure(contract.output, result, apart)


def _find_contract(api: Api, resource: Resource) -> Contract | None:
    """The operation whose answer is the result, where there is one that AWS describes."""
    if resource.kind is Kind.SDK:
        service, operation = boto3_name(resource.service), capitalised(resource.action)
    elif resource.kind is Kind.OPTIMIZED:
        service = _SERVICES.get(resource.service, resource.service)
        operation = capitalised(resource.action)
    else:
        return None  # a function answers what it likes, and so do workers
    if resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN:
        return None  # whoever has the token answers
    if resource.pattern is not Pattern.REQUEST_RESPONSE:
        polled = _POLLED.get((resource.service, resource.action))
        if polled is None:
            return None
        service, operation = polled
    if resource.kind is Kind.OPTIMIZED and service in ("http", "apigateway", "eks"):
        return None  # "Mock validation is not supported for" these
    try:
        return api.contract(service, operation)
    except (AwsError, LookupError):
        return None


class _Check:
    """One result against one model; `name` spells members as the integration shows them."""

    def __init__(self, name: Callable[[str], str], is_strict: bool) -> None:
        self._name = name
        self._is_strict = is_strict

    def structure(
        self, shape: Shape, value: Mapping[str, Any], apart: frozenset[str] = frozenset()
    ) -> None:
        if self._is_strict:
            for name in shape.required:
                if self._name(name) not in value:
                    raise _refused(f"Required field '{self._name(name)}' is missing")
        for name, member in shape.members.items():
            shown = self._name(name)
            if shown in value and shown not in apart:
                self._value(member.shape, value[shown], shown)

    def _value(self, shape: Shape, value: Any, field: str) -> None:
        if shape.is_document or shape.type not in _KINDS:
            return
        types, expected = _KINDS[shape.type]
        if type(value) not in types:
            raise _refused(f"Field '{field}' must be {expected}")
        self._size(shape, value, field)
        if shape.type == "structure":
            self.structure(shape, value)
        elif shape.type == "list":
            for each in value:
                self._value(shape.member.shape, each, field)
        elif shape.type == "map":
            for each in value.values():
                self._value(shape.value.shape, each, field)

    def _size(self, shape: Shape, value: Any, field: str) -> None:
        if shape.enum and value not in shape.enum:
            raise _refused(f"Field '{field}' is not an expected value")
        if shape.type in _LENGTHS:
            if shape.min is not None and len(value) < shape.min:
                raise _refused(f"Field '{field}' is smaller than the minimum length")
            if shape.max is not None and len(value) > shape.max:
                raise _refused(f"Field '{field}' exceeds the maximum length")
        elif shape.type in _NUMBERS:
            if shape.min is not None and value < shape.min:
                raise _refused(f"Field '{field}' is less than the minimum value")
            if shape.max is not None and value > shape.max:
                raise _refused(f"Field '{field}' exceeds the maximum value")


def _refused(problem: str) -> ValidationException:
    return ValidationException(f"Mock result schema validation error: {problem}")
