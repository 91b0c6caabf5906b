"""Task states: how a task is begun, answered, timed out and given up, and what the history says of it.

Three kinds of resources have events of their own: functions, activities, and all others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fogline.aws.arn import find_arn
from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.aws.states.machine.model import TaskState
from fogline.aws.states.machine.resources import Kind, Pattern, Resource
from fogline.aws.states.texts import json_text
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.context import view_of
from fogline.services.stepfunctions.engine.execution import (
    Beginning,
    Branch,
    Phase,
    Run,
    TaskInHand,
)
from fogline.services.stepfunctions.engine.journal import WHOLE
from fogline.services.stepfunctions.engine.payloads import (
    payload_text,
    read_payload,
    require_input,
    require_payload,
)
from fogline.services.stepfunctions.engine.performing import Performing
from fogline.services.stepfunctions.engine.tokens import Place, token_of
from fogline.services.stepfunctions.engine.view import View
from fogline.services.stepfunctions.tasks.causes import unusable
from fogline.services.stepfunctions.tasks.task import Task, TaskFailed
from fogline.world.clock import SECOND

if TYPE_CHECKING:
    from fogline.services.stepfunctions.engine.interpreter import Interpreter

TIMEOUT = "States.Timeout"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
_ATTEMPT_DIGITS = 24


class TaskStates:
    """Part of the interpreter."""

    def __init__(self, interpreter: Interpreter, performing: Performing) -> None:
        self._interpreter = interpreter
        self._performing = performing

    def begin(self, run: Run, branch: Branch, state: CompiledState, view: View) -> None:
        """Begin the state's task; what can be done at once is done. Raises StateFailed."""
        resource = resource_of(state)
        attempt = self._interpreter.ids.hex(_ATTEMPT_DIGITS)
        has_token = (
            resource.pattern is Pattern.WAIT_FOR_TASK_TOKEN or resource.kind is Kind.ACTIVITY
        )
        token = token_of(Place(run.facts.id, branch.id, attempt))
        if has_token and state.uses_context:
            view = view_of(run, branch, state, self._interpreter.ids, view.now, token)
        given = state.fields.task_input(view)
        timeout = state.timeout_seconds(view) if state.timeout_seconds is not None else None
        heartbeat = state.heartbeat_seconds(view) if state.heartbeat_seconds is not None else None
        credentials = state.credentials(view) if state.credentials is not None else None
        refusal = None
        if resource.kind is not Kind.ACTIVITY:
            refusal = self._performing.refusal(resource)
            if refusal is None and not run.facts.mock_case:
                self._require_usable(resource, given)
        text = branch.text if given is branch.input else payload_text(given)
        require_input(text, state.name, self._interpreter.limits.payload_bytes_max)
        now = view.now
        branch.task = TaskInHand(
            attempt=attempt,
            timeout_at=None if timeout is None else now + timeout * SECOND,
            heartbeat_ms=None if heartbeat is None else heartbeat * SECOND,
            heartbeat_at=None if heartbeat is None else now + heartbeat * SECOND,
            token=token if has_token else "",
            role_arn=role_of(credentials),
        )
        branch.phase = Phase.WORKING
        branch.due_at = branch.task.due_at
        self._schedule(run, branch, resource, text, timeout, heartbeat, credentials, now)
        if resource.kind is Kind.ACTIVITY:
            branch.task.awaits = resource.arn
            branch.task.input_text = text
            branch.is_body_changed = True
            run.offered.append((resource.arn, token))
            return
        mocked = run.facts.mock_case and self._interpreter.mocks.answer(run, branch, state)
        if mocked:
            self._take_mocked(run, branch, mocked, now)
            return
        named = branch.task.role_arn
        task = _asked(run, resource, given, named, token if has_token else "", now)
        if refusal is not None:
            self.fail(run, branch, RUNTIME, refusal, now)
        else:
            self._perform(run, branch, task, text, now)

    def _require_usable(self, resource: Resource, given: Any) -> None:
        problems = self._performing.problems(resource, given)
        if problems:
            failed = unusable(given, problems)
            raise StateFailed(failed.error, failed.cause)

    def _perform(self, run: Run, branch: Branch, task: Task, text: str, now: int) -> None:
        assert branch.task is not None, "it was just begun"
        if not self._performing.is_immediate(task.resource):
            branch.task.input_text = text
            branch.is_body_changed = True
            run.begun.append(Beginning(branch.id, branch.task.attempt, task))
        else:
            try:
                result = self._performing.perform(task)
            except TaskFailed as failed:
                self.fail(run, branch, failed.error, failed.cause, now)
            else:
                self.answer(run, branch, result, now)

    def _take_mocked(self, run: Run, branch: Branch, mocked: Any, now: int) -> None:
        if mocked.is_failure:
            self.fail(run, branch, mocked.error, mocked.cause, now)
            return
        resource = resource_of(run.machine.states[branch.state])
        if resource.pattern.waits:
            self._submitted(run, branch, resource, mocked.result, now)
        self.succeed(run, branch, mocked.result, now)

    def again(self, run: Run, branch: Branch, now: int) -> Beginning | None:
        """The task in hand, to be performed (again), as it was asked first; None if there is none."""
        task = branch.task
        if task is None or task.awaits or task.performed_until is None:
            return None
        resource = resource_of(run.machine.states[branch.state])
        given = read_payload(task.input_text or branch.text)
        asked = _asked(run, resource, given, task.role_arn, task.token, now)
        return Beginning(branch.id, task.attempt, asked)

    # ---- how tasks end

    def answer(self, run: Run, branch: Branch, result: Any, now: int) -> None:
        """The service answered: that is the result, or the beginning of a longer wait."""
        resource = resource_of(run.machine.states[branch.state])
        if not resource.pattern.waits:
            self.succeed(run, branch, result, now)
            return
        self._submitted(run, branch, resource, result, now)
        task = branch.task
        assert task is not None, "its task is in hand"
        task.performed_until = None
        if task.input_text:
            task.input_text = ""
            branch.is_body_changed = True
        if resource.pattern is not Pattern.WAIT_FOR_TASK_TOKEN:
            task.awaits = result["ExecutionArn"]
            place = Place(run.facts.id, branch.id, task.attempt)
            run.awaited.append((task.awaits, token_of(place)))

    def succeed(
        self, run: Run, branch: Branch, result: Any, now: int, text: str | None = None
    ) -> None:
        """The task has this result (`text`: as it was written)."""
        state = run.machine.states[branch.state]
        resource = resource_of(state)
        limit = self._interpreter.limits.payload_bytes_max
        try:
            shown = payload_text(result) if text is None else text
            of = resource.arn if resource.kind is not Kind.OPTIMIZED else resource.service
            require_payload(shown, of, limit)
        except StateFailed as failed:
            self.fail(run, branch, failed.error, failed.cause, now)
            return
        output = {"output": shown, "outputDetails": WHOLE}
        self._ended(run, branch, resource, "Succeeded", output, now)
        branch.task = None
        view = view_of(run, branch, state, self._interpreter.ids, now)
        self._interpreter.finish(run, branch, state, view, result)

    def fail(
        self, run: Run, branch: Branch, error: str | None, cause: str | None, now: int
    ) -> None:
        """The task failed."""
        state = run.machine.states[branch.state]
        self._ended(run, branch, resource_of(state), "Failed", _told(error, cause), now)
        self._interpreter.fail(run, branch, state, error, cause, now)

    def time_out(self, run: Run, branch: Branch, now: int) -> None:
        """The task, or its next heartbeat, took too long."""
        task = branch.task
        if task is None or task.due_at is None or task.due_at > now:
            branch.due_at = None if task is None else task.due_at
            return
        is_late = task.timeout_at is not None and task.timeout_at <= now
        error = TIMEOUT if is_late else HEARTBEAT_TIMEOUT
        state = run.machine.states[branch.state]
        self.let_go(run, branch)
        self._ended(run, branch, resource_of(state), "TimedOut", _told(error, None), now)
        self._interpreter.fail(run, branch, state, error, None, now)

    def beat(self, run: Run, branch: Branch, now: int) -> None:
        """A heartbeat: the task has its whole time for the next one."""
        task = branch.task
        assert task is not None, "its task is in hand"
        if task.heartbeat_ms is not None:
            task.heartbeat_at = now + task.heartbeat_ms
            branch.due_at = task.due_at
        run.touched.add(branch.id)

    def give(self, run: Run, branch: Branch, worker: str, now: int) -> str:
        """A worker takes an activity's task; gives its input."""
        task = branch.task
        assert task is not None, "its task is in hand"
        task.is_given = True
        branch.is_body_changed = True
        facts = {"workerName": worker} if worker else {}
        branch.last_id = run.journal.add(
            now, "ActivityStarted", branch.last_id, "activityStartedEventDetails", facts
        )
        self.beat(run, branch, now)
        return task.input_text or branch.text

    def let_go(self, run: Run, branch: Branch) -> None:
        """Nobody waits for the branch's task any more."""
        task, branch.task = branch.task, None
        if (task is not None and ":execution:" in task.awaits) or (
            task is not None and ":mapRun:" in task.awaits
        ):
            run.stopped.append(task.awaits)

    # ---- what the history says

    def _schedule(
        self,
        run: Run,
        branch: Branch,
        resource: Resource,
        text: str,
        timeout: int | None,
        heartbeat: int | None,
        credentials: Any,
        now: int,
    ) -> None:
        journal = run.journal
        facts: dict[str, Any]
        if resource.kind is Kind.FUNCTION or resource.kind is Kind.ACTIVITY:
            facts = {"resource": resource.arn, "input": text, "inputDetails": WHOLE}
        else:
            facts = {
                **_names(resource),
                "region": run.facts.region,
                "parameters": text,
            }
        if timeout is not None:
            facts["timeoutInSeconds"] = timeout
        if heartbeat is not None and resource.kind is not Kind.FUNCTION:
            facts["heartbeatInSeconds"] = heartbeat
        if credentials is not None and resource.kind is not Kind.ACTIVITY:
            facts["taskCredentials"] = {"roleArn": role_of(credentials)}
        if resource.kind is Kind.ACTIVITY:
            name, details = "ActivityScheduled", "activityScheduledEventDetails"
        elif resource.kind is Kind.FUNCTION:
            name, details = "LambdaFunctionScheduled", "lambdaFunctionScheduledEventDetails"
        else:
            name, details = "TaskScheduled", "taskScheduledEventDetails"
        branch.last_id = journal.add(now, name, branch.last_id, details, facts)
        if resource.kind is Kind.FUNCTION:
            branch.last_id = journal.add(now, "LambdaFunctionStarted", branch.last_id)
        elif resource.kind is not Kind.ACTIVITY:
            branch.last_id = journal.add(
                now, "TaskStarted", branch.last_id, "taskStartedEventDetails", _names(resource)
            )

    def _submitted(
        self, run: Run, branch: Branch, resource: Resource, result: Any, now: int
    ) -> None:
        branch.last_id = run.journal.add(
            now,
            "TaskSubmitted",
            branch.last_id,
            "taskSubmittedEventDetails",
            {**_names(resource), "output": json_text(result), "outputDetails": WHOLE},
        )

    def _ended(
        self,
        run: Run,
        branch: Branch,
        resource: Resource,
        how: str,
        facts: dict[str, Any],
        now: int,
    ) -> None:
        if resource.kind is Kind.ACTIVITY:
            name, details = f"Activity{how}", f"activity{how}EventDetails"
        elif resource.kind is Kind.FUNCTION:
            name, details = f"LambdaFunction{how}", f"lambdaFunction{how}EventDetails"
        else:
            name, details = f"Task{how}", f"task{how}EventDetails"
            facts = {**_names(resource), **facts}
        branch.last_id = run.journal.add(now, name, branch.last_id, details, facts)


