"""From the name a person gives (a template's logical id, a function, a group) to what the server knows."""

from __future__ import annotations

from typing import Any

from fogline.cli.client import Client
from fogline.cli.exits import Failure, ServerRefused

_FUNCTION = "AWS::Lambda::Function"
_NAMES_SHOWN_MAX = 12


def find_function(client: Client, name: str, stack: str | None = None) -> str:
    """The name (or ARN) that the server knows a function by. Raises Failure, naming what there is."""
    if name.startswith("arn:"):
        return name
    if stack is None and _exists(client, name.partition(":")[0]):
        return name
    logical, _, qualifier = name.partition(":")
    resources = functions_of_stacks(client, stack)
    found = [each for each in resources if each["LogicalResourceId"] == logical]
    if len(found) == 1:
        physical = str(found[0]["PhysicalResourceId"])
        return f"{physical}:{qualifier}" if qualifier else physical
    if found:
        stacks = ", ".join(str(each["StackName"]) for each in found)
        raise Failure(
            f"Several stacks have a function '{logical}': {stacks}.", "Say which with --stack-name."
        )
    there = sorted({str(each["LogicalResourceId"]) for each in resources} | set(_names(client)))
    raise Failure(
        f"There is no function '{name}'.",
        f"There are: {', '.join(there[:_NAMES_SHOWN_MAX])}{' ...' if len(there) > _NAMES_SHOWN_MAX else ''}"
        if there
        else "There are none yet. Deploy the application of a folder with `fogline deploy`.",
    )


def find_physical(client: Client, logical: str, type_: str) -> str | None:
    """What a stack made of its resource of that logical id; None if none did. Raises Failure if several did."""
    made = resources_of_stacks(client, type_)
    found = [each for each in made if each["LogicalResourceId"] == logical]
    if len(found) > 1:
        stacks_ = ", ".join(str(each["StackName"]) for each in found)
        names = ", ".join(
            f"{each['PhysicalResourceId']} (of {each['StackName']})" for each in found
        )
        raise Failure(f"Several stacks have '{logical}': {stacks_}.", f"Name one: {names}")
    return str(found[0]["PhysicalResourceId"]) if found else None


def functions_of_stacks(client: Client, stack: str | None = None) -> list[dict[str, Any]]:
    """The functions that stacks made: StackName, LogicalResourceId, PhysicalResourceId."""
    return resources_of_stacks(client, _FUNCTION, stack)


def resources_of_stacks(
    client: Client, types: str | tuple[str, ...], stack: str | None = None
) -> list[dict[str, Any]]:
    """What stacks made of their resources of these types: StackName, LogicalResourceId, PhysicalResourceId."""
    wanted = (types,) if isinstance(types, str) else types
    try:
        names = [stack] if stack else [each["StackName"] for each in stacks(client)]
        return [
            {"StackName": name, **resource}
            for name in names
            for page in client.pages(
                "cloudformation", "ListStackResources", "NextToken", StackName=name
            )
            for resource in page.get("StackResourceSummaries", [])
            if resource.get("ResourceType") in wanted and resource.get("PhysicalResourceId")
        ]
    except ServerRefused as refusal:
        if refusal.error == "NotImplemented":
            return []
        raise


def log_groups(client: Client) -> dict[str, str]:
    """Where each function logs to: names of log groups by names of functions."""
    return {
        str(each["FunctionName"]): str(
            each.get("LoggingConfig", {}).get("LogGroup") or f"/aws/lambda/{each['FunctionName']}"
        )
        for page in client.pages("lambda", "ListFunctions", "Marker", "NextMarker")
        for each in page.get("Functions", [])
    }


def log_labels(client: Client, stack: str | None = None) -> dict[str, str]:
    """Log groups of stacks' functions, each with the functions' names in the template, which are shorter."""
    groups = log_groups(client)
    labels: dict[str, str] = {}
    for each in functions_of_stacks(client, stack):
        group = groups.get(str(each["PhysicalResourceId"]))
        if group is not None:
            logical = str(each["LogicalResourceId"])
            labels[group] = f"{labels[group]}, {logical}" if group in labels else logical
    return labels


def stacks(client: Client) -> list[dict[str, Any]]:
    """Every stack that is not deleted."""
    return [
        stack
        for page in client.pages("cloudformation", "DescribeStacks", "NextToken")
        for stack in page.get("Stacks", [])
        if stack.get("StackStatus") != "DELETE_COMPLETE"
    ]


def _exists(client: Client, name: str) -> bool:
    try:
        client.call("lambda", "GetFunctionConfiguration", FunctionName=name)
    except ServerRefused as refusal:
        if refusal.error in ("ResourceNotFoundException", "ValidationException"):
            return False
        raise
    return True


def _names(client: Client) -> list[str]:
    return [
        str(each["FunctionName"])
        for page in client.pages("lambda", "ListFunctions", "Marker", "NextMarker")
        for each in page.get("Functions", [])
    ]
