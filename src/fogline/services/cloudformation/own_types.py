"""The resource types CloudFormation owns: nested stacks, wait conditions, custom resources, CDK's metadata."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from fogline.ports.resources import (
    Context,
    Done,
    InProgress,
    Properties,
    ResourceType,
    ResourceTypes,
    integer,
)
from fogline.ports.resources import text as as_text
from fogline.ports.targets import Sending, Targets, TargetUnavailable
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import CustomResourceFailed, ValidationError
from fogline.store.store import Store
from fogline.world.clock import MINUTE, SECOND

RESPONSES_PATH = "/_fogline/cloudformation/responses/"
PARENT_TAG = "aws:cloudformation:stack-id"
_STACK_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_STACK_NAME_CHARACTERS_MAX = 128
_CUSTOM_SECONDS_MAX = 3_600
_ASK_AGAIN_MILLISECONDS = 5 * MINUTE
_NOTHING: frozenset[str] = frozenset()


class AllTypes:
    """CloudFormation's own types, and those of all other services."""

    def __init__(self, own: Iterable[ResourceType], others: ResourceTypes) -> None:
        self._own = {kind.name: kind for kind in own}
        self._others = others

    def find(self, name: str) -> ResourceType | None:
        if name.startswith("Custom::") and len(name) > len("Custom::"):
            return self._own["AWS::CloudFormation::CustomResource"]
        return self._own.get(name) or self._others.find(name)

    def names(self) -> list[str]:
        return sorted({*self._own, *self._others.names()})


def own_types(store: Store, targets: Targets | None) -> list[ResourceType]:
    """The types, on a store (what they wait for is a row) and the targets custom resources may name."""
    custom = CustomResources(store, targets)
    waits = WaitConditions(store)
    return [
        ResourceType(
            name="AWS::CloudFormation::Stack",
            properties=frozenset(
                ("TemplateURL", "Parameters", "TimeoutInMinutes", "NotificationARNs", "Tags")
            ),
            required=frozenset(("TemplateURL",)),
            attributes=frozenset(("Outputs.*",)),
            create=create_stack,
            update=update_stack,
            delete=delete_stack,
            resume=resume_stack,
        ),
        ResourceType(
            name="AWS::CloudFormation::CustomResource",
            properties=_NOTHING,
            required=frozenset(("ServiceToken",)),
            attributes=frozenset(("*",)),
            create_only=frozenset(("ServiceToken",)),
            create=custom.create,
            update=custom.update,
            delete=custom.delete,
            resume=custom.resume,
        ),
        ResourceType(
            name="AWS::CloudFormation::WaitConditionHandle",
            properties=_NOTHING,
            create=waits.create_handle,
            update=lambda context, physical_id, old, new: Done(physical_id),
            delete=waits.delete_handle,
        ),
        ResourceType(
            name="AWS::CloudFormation::WaitCondition",
            properties=frozenset(("Handle", "Timeout", "Count")),
            required=frozenset(("Handle", "Timeout")),
            attributes=frozenset(("Data",)),
            create=waits.create,
            delete=lambda context, physical_id, properties: None,
            resume=waits.resume,
        ),
        ResourceType(
            name="AWS::CDK::Metadata",
            properties=_NOTHING,
            create=lambda context, properties: Done(context.token),
            update=lambda context, physical_id, old, new: Done(physical_id),
            delete=lambda context, physical_id, properties: None,
        ),
    ]


# ---- AWS::CloudFormation::Stack


def _stack_request(context: Context, properties: Properties) -> dict[str, Any]:
    given = properties.get("Parameters") or {}
    tags = context.tags(properties.get("Tags"))
    return {
        "TemplateURL": properties["TemplateURL"],
        "Parameters": [
            {"ParameterKey": name, "ParameterValue": _parameter_text(value)}
            for name, value in given.items()
        ],
        "NotificationARNs": properties.get("NotificationARNs"),
        "Capabilities": _STACK_CAPABILITIES,
        "Tags": [
            {"Key": key, "Value": value}
            for key, value in tags.items()
            if not key.startswith("aws:") or key == PARENT_TAG
        ],
    }


def _parameter_text(value: Any) -> str:
    return ",".join(as_text(item) for item in value) if isinstance(value, list) else as_text(value)


