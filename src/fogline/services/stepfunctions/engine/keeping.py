"""How an execution in hand becomes rows, and comes back from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fogline.aws.call import Trace
from fogline.services.stepfunctions.branches import BranchRow, RunningRow, is_large_body
from fogline.services.stepfunctions.engine.compiled import CompiledMachine, compile_machine
from fogline.services.stepfunctions.engine.execution import (
    ROOT,
    UNREAD,
    Branch,
    Facts,
    FanOut,
    Phase,
    Run,
    Status,
    TaskInHand,
)
from fogline.services.stepfunctions.engine.journal import Journal
from fogline.services.stepfunctions.engine.payloads import payload_bytes, read_payload
from fogline.services.stepfunctions.executions import ExecutionRow, Executions
from fogline.store.store import Tx

_MACHINES_MAX = 512
_TEXT_OWN_MAX = 64
"""So long an input is written even where the branch around has the same."""


class Keeping:
    """Takes executions from their rows, and puts back what changed."""

    def __init__(self, executions: Executions) -> None:
        self._executions = executions
        # By the hash of their text: what is remembered cannot become wrong.
        self._machines: dict[str, CompiledMachine] = {}

    def machine(self, tx: Tx, id: str) -> CompiledMachine:
        """The machine of a definition that is kept."""
        found = self._machines.get(id)
        if found is None:
            found = compile_machine(self._executions.definitions.text(tx, id))
            if len(self._machines) >= _MACHINES_MAX:
                self._machines.clear()
            self._machines[id] = found
        return found

    def take(self, tx: Tx, execution: str, running: RunningRow) -> Run:
        """A running execution, in hand."""
        row = self._executions.find_by_id(tx, execution)
        assert row is not None, "what runs is known"
        facts = facts_of(row)
        journal = Journal(running.next_event, keeps=True)
        shelf = _Rows(self._executions, tx, execution)
        return Run(facts, self.machine(tx, facts.definition), journal, running.next_branch, shelf)

    def keep(self, tx: Tx, run: Run, now: int, task_due: Mapping[int, int]) -> None:
        """Write what changed. `task_due` says of the tasks just begun when they are to be performed."""
        executions, id = self._executions, run.facts.id
        if run.journal.events:
            executions.histories.add_events(tx, id, run.journal.events)
        if run.has_ended:
            root = run.branches.get(ROOT)
            if run.next_branch == 1 and root is not None and not root.is_body_large:
                executions.branches.remove_root(tx, id)
            else:
                executions.branches.remove_branches(tx, id)
            if run.status != Status.SUCCEEDED and root is not None:
                self._keep_unfinished(tx, run, root)
            executions.save_end(
                tx, id, run.status, run.ended_at, run.output_text, run.error, run.cause
            )
            return
        executions.branches.save_running(tx, id, run.journal.next_id, run.next_branch)
        for each in run.removed:
            executions.branches.remove_branch(tx, id, each)
        waiting = set(run.queue)
        for each in run.touched:
            branch = run.branches.get(each)
            if branch is None:
                continue
            if each in waiting:
                branch.due_at = now
            row = _row(branch, task_due.get(each), run.around(branch))
            if branch.is_new:
                executions.branches.add_branch(tx, id, row)
                branch.is_new = False
            else:
                executions.branches.save_branch(tx, id, row)
            if row.body is not None:
                branch.is_body_large = is_large_body(row.body)
            branch.is_body_changed = False

    def _keep_unfinished(self, tx: Tx, run: Run, root: Branch) -> None:
        """Where an execution stood that did not succeed: nothing of it is due until it is redriven."""
        unfinished = {branch.id: branch for branch in (root, *run.laid_aside)}
        for branch in unfinished.values():
            branch.due_at = branch.task = None
            branch.is_new = True
            around = None if branch.parent is None else unfinished.get(branch.parent)
            self._executions.branches.add_branch(tx, run.facts.id, _row(branch, None, around))


class _Rows:
    """The branches of an execution that are kept (answers `Shelf`)."""

    def __init__(self, executions: Executions, tx: Tx, execution: str) -> None:
        self._executions = executions
        self._tx = tx
        self._execution = execution
        self._texts: dict[int, str] = {}

    def find(self, id: int) -> Branch | None:
        row = self._executions.branches.find_branch(self._tx, self._execution, id)
        return _branch(row, self._text_of) if row else None

    def children_of(self, parent: int) -> list[Branch]:
        rows = self._executions.branches.branches_of(self._tx, self._execution, parent)
        return [_branch(row, self._text_of) for row in rows]

    def _text_of(self, id: int | None) -> str:
        """The input of a branch whose own branches are on their way: it stays as it is."""
        assert id is not None, "the first branch has an input of its own"
        if id not in self._texts:
            branch = self.find(id)
            assert branch is not None, "a branch lasts longer than those inside"
            self._texts[id] = branch.text
        return self._texts[id]

    def input_text(self) -> str:
        return self._executions.input_of(self._tx, self._execution)


# ---- executions


def facts_of(row: ExecutionRow) -> Facts:
    """What does not change of an execution, from its row."""
    kept = row.facts
    machine_arn: str = kept["machine"]
    return Facts(
        id=row.id,
        arn=execution_arn(row),
        name=row.name,
        account=row.account,
        region=row.region,
        machine_arn=machine_arn,
        machine_name=machine_arn.rpartition(":")[2],
        is_express=False,
        definition=kept["definition"],
        role_arn=kept["role"],
        started_at=row.started_at,
        trace=Trace(*kept["trace"]),
        redrive_count=kept.get("redrives", 0),
        redriven_at=kept.get("redriven_at"),
        mock_case=kept.get("mock", ""),
        logging=kept.get("logging", {}),
        map_run=row.map_run,
        context=kept.get("context", {}),
        version_arn=kept.get("version", ""),
        alias_arn=kept.get("alias", ""),
    )


def kept_facts(facts: Facts, **more: Any) -> dict[str, Any]:
    """The same as they are kept beside the row's columns."""
    kept: dict[str, Any] = {
        "machine": facts.machine_arn,
        "definition": facts.definition,
        "role": facts.role_arn,
        "trace": list(facts.trace),
        **more,
    }
    optional = {
        "redrives": facts.redrive_count,
        "redriven_at": facts.redriven_at,
        "mock": facts.mock_case,
        "logging": facts.logging,
        "context": facts.context,
    }
    return kept | {name: value for name, value in optional.items() if value}


