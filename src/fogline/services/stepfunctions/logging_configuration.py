"""Logging configurations: what is logged of the executions of a machine, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.stepfunctions.errors import InvalidLoggingConfiguration
from fogline.services.stepfunctions.service import StepFunctions

OFF = "OFF"

_ANY_STREAM = ":*"
_GROUP = "log-group:"


def read_logging(service: StepFunctions, call: Call, given: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration, complete. Raises InvalidLoggingConfiguration, also where the log group is missing."""
    logging: dict[str, Any] = {
        "level": given.get("level", OFF),
        "includeExecutionData": given.get("includeExecutionData", False),
    }
    destinations = given.get("destinations")
    if destinations is not None:  # recorded: an empty list is shown again, none is not
        logging["destinations"] = destinations
    count = len(destinations or ())
    if count > 1 or (count == 0 and logging["level"] != OFF):
        raise InvalidLoggingConfiguration(reason="Must specify exactly one Log Destination.")
    for destination in destinations or ():
        _check_group(service, call, destination)
    return logging


def _check_group(service: StepFunctions, call: Call, destination: Mapping[str, Any]) -> None:
    text = (destination.get("cloudWatchLogsLogGroup") or {}).get("logGroupArn", "")
    arn = find_arn(text)
    if arn is None or arn.service != "logs" or not arn.resource.startswith(_GROUP):
        raise InvalidLoggingConfiguration(reason="Log Destination not found.")
    if not text.endswith(_ANY_STREAM):  # as AWS answers templates that leave it out
        raise InvalidLoggingConfiguration(
            reason="Log Group ARN must be provided with '*' qualifier."
        )
    name = arn.resource.removeprefix(_GROUP).removesuffix(_ANY_STREAM)
    is_ours = (arn.account, arn.region) == (call.account, call.region)
    if not is_ours or not _has_group(service, call, name):
        raise InvalidLoggingConfiguration(reason="Log Destination not found.")


def _has_group(service: StepFunctions, call: Call, name: str) -> bool:
    # Of all names with that prefix the group's own comes first.
    request = {"logGroupNamePrefix": name, "limit": 1}
    try:
        found = service.api.call("logs", "DescribeLogGroups", request, call)["logGroups"]
    except AwsError:  # no log group can have that name
        return False
    return any(group["logGroupName"] == name for group in found)