def create_stack(context: Context, properties: Properties) -> InProgress:
    request = {
        "StackName": context.name(_STACK_NAME_CHARACTERS_MAX),
        "TimeoutInMinutes": properties.get("TimeoutInMinutes"),
        **_stack_request(context, properties),
    }
    answer = context.ask("cloudformation", "CreateStack", request)
    return _under_way(context, answer["StackId"], "created")


def update_stack(
    context: Context, physical_id: str, old: Properties, new: Properties
) -> Done | InProgress:
    request = {"StackName": physical_id, **_stack_request(context, new)}
    request["Tags"] = [tag for tag in request["Tags"] if tag["Key"] != PARENT_TAG]
    try:
        context.ask("cloudformation", "UpdateStack", request)
    except ValidationError as refusal:
        if refusal.text != "No updates are to be performed.":
            raise
        return _done(_describe(context, physical_id))
    return _under_way(context, physical_id, "updated")


def delete_stack(context: Context, physical_id: str, properties: Properties) -> InProgress | None:
    if _describe(context, physical_id)["StackStatus"] == "DELETE_COMPLETE":
        return None
    context.ask("cloudformation", "DeleteStack", {"StackName": physical_id})
    return _under_way(context, physical_id, "deleted")


def resume_stack(
    context: Context, progress: InProgress, properties: Properties
) -> Done | InProgress | None:
    stack = _describe(context, progress.physical_id)
    status, wanted = stack["StackStatus"], progress.state["wanted"]
    if status.endswith("_IN_PROGRESS"):
        return _under_way(context, progress.physical_id, wanted)
    if wanted == "deleted" and status == "DELETE_COMPLETE":
        return None
    if wanted == "created" and status == "CREATE_COMPLETE":
        return _done(stack)
    if wanted == "updated" and status == "UPDATE_COMPLETE":
        return _done(stack)
    reason = stack.get("StackStatusReason") or status
    raise ValidationError(
        f"Embedded stack {progress.physical_id} was not successfully {wanted}: {reason}"
    )


