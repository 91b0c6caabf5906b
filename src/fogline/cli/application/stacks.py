"""Deploying a packaged template: a change set, its execution, and the events until the stack stands or has failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from fogline.cli.application.packaging import Packager
from fogline.cli.application.template import Template
from fogline.cli.client import Client
from fogline.cli.exits import Failure, ServerRefused
from fogline.cli.output import Output
from fogline.cli.waiting import pause

_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_BODY_BYTES_MAX = 51_200
_LOOK_EVERY_SECONDS = 0.1
_STACK_SECONDS_MAX = 3_600.0
_UNCHANGED = ("didn't contain changes", "No updates are to be performed")
_NEVER_STOOD = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED",
                "REVIEW_IN_PROGRESS")  # fmt: skip


@dataclass
class Deployed:
    """A stack as it stands after a deployment."""

    name: str
    status: str
    is_changed: bool
    outputs: dict[str, str] = field(default_factory=dict)


def find_stack(client: Client, name: str) -> dict[str, Any] | None:
    """The stack, if there is one."""
    try:
        found = client.call("cloudformation", "DescribeStacks", StackName=name).get("Stacks", [])
    except ServerRefused as refusal:
        if refusal.error == "ValidationError" and "does not exist" in refusal.message:
            return None
        raise
    return found[0] if found and found[0]["StackStatus"] != "DELETE_COMPLETE" else None


def deploy(
    client: Client,
    name: str,
    template: Template,
    body: str,
    parameters: Mapping[str, str],
    packager: Packager,
    out: Output,
) -> Deployed:
    """Bring the stack to what the template says. Raises Failure, naming each resource that failed and why."""
    stack = _settle(client, find_stack(client, name), out)
    kind = "UPDATE" if stack else "CREATE"
    request: dict[str, Any] = {
        "StackName": name,
        "ChangeSetName": f"fogline-{_clock(client)}",
        "ChangeSetType": kind,
        "Capabilities": _CAPABILITIES,
        "Parameters": _parameters(template, parameters, stack),
    }
    if len(body.encode()) > _BODY_BYTES_MAX:
        request["TemplateURL"] = packager.upload_template(body)
    else:
        request["TemplateBody"] = body
    change_set = client.call("cloudformation", "CreateChangeSet", **request)["Id"]
    described = _wait_for_change_set(client, change_set)
    if described["Status"] == "FAILED":
        reason = str(described.get("StatusReason", ""))
        client.call("cloudformation", "DeleteChangeSet", ChangeSetName=change_set)
        if any(words in reason for words in _UNCHANGED):
            return _deployed(client, name, False)
        if kind == "CREATE":
            client.call("cloudformation", "DeleteStack", StackName=name)
        raise Failure(f"Stack {name} was not deployed: {reason}", _advice(reason))
    total = max(1, len(described.get("Changes", [])))
    seen = {event["EventId"] for event in _events(client, name)}
    client.call("cloudformation", "ExecuteChangeSet", ChangeSetName=change_set)
    failures = follow(client, name, seen, total, out)
    deployed = _deployed(client, name, True)
    if deployed.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        reasons = "\n".join(f"  {each}" for each in failures) or "  (no reason was given)"
        rolled = "It was rolled back: the application is as it was before." if stack else ""
        raise Failure(
            f"Stack {name} was not deployed ({deployed.status}):\n{reasons}",
            rolled or "Correct the template and deploy again.",
        )
    return deployed


def delete(client: Client, name: str, out: Output) -> bool:
    """Delete a stack; False when there is none. Raises Failure when something stays."""
    stack = find_stack(client, name)
    if stack is None:
        return False
    identity = str(stack["StackId"])
    resources = client.call("cloudformation", "DescribeStackResources", StackName=identity)
    seen = {event["EventId"] for event in _events(client, identity)}
    client.call("cloudformation", "DeleteStack", StackName=name)
    total = max(1, len(resources.get("StackResources", [])))
    failures = follow(client, identity, seen, total, out)
    left = client.call("cloudformation", "DescribeStacks", StackName=identity)["Stacks"]
    if left and left[0]["StackStatus"] != "DELETE_COMPLETE":
        reasons = "\n".join(f"  {each}" for each in failures) or "  (no reason was given)"
        raise Failure(
            f"Stack {name} was not deleted ({left[0]['StackStatus']}):\n{reasons}",
            "Remove what holds it (a bucket that is not empty, an export in use), then try again.",
        )
    return True


def follow(client: Client, name: str, seen: set[str], total: int, out: Output) -> list[str]:
    """Show events until the stack (by name, or by ARN) rests; the reasons of what failed."""
    title = name.split("/")[1] if "/" in name else name
    failures: list[str] = []
    finished: set[str] = set()
    until = monotonic() + _STACK_SECONDS_MAX
    with _bar(out, title, total) as move:
        while monotonic() < until:
            stacks = client.call("cloudformation", "DescribeStacks", StackName=name)["Stacks"]
            status = str(stacks[0]["StackStatus"]) if stacks else "DELETE_COMPLETE"
            for event in reversed(_events(client, name)):
                if event["EventId"] in seen:
                    continue
                seen.add(event["EventId"])
                _tell(event, failures, out)
                if str(event["ResourceStatus"]).endswith("_COMPLETE"):
                    if event.get("PhysicalResourceId") != event.get("StackId"):
                        finished.add(str(event["LogicalResourceId"]))
                    move(min(len(finished), total), str(event["LogicalResourceId"]))
            if not status.endswith("_IN_PROGRESS"):
                return failures
            pause(_LOOK_EVERY_SECONDS)
    raise Failure(
        f"Stack {title} did not come to rest within {_STACK_SECONDS_MAX:g} seconds.",
        "`fogline status` shows its state.",
    )


@contextmanager
def _bar(out: Output, name: str, total: int) -> Iterator[Callable[[int, str], None]]:
    if not out.is_terminal:
        yield lambda done, text: None
        return
    with out.progress(f"Stack {name}", total) as progress:
        yield progress.move


def _tell(event: Mapping[str, Any], failures: list[str], out: Output) -> None:
    status = str(event["ResourceStatus"])
    logical, kind = str(event["LogicalResourceId"]), str(event.get("ResourceType", ""))
    reason = str(event.get("ResourceStatusReason", ""))
    is_failed = status.endswith("_FAILED")
    if is_failed and "cancelled" not in reason.lower():
        failures.append(f"{logical} ({kind}): {reason}")
    document = {"event": "resource", "resource": logical, "type": kind, "status": status}
    if reason:
        document["reason"] = reason
    if out.is_json:
        out.event(document, "")
    elif is_failed:
        out.say(f"  {logical}  {kind}  {status}  {reason}", "bad")
    elif status.endswith("_COMPLETE"):
        out.say(f"  {logical}  {kind}  {status}", "dim" if "ROLLBACK" in status else "")


def _settle(client: Client, stack: dict[str, Any] | None, out: Output) -> dict[str, Any] | None:
    """The stack at rest; None when it is to be created (also after removing one that never stood)."""
    if stack is None:
        return None
    name = str(stack["StackName"])
    until = monotonic() + _STACK_SECONDS_MAX
    while (
        stack["StackStatus"].endswith("_IN_PROGRESS") and stack["StackStatus"] not in _NEVER_STOOD
    ):
        pause(_LOOK_EVERY_SECONDS)
        stack = find_stack(client, name)
        if stack is None:
            return None
        if monotonic() > until:
            raise Failure(f"Stack {name} is busy ({stack['StackStatus']}).", "Try again later.")
    if stack["StackStatus"] in _NEVER_STOOD:
        out.say(f"Stack {name} never stood ({stack['StackStatus']}); starting over.", "dim")
        delete(client, name, out)
        return None
    if stack["StackStatus"] == "UPDATE_ROLLBACK_FAILED":
        raise Failure(
            f"Stack {name} is in UPDATE_ROLLBACK_FAILED.",
            "Delete it (`fogline delete`) and deploy anew, or continue the rollback with "
            f"`fogline aws cloudformation continue-update-rollback --stack-name {name}`.",
        )
    return stack


def _parameters(
    template: Template, given: Mapping[str, str], stack: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """What was given; for a parameter without default, the value the stack has."""
    declared = template.parameters()
    unknown = sorted(given.keys() - declared.keys())
    if unknown:
        there = ", ".join(declared) or "none"
        raise Failure(
            f"The template has no parameter {', '.join(unknown)}.", f"It has: {there}.", code=2
        )
    had = {each["ParameterKey"] for each in (stack or {}).get("Parameters", [])}
    values: list[dict[str, Any]] = [
        {"ParameterKey": name, "ParameterValue": value} for name, value in given.items()
    ]
    missing = []
    for name, declaration in declared.items():
        if name in given or (isinstance(declaration, dict) and "Default" in declaration):
            continue
        if name in had:
            values.append({"ParameterKey": name, "UsePreviousValue": True})
        else:
            missing.append(name)
    if missing:
        words = " ".join(f"--parameter {name}=..." for name in missing)
        raise Failure(f"The template asks for {', '.join(missing)}.", f"Give it: {words}", code=2)
    return values


def _wait_for_change_set(client: Client, change_set: str) -> dict[str, Any]:
    until = monotonic() + _STACK_SECONDS_MAX
    while True:
        described = client.call("cloudformation", "DescribeChangeSet", ChangeSetName=change_set)
        if described["Status"] in ("CREATE_COMPLETE", "FAILED") or monotonic() > until:
            return described
        pause(_LOOK_EVERY_SECONDS / 4)


def _events(client: Client, name: str) -> list[dict[str, Any]]:
    """The stack's events, the newest first. One page holds all that matters between two looks."""
    try:
        answer = client.call("cloudformation", "DescribeStackEvents", StackName=name)
    except ServerRefused as refusal:
        if "does not exist" in refusal.message:
            return []
        raise
    return list(answer.get("StackEvents", []))


def _deployed(client: Client, name: str, is_changed: bool) -> Deployed:
    stack = find_stack(client, name) or {}
    outputs = {
        str(each["OutputKey"]): str(each.get("OutputValue", ""))
        for each in stack.get("Outputs", [])
    }
    return Deployed(name, str(stack.get("StackStatus", "")), is_changed, outputs)


def _clock(client: Client) -> int:
    """A number no other change set of ours has."""
    from fogline.world.clock import RealClock

    return RealClock().now()


def _advice(reason: str) -> str:
    if "not supported" in reason or "Unrecognized resource types" in reason:
        return "`fogline status` shows which services this Fogline has."
    return "Correct the template and deploy again."
