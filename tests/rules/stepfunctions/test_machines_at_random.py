"""Whatever a machine is made of, it ends, its history is whole, and where it is kept in between changes nothing."""

from __future__ import annotations

import json
from collections import Counter

from hypothesis import given, settings
from tests.rules.stepfunctions.machines_at_random import inputs, machines

from fogline.aws.call import Trace
from fogline.aws.states.machine import diagnose
from fogline.services.stepfunctions.engine.compiled import compile_machine
from fogline.services.stepfunctions.engine.execution import UNREAD, Facts, Run
from fogline.services.stepfunctions.engine.interpreter import Interpreter
from fogline.services.stepfunctions.engine.journal import Journal
from fogline.services.stepfunctions.engine.keeping import Keeping, kept_facts
from fogline.services.stepfunctions.executions import ExecutionRow, Executions, RunningRow
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.schema import SCHEMA
from fogline.store import documents
from fogline.store.schema import migrate
from fogline.store.sqlite import SqliteStore
from fogline.world.ids import Ids

ARN = "arn:aws:states:us-east-1:000000000000:execution:m:e"
TURNS_MAX = 20_000
TERMINAL = {"ExecutionSucceeded", "ExecutionFailed"}


def make_interpreter():
    return Interpreter(Ids(1), Limits(), None, None, None)


def make_facts(definition):
    machine = ARN.replace(":execution:", ":stateMachine:").removesuffix(":e")
    return Facts(
        "e", ARN, "e", "000000000000", "us-east-1", machine, "m", False, definition, "r", 0,
        Trace("t", "i"),
    )  # fmt: skip


class Alone:
    """The shelf of an execution that is never put down."""

    def __init__(self, text):
        self._text = text

    def find(self, id):
        return None

    def children_of(self, parent):
        return []

    def input_text(self):
        return self._text


def run_in_memory(definition, text, at_once=1_000_000):
    interpreter = make_interpreter()
    run = Run(make_facts(""), compile_machine(definition), Journal(2, keeps=True), 0, Alone(text))
    run.add_branch(None, 0, run.machine.start_at, UNREAD, text, 0)
    now = 0
    for _ in range(TURNS_MAX):
        interpreter.go(run, now, at_once, seconds_max=60)
        if run.has_ended:
            break
        if run.queue:
            continue
        waiting = [(one.due_at, one.id) for one in run.branches.values() if one.due_at is not None]
        waiting = [each for each in waiting if each[0] > now]
        assert waiting, "nothing is due, and it has not ended"
        now = min(waiting)[0]
        for due_at, id in sorted(waiting):
            branch = run.branch(id)
            if due_at == now and branch is not None and branch.due_at == now:
                interpreter.wake(run, branch, now)
    return run, run.journal.events


def run_kept(definition, text):
    """The same, taken from its rows before every transition and put back after it."""
    store = SqliteStore(None)
    migrate(store, (documents.SCHEMA, SCHEMA))
    executions = Executions(store)
    keeping = Keeping(executions)
    interpreter = make_interpreter()
    with store.write() as tx:
        facts = make_facts(executions.definitions.keep(tx, definition))
        row = ExecutionRow(
            "e", facts.account, facts.region, "m", "e", "RUNNING", 0, None, "", kept_facts(facts),
            None, None,
        )  # fmt: skip
        executions.add(tx, row, text, RunningRow(2, 1, None, ""))
        run = Run(
            facts, keeping.machine(tx, facts.definition), Journal(2, keeps=True), 0, Alone(text)
        )
        run.add_branch(None, 0, run.machine.start_at, UNREAD, text, 0)
        keeping.keep(tx, run, 0, {})
    events, queue, now = [], [0], 0
    for _ in range(TURNS_MAX):
        with store.write() as tx:
            run = keeping.take(tx, "e", executions.branches.hold(tx, "e"))
            run.queue.extend(queue)
            if not queue:
                due = executions.branches.next_due(tx, now)
                assert due is not None, "nothing is due, and it has not ended"
                now = due
                for _, id in sorted(executions.branches.due_branches(tx, now, 1_000)):
                    branch = run.branch(id)
                    if branch is not None and branch.due_at == now and not run.has_ended:
                        interpreter.wake(run, branch, now)
            else:
                interpreter.go(run, now, 1, seconds_max=60)
            queue = list(run.queue)
            keeping.keep(tx, run, now, {})
            events += run.journal.events
        if run.has_ended:
            break
    with store.read() as tx:
        assert executions.histories.events_from(tx, "e", 2, 10**6, 10**9) == events
    store.close()
    return run, events


def outcome(run):
    return run.status, run.output_text, run.error, run.cause


@settings(max_examples=150, deadline=None)
@given(machines(), inputs)
def test_a_machine_ends_with_a_whole_history(machine, given):
    definition = json.dumps(machine)
    assert diagnose(definition, "STANDARD") == []
    run, events = run_in_memory(definition, json.dumps(given))
    assert run.has_ended
    assert [event["id"] for event in events] == list(range(2, len(events) + 2))
    assert all(0 <= event["previousEventId"] < event["id"] for event in events)
    types = [event["type"] for event in events]
    assert sum(type in TERMINAL for type in types) == 1
    assert types[-1] in TERMINAL
    entered = Counter(
        e["stateEnteredEventDetails"]["name"] for e in events if "stateEnteredEventDetails" in e
    )
    exited = Counter(
        e["stateExitedEventDetails"]["name"] for e in events if "stateExitedEventDetails" in e
    )
    assert not exited - entered
    if run.status == "SUCCEEDED" and "Catch" not in definition and "Retry" not in definition:
        assert entered == exited


@settings(max_examples=100, deadline=None)
@given(machines(), inputs)
def test_a_machine_that_is_put_down_after_every_transition_goes_the_same_way(machine, given):
    definition, text = json.dumps(machine), json.dumps(given)
    whole, events = run_in_memory(definition, text)
    kept, same = run_kept(definition, text)
    assert outcome(kept) == outcome(whole)
    assert same == events
