"""Turns: executions that never wait are left now and then, so that everything else has its turn."""

from __future__ import annotations

import asyncio

import pytest

from fogline.aws.call import Trace
from fogline.services.stepfunctions.engine.compiled import compile_machine
from fogline.services.stepfunctions.engine.execution import UNREAD, Facts, Run
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.journal import Journal
from fogline.services.stepfunctions.engine.turns import Turns
from fogline.services.stepfunctions.limits import Limits
from fogline.world.ids import Ids

ROUND = """{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Choice",
    "Choices": [{"Variable": "$.end", "IsPresent": true, "Next": "C"}], "Default": "A"},
    "C": {"Type": "Succeed"}}}"""


@pytest.fixture
def interpreter():
    """For states that have no tasks."""
    return Interpreter(Ids(1), Limits(), None, None, None)


@pytest.fixture
def make_run():
    """Makes executions that go round and round."""

    def make_run(input_text="{}"):
        arn = "arn:aws:states:us-east-1:000000000000:execution:m:e"
        facts = Facts("e", arn, "e", "0", "r", arn, "m", False, "", "", 0, Trace("t", "i"))
        run = Run(facts, compile_machine(ROUND), Journal(2, keeps=True), 0, None)
        run.add_branch(None, 0, "A", UNREAD, input_text, 0)
        return run

    return make_run


def entered(run):
    return sum("stateEnteredEventDetails" in event for event in run.journal.events)


def test_a_turn_has_so_many_transitions(interpreter, make_run):
    run = make_run()
    interpreter.go(run, 0, 10, seconds_max=60)
    assert entered(run) == 10
    assert run.queue


def test_a_turn_whose_time_is_over_has_one_transition(interpreter, make_run):
    run = make_run()
    interpreter.go(run, 0, 10, seconds_max=0)
    assert entered(run) == 1


def test_a_turn_writes_a_bounded_history(interpreter, make_run):
    run = make_run('{"x": "%s"}' % ("x" * 200_000))
    interpreter.go(run, 0, 100, seconds_max=60)
    assert entered(run) == 4


def test_coroutines_share_the_rounds_of_the_loop():
    rounds = []

    async def one(turns, number):
        await turns.take(lambda: rounds[-1].append(number))

    async def count():
        while len(rounds) < 10:
            rounds.append([])
            await asyncio.sleep(0)

    async def all_of_them():
        turns = Turns(round_seconds_max=0)
        await asyncio.gather(count(), *(one(turns, number) for number in range(4)))

    asyncio.run(all_of_them())
    assert sorted(number for each in rounds for number in each) == [0, 1, 2, 3]
    assert max(map(len, rounds)) == 1
