"""Starting: from a state machine, a name and an input to an execution that runs."""

from __future__ import annotations

from typing import Any

from fogline.aws.call import Trace
from fogline.services.stepfunctions.engine.engine import Engine
from fogline.services.stepfunctions.engine.execution import Facts
from fogline.services.stepfunctions.engine.promises import EXPRESS_TOPIC, promised_facts
from fogline.services.stepfunctions.executions import Executions
from fogline.services.stepfunctions.limits import Limits
from fogline.services.stepfunctions.machines import RunnableMachine
from fogline.store.store import Tx
from fogline.world.ids import Ids

_CHANCE_DIGITS = 16
_TRACE_DIGITS = 16


def make_facts(
    ids: Ids,
    definition: str,
    runnable: RunnableMachine,
    name: str,
    now: int,
    trace: Trace,
    mock_case: str = "",
) -> Facts:
    """What an execution is; `definition` is the id that its definition is kept under."""
    *prefix, _, machine = runnable.arn.split(":")
    is_express = runnable.type == "EXPRESS"
    # Later ones are larger: rows that are written together lie together.
    id = f"{ids.ordered(now):016x}{ids.hex(_CHANCE_DIGITS)}"
    kind, tail = ("express", f"{name}:{ids.uuid()}") if is_express else ("execution", name)
    return Facts(
        id=id,
        arn=":".join([*prefix, kind, machine, tail]),
        name=name,
        account=prefix[4],
        region=prefix[3],
        machine_arn=runnable.arn,
        machine_name=machine,
        is_express=is_express,
        definition=definition,
        role_arn=runnable.role_arn,
        started_at=now,
        trace=Trace(trace.trace_id, ids.hex(_TRACE_DIGITS), trace.id),
        mock_case=mock_case,
        logging=runnable.logging,
        version_arn=runnable.version_arn,
        alias_arn=runnable.alias_arn,
    )


def start_standard(
    engine: Engine,
    executions: Executions,
    limits: Limits,
    ids: Ids,
    tx: Tx,
    runnable: RunnableMachine,
    name: str,
    input_text: str,
    trace: Trace,
    now: int,
    mock_case: str = "",
    trace_header: str = "",
) -> Facts:
    """Start a Standard execution under a name that is free, in the caller's transaction."""
    definition = executions.definitions.keep(tx, runnable.definition)
    facts = make_facts(ids, definition, runnable, name, now, trace, mock_case)
    engine.start(
        tx,
        facts,
        input_text,
        now,
        seconds_max=limits.standard_seconds_max,
        more=told_of(runnable, trace_header),
    )
    return facts


def start_express(
    executions: Executions,
    ids: Ids,
    tx: Tx,
    runnable: RunnableMachine,
    name: str,
    input_text: str,
    trace: Trace,
    now: int,
    mock_case: str = "",
) -> Facts:
    """Promise an Express execution, in the caller's transaction: it is run at least once.

    Its name need not be free: AWS runs another execution of the same name.
    """
    definition = executions.definitions.keep(tx, runnable.definition)
    facts = make_facts(ids, definition, runnable, name, now, trace, mock_case)
    executions.promises.add(tx, facts.id, now, promised_facts(facts), input_text)
    tx.stir(EXPRESS_TOPIC)
    return facts


def told_of(runnable: RunnableMachine, trace_header: str = "") -> dict[str, Any]:
    """What those who describe an execution are told of where it was started from."""
    told = {
        "version": runnable.version_arn,
        "alias": runnable.alias_arn,
        "revision": runnable.revision_id,
        "updated_at": runnable.updated_at,
        "is_traced": runnable.is_traced,
        "trace_header": trace_header,
    }
    return {name: value for name, value in told.items() if value}
