"""What the answer says of a state that was tested, at each level of inspection."""

from __future__ import annotations

from typing import Any

from fogline.aws.states.texts import json_text
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.state_testing.asked import Asked
from fogline.services.stepfunctions.state_testing.trial import Outcome


def report_of(asked: Asked, outcome: Outcome, limits: Limits) -> dict[str, Any]:
    """The answer."""
    shown: dict[str, Any] = {"status": outcome.status}
    if outcome.output is not None:
        shown["output"] = outcome.output
    if outcome.error is not None:
        shown["error"] = outcome.error[: limits.error_characters_max]
    if outcome.cause is not None:
        shown["cause"] = outcome.cause[: limits.cause_characters_max]
    if outcome.next_state is not None:
        shown["nextState"] = outcome.next_state
    if asked.shows_data:
        shown["inspectionData"] = _inspection(asked, outcome)
    return shown


def _inspection(asked: Asked, outcome: Outcome) -> dict[str, Any]:
    shown: dict[str, Any] = {"input": asked.input_text}
    for member, value in outcome.values.items():
        shown[member] = asked.texts.of(value)
    shown |= outcome.texts
    shown |= outcome.numbers
    shown |= outcome.exchange
    if outcome.variables:
        shown["variables"] = json_text(outcome.variables)
    if outcome.error_details:
        shown["errorDetails"] = outcome.error_details
    return shown