def _describe(context: Context, stack_id: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = context.ask(
        "cloudformation", "DescribeStacks", {"StackName": stack_id}
    )["Stacks"][0]
    return found


def _done(stack: Mapping[str, Any]) -> Done:
    outputs = {
        f"Outputs.{output['OutputKey']}": output["OutputValue"]
        for output in stack.get("Outputs") or ()
    }
    return Done(stack["StackId"], outputs)


def _under_way(context: Context, stack_id: str, wanted: str) -> InProgress:
    return InProgress(
        stack_id,
        context.call.now + _ASK_AGAIN_MILLISECONDS,
        f"stack-resource:{stack_id}",
        {"wanted": wanted},
    )


# ---- AWS::CloudFormation::CustomResource and Custom::*


class CustomResources:
    """Resources made by a function of the user's: asked by an event, answered at a URL of ours."""

    def __init__(self, store: Store, targets: Targets | None) -> None:
        self._store = store
        self._targets = targets

    def create(self, context: Context, properties: Properties) -> InProgress:
        return self._send(context, "Create", "", properties)

    def update(
        self, context: Context, physical_id: str, old: Properties, new: Properties
    ) -> InProgress:
        return self._send(context, "Update", physical_id, new, old)

    def delete(
        self, context: Context, physical_id: str, properties: Properties
    ) -> InProgress | None:
        if not physical_id:
            return None
        return self._send(context, "Delete", physical_id, properties)

    def _send(
        self,
        context: Context,
        kind: str,
        physical_id: str,
        properties: Properties,
        old: Properties | None = None,
    ) -> InProgress:
        event: dict[str, Any] = {
            "RequestType": kind,
            "ServiceToken": properties["ServiceToken"],
            "ResponseURL": f"{context.call.endpoint}{RESPONSES_PATH}{context.token}",
            "StackId": context.stack_id,
            "RequestId": context.token,
            "LogicalResourceId": context.logical_id,
            "ResourceType": context.resource_type,
            "ResourceProperties": _texts(properties),
        }
        if physical_id:
            event["PhysicalResourceId"] = physical_id
        if old is not None:
            event["OldResourceProperties"] = _texts(old)
        assert self._targets is not None
        call = context.call
        sending = Sending(properties["ServiceToken"], json.dumps(event), call.trace, call.now)
        with self._store.write() as tx:
            tables.remove_signals(tx, context.token)
            try:
                self._targets.send(tx, sending)
            except TargetUnavailable as failure:
                raise ValidationError(
                    f"Invalid ServiceToken {properties['ServiceToken']}: {failure}"
                ) from None
        seconds = integer(properties.get("ServiceTimeout", _CUSTOM_SECONDS_MAX))
        return InProgress(
            physical_id,
            call.now + min(seconds, _CUSTOM_SECONDS_MAX) * SECOND,
            f"stack-resource:{context.token}",
            {"kind": kind, "until": call.now + min(seconds, _CUSTOM_SECONDS_MAX) * SECOND},
        )

    def resume(
        self, context: Context, progress: InProgress, properties: Properties
    ) -> Done | InProgress | None:
        with self._store.write() as tx:
            answers = tables.signals(tx, context.token)
            if answers:
                tables.remove_signals(tx, context.token)
        if not answers:
            if context.call.now < progress.state["until"]:
                return progress
            raise ValidationError(
                "CloudFormation did not receive a response from your Custom Resource. Please check your logs "
                f"for requestId [{context.token}]. If you are using the Python cfn-response module, you may need "
                "to update your Lambda function code so that CloudFormation can attach the updated version."
            )
        answer = answers[-1]
        if answer.get("Status") != "SUCCESS":
            failure = CustomResourceFailed(
                "Received response status [FAILED] from custom resource. Message returned: "
                f"{answer.get('Reason') or 'no reason given'} (RequestId: {context.token})"
            )
            failure.physical_id = as_text(answer.get("PhysicalResourceId") or "")
            raise failure
        if progress.state["kind"] == "Delete":
            return None
        physical_id = answer.get("PhysicalResourceId") or progress.physical_id or context.name(128)
        data = answer.get("Data")
        return Done(str(physical_id), _flattened(data) if isinstance(data, dict) else {})


def _texts(value: Any) -> Any:
    """As AWS hands properties to custom resources: every scalar is text."""
    if isinstance(value, Mapping):
        return {key: _texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return as_text(value)


def _flattened(data: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in data.items():
        flat[prefix + key] = value
        if isinstance(value, dict):
            flat.update(_flattened(value, f"{prefix}{key}."))
    return flat


# ---- wait conditions


class WaitConditions:
    """A condition is met when enough signals have arrived at the URL of its handle."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def create_handle(self, context: Context, properties: Properties) -> Done:
        return Done(f"{context.call.endpoint}{RESPONSES_PATH}{context.token}")

    def delete_handle(self, context: Context, physical_id: str, properties: Properties) -> None:
        with self._store.write() as tx:
            tables.remove_signals(tx, _token_of(physical_id))

    def create(self, context: Context, properties: Properties) -> Done | InProgress:
        seconds = integer(properties["Timeout"])
        token = _token_of(str(properties["Handle"]))
        until = context.call.now + seconds * SECOND
        progress = InProgress(
            context.name(64), until, f"stack-resource:{token}", {"token": token, "until": until}
        )
        return self.resume(context, progress, properties)

    def resume(
        self, context: Context, progress: InProgress, properties: Properties
    ) -> Done | InProgress:
        with self._store.read() as tx:
            received = tables.signals(tx, progress.state["token"])
        for signal in received:
            if signal.get("Status") != "SUCCESS":
                raise ValidationError(
                    f"WaitCondition received failed message: '{signal.get('Reason', '')}' for uniqueId: "
                    f"{signal.get('UniqueId', '')}"
                )
        count = integer(properties.get("Count", 1))
        if len(received) >= count:
            data = {signal.get("UniqueId", ""): signal.get("Data", "") for signal in received}
            return Done(progress.physical_id, {"Data": json.dumps(data, separators=(",", ":"))})
        if context.call.now >= progress.state["until"]:
            raise ValidationError(
                f"WaitCondition timed out. Received {len(received)} conditions when expecting {count}"
            )
        return progress


def _token_of(url: str) -> str:
    return url.rpartition("/")[2]
