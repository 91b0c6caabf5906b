"""The ARNs of Step Functions: taken apart, put together, and refused in AWS's words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from fogline.aws.arn import Arn, find_arn, make_arn
from fogline.services.stepfunctions.errors import InvalidArn, LabeledArnsNotSupported
from fogline.services.stepfunctions.names import may_be_name

_MACHINE = "stateMachine"
_ACTIVITY = "activity"
_EXECUTION = "execution"
_MAP_RUN = "mapRun"
_VERSION = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True, slots=True)
class MachineArn:
    """The ARN of a state machine, or with a `qualifier` that of a version (`3`) or an alias (`prod`) of it."""

    account: str
    region: str
    name: str
    qualifier: str = ""

    def __str__(self) -> str:
        tail = f":{self.qualifier}" if self.qualifier else ""
        return make_arn("states", self.region, self.account, f"{_MACHINE}:{self.name}{tail}")

    @property
    def version(self) -> int | None:
        """The number of the version that it names, if it names one."""
        return int(self.qualifier) if _VERSION.fullmatch(self.qualifier) else None

    @property
    def lock(self) -> str:
        """Held by whoever changes the machine, its versions or its aliases."""
        return f"stepfunctions:{self.account}:{self.region}:{self.name}"

    def qualified(self, qualifier: str | int) -> MachineArn:
        return replace(self, qualifier=str(qualifier))

    def unqualified(self) -> MachineArn:
        return replace(self, qualifier="")


def find_machine_arn(text: str) -> MachineArn | None:
    """The state machine, version or alias that `text` names, or None if it names none."""
    arn = find_arn(text)
    if arn is None or arn.service != "states":
        return None
    parts = arn.resource.split(":")
    if parts[0] != _MACHINE or len(parts) not in (2, 3):
        return None
    if not all(part and may_be_name(part) for part in parts[1:]):
        return None
    return MachineArn(arn.account, arn.region, parts[1], parts[2] if len(parts) == 3 else "")


def read_machine_arn(text: str) -> MachineArn:
    """The same. Raises InvalidArn, and ValidationException for the label of a distributed Map."""
    found = find_machine_arn(text)
    if found is not None:
        return found
    arn = require_states_arn(text)
    _require_kind(arn, _MACHINE)
    if "/" in arn.resource:
        raise LabeledArnsNotSupported()
    raise InvalidArn(reason=f"Invalid ARN format: {text}")


@dataclass(frozen=True, slots=True)
class ActivityArn:
    """The ARN of an activity."""

    account: str
    region: str
    name: str

    def __str__(self) -> str:
        return make_arn("states", self.region, self.account, f"{_ACTIVITY}:{self.name}")

    @property
    def lock(self) -> str:
        """Held by whoever makes or changes activities."""
        return f"stepfunctions-activities:{self.account}:{self.region}"


def read_activity_arn(text: str) -> ActivityArn:
    """The activity that `text` names. Raises InvalidArn."""
    arn = require_states_arn(text)
    _require_kind(arn, _ACTIVITY)
    parts = arn.resource.split(":")
    if len(parts) != 2 or not parts[1] or not may_be_name(parts[1]):
        raise InvalidArn(reason=f"Invalid ARN format: {text}")
    return ActivityArn(arn.account, arn.region, parts[1])


@dataclass(frozen=True, slots=True)
class ExecutionArn:
    """The ARN of an execution. `machine` is its machine's name, with `/label` behind it for a map run's child."""

    account: str
    region: str
    machine: str
    name: str

    def __str__(self) -> str:
        return make_arn(
            "states", self.region, self.account, f"{_EXECUTION}:{self.machine}:{self.name}"
        )


def read_execution_arn(text: str) -> ExecutionArn:
    """The Standard execution that `text` names. Raises InvalidArn."""
    arn = require_states_arn(text)
    _require_kind(arn, _EXECUTION)
    parts = arn.resource.split(":")
    if len(parts) != 3 or not all(parts):
        raise InvalidArn(reason=f"Invalid ARN format: {text}")
    return ExecutionArn(arn.account, arn.region, parts[1], parts[2])


def require_states_arn(text: str) -> Arn:
    """Any ARN of Step Functions. Raises InvalidArn."""
    if not text.startswith("arn:"):
        raise InvalidArn(reason=f"Invalid ARN prefix: {text}")
    arn = find_arn(text)
    if arn is None:
        raise InvalidArn(reason=f"Invalid ARN format: {text}")
    if arn.service != "states":
        raise InvalidArn(reason=f"Invalid service name: {arn.service}")
    return arn


def _require_kind(arn: Arn, kind: str) -> None:
    found = arn.resource.partition(":")[0]
    if found != kind:
        raise InvalidArn(reason=f"Resource type not valid in this context: {found}")


def read_map_run_arn(text: str) -> Arn:
    """The ARN of a map run. Raises InvalidArn."""
    arn = require_states_arn(text)
    _require_kind(arn, _MAP_RUN)
    parts = arn.resource.split(":")
    if len(parts) != 3 or not all(parts):
        raise InvalidArn(reason=f"Invalid ARN format: {text}")
    return arn
