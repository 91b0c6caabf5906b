"""From what a person calls a state machine or an execution to its ARN."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from fogline.aws.arn import make_arn
from fogline.cli.client import Client
from fogline.cli.exits import Failure, ServerRefused
from fogline.cli.naming import find_physical

_TYPE = "AWS::StepFunctions::StateMachine"
_NAMES_SHOWN_MAX = 12
_MACHINES_SEARCHED_MAX = 200
LATEST = "latest"


def find_machine(server: Client, name: str) -> dict[str, Any]:
    """The description of a machine by its ARN, its name, or the name a template gives it. Raises Failure."""
    if name.startswith("arn:"):
        return server.call("stepfunctions", "DescribeStateMachine", stateMachineArn=name)
    described = _describe(server, _machine_arn(server, name))
    if described is None:
        made = find_physical(server, name, _TYPE)
        described = _describe(server, made) if made else None
    if described is None:
        raise _unknown_machine(server, name)
    return described


def find_execution(server: Client, name: str) -> dict[str, Any]:
    """The description of an execution: by ARN, as MACHINE/NAME, as MACHINE (its latest), or by its name alone."""
    if name.startswith("arn:"):
        return describe_execution(server, name)
    machine, slash, own_name = name.partition("/")
    if slash:
        return find_execution_of(server, find_machine(server, machine), own_name)
    for described in _machines_named(server, name):
        return find_execution_of(server, described, LATEST)
    return _search_execution(server, name)


def find_execution_of(server: Client, machine: dict[str, Any], name: str) -> dict[str, Any]:
    """An execution of a machine by its ARN, its name, or as `latest`."""
    if name.startswith("arn:"):
        return describe_execution(server, name)
    arn = str(machine["stateMachineArn"])
    if name == LATEST:
        executions = latest_executions(server, arn, 1)
        if not executions:
            raise Failure(
                f"'{machine['name']}' has no executions yet.",
                f"Start one: fogline workflow start {machine['name']}",
            )
        return describe_execution(server, str(executions[0]["executionArn"]))
    found = _describe_execution(server, _execution_arn(arn, name))
    if found is None:
        names = [str(each["name"]) for each in latest_executions(server, arn, _NAMES_SHOWN_MAX)]
        raise Failure(
            f"'{machine['name']}' has no execution '{name}'.",
            f"The latest are: {', '.join(names)}" if names else "It has none yet.",
        )
    return found


def describe_execution(server: Client, arn: str) -> dict[str, Any]:
    return server.call("stepfunctions", "DescribeExecution", executionArn=arn)


def latest_executions(server: Client, machine_arn: str, count: int) -> list[dict[str, Any]]:
    """The executions of a machine that began last, the latest first."""
    answer = server.call(
        "stepfunctions", "ListExecutions", stateMachineArn=machine_arn, maxResults=count
    )
    return list(answer.get("executions", []))


def machines(server: Client) -> Iterator[dict[str, Any]]:
    """Every machine: name, stateMachineArn, type, creationDate."""
    for page in server.pages("stepfunctions", "ListStateMachines", "nextToken"):
        yield from page.get("stateMachines", [])


def _machine_arn(server: Client, name: str) -> str:
    return make_arn("states", server.region, server.account, f"stateMachine:{name}")


def _execution_arn(machine_arn: str, name: str) -> str:
    parts = machine_arn.split(":")
    parts[5] = "execution"
    return ":".join([*parts[:7], name])


def _describe(server: Client, arn: str) -> dict[str, Any] | None:
    try:
        return server.call("stepfunctions", "DescribeStateMachine", stateMachineArn=arn)
    except ServerRefused as refusal:
        if refusal.error in ("StateMachineDoesNotExist", "InvalidArn"):
            return None
        raise


def _describe_execution(server: Client, arn: str) -> dict[str, Any] | None:
    try:
        return describe_execution(server, arn)
    except ServerRefused as refusal:
        if refusal.error in ("ExecutionDoesNotExist", "InvalidArn"):
            return None
        raise


def _machines_named(server: Client, name: str) -> Iterator[dict[str, Any]]:
    described = _describe(server, _machine_arn(server, name))
    if described is None and (made := find_physical(server, name, _TYPE)):
        described = _describe(server, made)
    if described is not None:
        yield described


def _search_execution(server: Client, name: str) -> dict[str, Any]:
    known = []
    for machine, _ in zip(machines(server), range(_MACHINES_SEARCHED_MAX), strict=False):
        known.append(str(machine["name"]))
        if machine.get("type") == "EXPRESS":
            continue
        found = _describe_execution(server, _execution_arn(str(machine["stateMachineArn"]), name))
        if found is not None:
            return found
    raise Failure(
        f"There is no execution '{name}', and no machine of that name.",
        _similar(name, known)
        or "Name one by its ARN, as MACHINE/NAME, or as MACHINE for its latest execution.",
    )


def _unknown_machine(server: Client, name: str) -> Failure:
    names = [str(machine["name"]) for machine in machines(server)]
    return Failure(
        f"There is no state machine '{name}'.",
        _similar(name, names) or "There are none yet in this account and region.",
    )


def _similar(name: str, names: list[str]) -> str:
    """Names that were perhaps meant, else some of those there are."""
    by_small = {each.lower(): each for each in names}
    near = [by_small[each] for each in get_close_matches(name.lower(), list(by_small), 3)]
    if near:
        return f"Did you mean {' or '.join(repr(each) for each in near)}?"
    if not names:
        return ""
    more = " ..." if len(names) > _NAMES_SHOWN_MAX else ""
    return f"There are: {', '.join(sorted(names)[:_NAMES_SHOWN_MAX])}{more}"
