"""The items of a Map under test: read, selected and put in batches, as its iterations would be given them."""

from __future__ import annotations

import asyncio

from fogline.aws.errors import ValidationException
from fogline.services.stepfunctions.distributed.failures import ToleranceExceeded
from fogline.services.stepfunctions.distributed.tolerance import Tolerance
from fogline.services.stepfunctions.engine.fan_outs import selected_item
from fogline.services.stepfunctions.engine.payloads import payload_text
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.service import StepFunctions
from fogline.services.stepfunctions.state_testing.asked import Asked
from fogline.services.stepfunctions.state_testing.fan_outs import MockedFanOuts
from fogline.services.stepfunctions.state_testing.inspection import Seen

_SELECTED_MAX = 10_000
"""How many items are shown as they were selected; of more none is."""


class MapItems:
    """Of one trial."""

    def __init__(
        self, sfn: StepFunctions, asked: Asked, fan_outs: MockedFanOuts, seen: Seen
    ) -> None:
        self._sfn = sfn
        self._asked = asked
        self._fan_outs = fan_outs
        self._seen = seen

    async def prepare(self, view: View, until: int) -> None:
        """Note what the iterations are given. Raises StateFailed, also where too many of them are said to have failed.

        Others have their turn after each item, for a selector may be costly.
        """
        state = self._asked.state
        items = self._fan_outs.items
        if state.item_selector is not None and len(items) <= _SELECTED_MAX:
            texts: list[str] = []
            room = self._sfn.limits.payload_bytes_max
            for index, item in enumerate(items):
                text = payload_text(selected_item(state, view, index, item))
                room -= len(text.encode()) + 1
                if room < 0 or self._sfn.clock.now() > until:
                    break
                texts.append(text)
                await asyncio.sleep(0)
            else:
                self._seen.texts["afterItemSelector"] = f"[{','.join(texts)}]"
        self._check_failures(len(items))

    def _check_failures(self, total: int) -> None:
        failed = self._asked.configuration.failed_iterations
        if failed > total and total:
            raise ValidationException(
                f"mapIterationFailureCount cannot be larger than the number of items, {total}."
            )
        numbers = self._seen.numbers
        tolerance = Tolerance(
            numbers.get("toleratedFailureCount") or 0,
            numbers.get("toleratedFailurePercentage") or 0.0,
        )
        if failed and tolerance.is_exceeded(failed, total):
            raise ToleranceExceeded()
