"""States tested alone, before there is a machine or an execution of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.state_testing.asked import read_asked
from fogline.services.stepfunctions.state_testing.report import report_of
from fogline.services.stepfunctions.state_testing.trial import Trial

if TYPE_CHECKING:
    from types_boto3_stepfunctions import type_defs as types


async def test_state(
    sfn: StepFunctions, call: Call, request: types.TestStateInputTypeDef
) -> Mapping[str, Any]:
    """https://docs.aws.amazon.com/step-functions/latest/apireference/API_TestState.html"""
    asked = read_asked(sfn.api, sfn.limits, request)
    outcome = await Trial(sfn, call, asked).perform()
    return report_of(asked, outcome, sfn.limits)
