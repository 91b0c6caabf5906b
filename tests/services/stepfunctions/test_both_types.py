"""Standard and Express executions of a machine come to the same end."""

from __future__ import annotations

import asyncio
import itertools
import json

from hypothesis import HealthCheck, given, settings
from tests.rules.stepfunctions.machines_at_random import inputs, machines
from tests.services.stepfunctions.conftest import ROLE

MEMBERS = ("status", "output", "error", "cause")
_names = itertools.count()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(machines(), inputs)
def test_standard_and_express_executions_end_alike(
    fogline, fogline_platform, stepfunctions, machine, given
):
    arns = {}
    for kind in ("STANDARD", "EXPRESS"):
        made = stepfunctions.create_state_machine(
            name=f"{kind}-{next(_names)}", definition=json.dumps(machine), roleArn=ROLE, type=kind
        )
        arns[kind] = made["stateMachineArn"]
    text = json.dumps(given)
    standard = stepfunctions.start_execution(stateMachineArn=arns["STANDARD"], input=text)
    fogline_platform.settle()
    platform = fogline_platform.platform

    async def express():
        cause = platform.pages.root_call("stepfunctions", fogline.id, "us-east-1")
        request = {"stateMachineArn": arns["EXPRESS"], "input": text}
        asked = asyncio.ensure_future(
            platform.dispatch.call_waiting("stepfunctions", "StartSyncExecution", request, cause)
        )
        while not asked.done():
            await asyncio.sleep(0)
            await platform.advance(1_000)
        return await asked

    ended = fogline_platform.ask(express())
    fogline_platform.advance(seconds=250)
    described = stepfunctions.describe_execution(executionArn=standard["executionArn"])
    for member in MEMBERS:
        assert described.get(member) == ended.get(member)
