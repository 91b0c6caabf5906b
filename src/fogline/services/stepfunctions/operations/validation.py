"""Definitions checked without a state machine being made of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.states.machine import Severity, diagnose
from fogline.services.stepfunctions.service import StepFunctions

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types

Result = Mapping[str, Any]


def validate_state_machine_definition(
    service: StepFunctions, call: Call, request: types.ValidateStateMachineDefinitionInputTypeDef
) -> Result:
    found = diagnose(request["definition"], request.get("type", "STANDARD"))
    has_errors = any(one.severity is Severity.ERROR for one in found)
    if request.get("severity", Severity.ERROR) == Severity.ERROR:
        found = [one for one in found if one.severity is Severity.ERROR]
    limit = request.get("maxResults") or service.limits.diagnostics_max
    return {
        "result": "FAIL" if has_errors else "OK",
        "diagnostics": [
            {
                "severity": one.severity.value,
                "code": one.code,
                "message": one.message,
                **({"location": one.location} if one.location is not None else {}),
            }
            for one in found[:limit]
        ],
        "truncated": len(found) > limit,
    }