def _asked(run: Run, resource: Resource, given: Any, named: str, token: str, now: int) -> Task:
    """The task as it is asked. `named` is the role of its `Credentials`, which may be another account's."""
    facts = run.facts
    role = find_arn(named)
    return Task(
        resource=resource,
        input=given,
        account=role.account if role and role.account else facts.account,
        region=facts.region,
        role_arn=named or facts.role_arn,
        execution_arn=facts.arn,
        trace=facts.trace,
        now=now,
        token=token,
    )


def _remember_input(branch: Branch, text: str) -> None:
    """Keep what the task is asked, for whoever asks it later; "" is the state's own input."""
    assert branch.task is not None, "it was just begun"
    if text != branch.text:
        branch.task.input_text = text
        branch.is_body_changed = True


def resource_of(state: CompiledState) -> Resource:
    assert isinstance(state.model, TaskState), "only tasks have a resource"
    return state.model.resource


def role_of(credentials: Any) -> str:
    """The role that a task's `Credentials` name."""
    role = credentials.get("RoleArn") if isinstance(credentials, dict) else None
    return role if isinstance(role, str) else ""


def _names(resource: Resource) -> dict[str, Any]:
    service = f"aws-sdk:{resource.service}" if resource.kind is Kind.SDK else resource.service
    return {"resourceType": service, "resource": f"{resource.action}{resource.pattern}"}


def _told(error: str | None, cause: str | None) -> dict[str, Any]:
    facts = {"error": error, "cause": cause}
    return {name: text for name, text in facts.items() if text is not None}