def execution_arn(row: ExecutionRow) -> str:
    return f"arn:aws:states:{row.region}:{row.account}:execution:{row.machine}:{row.name}"


# ---- branches: short names, because these rows are written most


def _row(branch: Branch, task_due: int | None, around: Branch | None) -> BranchRow:
    place: dict[str, Any] = {
        "p": int(branch.phase),
        "s": branch.state,
        "x": branch.index,
        "l": branch.last_id,
        "b": branch.before_id,
        "e": branch.entered_id,
        "t": branch.entered_at,
    }
    if branch.retries:
        place["r"] = list(branch.retries.items())
    task = branch.task
    if task is not None:
        place["k"] = [
            task.attempt,
            task.timeout_at,
            task.heartbeat_ms,
            task.heartbeat_at,
            task.token,
            task.awaits,
            task.is_given,
            task.role_arn,
        ]
    fan_out = branch.fan_out
    if fan_out is not None:
        place["f"] = [
            fan_out.count,
            fan_out.begun,
            fan_out.ended,
            fan_out.at_once,
            fan_out.characters,
        ]
    body = _body(branch, around) if branch.is_body_changed or branch.is_new else None
    if task is not None and task_due is None:
        task_due = task.performed_until
    is_large = branch.is_body_large
    return BranchRow(branch.id, branch.parent, branch.due_at, task_due, place, body, is_large)


def _body(branch: Branch, around: Branch | None) -> bytes:
    if branch.phase is Phase.ENDED:
        return payload_bytes({"o": branch.output_text})
    body: dict[str, Any] = {"i": branch.text}
    if around is not None and len(branch.text) > _TEXT_OWN_MAX and branch.text == around.text:
        body["i"] = None  # a thousand branches with the same input have it once
    if branch.variables:
        body["v"] = branch.variables
    if branch.fan_out is not None and branch.fan_out.items is not None:
        body["m"] = branch.fan_out.items
    if branch.task is not None and branch.task.input_text:
        body["k"] = branch.task.input_text
    return payload_bytes(body)


def _branch(row: BranchRow, text_of: Callable[[int | None], str]) -> Branch:
    place, body = row.place, read_payload(row.body or b"{}")
    text = body.get("i", "")
    if text is None:
        text = text_of(row.parent)
    branch = Branch(row.id, row.parent, place["x"], place["s"], UNREAD, text, place["l"])
    branch.phase = Phase(place["p"])
    branch.due_at = row.due_at
    branch.before_id, branch.entered_id, branch.entered_at = place["b"], place["e"], place["t"]
    branch.retries = dict(place.get("r", ()))
    branch.variables = body.get("v", {})
    branch.output_text = body.get("o", "")
    if "k" in place:
        attempt, timeout_at, heartbeat_ms, heartbeat_at, token, awaits, given, role = place["k"]
        branch.task = TaskInHand(
            attempt,
            timeout_at,
            heartbeat_ms,
            heartbeat_at,
            token,
            awaits,
            body.get("k", ""),
            given,
            role,
            row.task_due,
        )
    if "f" in place:
        branch.fan_out = FanOut(*[*place["f"][:4], body.get("m"), *place["f"][4:]])
    branch.is_new = branch.is_body_changed = False
    branch.is_body_large = row.is_large
    return branch
