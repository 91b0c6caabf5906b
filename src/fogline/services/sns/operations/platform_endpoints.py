"""Platform endpoints: one app on one device, by the token that its platform gave it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.sns.app_events import CREATED, DELETED, UPDATED, tell
from fogline.services.sns.devices import Application, Device
from fogline.services.sns.errors import InvalidParameterException, NotFoundException
from fogline.services.sns.lookup import check_arn
from fogline.services.sns.operations.platform_applications import require_application
from fogline.services.sns.pages import page_start, paged
from fogline.services.sns.service import Sns
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_USER_DATA_BYTES_MAX = 2_048
_APPLE_TOKEN = re.compile(r"[0-9a-fA-F]{1,400}")
_TOKEN_CHARACTERS_MAX = 4_096
_ATTRIBUTES = frozenset(("ChannelId", "CustomUserData", "Enabled", "Token", "UserId"))


def create_platform_endpoint(
    sns: Sns, call: Call, request: types.CreatePlatformEndpointInputTypeDef
) -> Result:
    """Create an endpoint, or find it: a token has one, and whoever asks again must mean the same."""
    given = _checked(request.get("Attributes") or {})
    if "CustomUserData" in request:
        given["CustomUserData"] = _user_data(request["CustomUserData"])
    with sns.store.write() as tx:
        application = _require_writable(sns, tx, call, request["PlatformApplicationArn"])
        token = _token(application, request["Token"])
        known = sns.devices.find_by_token(tx, application, token)
        if known is not None:
            return {"EndpointArn": _same(known, given).arn}
        attributes = {"Enabled": "true", **given, "Token": token}
        device = Device(application, sns.ids.uuid(), attributes)
        sns.devices.save_device(tx, device)
        tell(sns, tx, call, CREATED, device)
    return {"EndpointArn": device.arn}


def _same(known: Device, given: Mapping[str, str]) -> Device:
    differs = known.attributes.get("CustomUserData", "") != given.get("CustomUserData", "") or any(
        known.attributes.get(name) != value for name, value in given.items()
    )
    if differs:
        raise _taken(known)
    return known


def get_endpoint_attributes(
    sns: Sns, call: Call, request: types.GetEndpointAttributesInputTypeDef
) -> Result:
    with sns.store.read() as tx:
        device = _require_device(sns, tx, call, request["EndpointArn"])
    return {"Attributes": dict(device.attributes)}


def set_endpoint_attributes(
    sns: Sns, call: Call, request: types.SetEndpointAttributesInputTypeDef
) -> Result:
    given = _checked(request["Attributes"])
    with sns.store.write() as tx:
        device = _require_device(sns, tx, call, request["EndpointArn"])
        application = _require_writable(sns, tx, call, device.application.arn)
        device = _require_device(sns, tx, call, request["EndpointArn"])
        if "Token" in given:
            given["Token"] = _token(application, given["Token"])
            other = sns.devices.find_by_token(tx, application, given["Token"])
            if other is not None and other.id != device.id:
                raise _taken(other)
        changed = Device(application, device.id, {**device.attributes, **given})
        sns.devices.save_device(tx, changed)
        tell(sns, tx, call, UPDATED, changed)
    return {}


def delete_endpoint(sns: Sns, call: Call, request: types.DeleteEndpointInputTypeDef) -> Result:
    _check_endpoint_arn(call, request["EndpointArn"])
    with sns.store.write() as tx:
        device = sns.devices.find_device(tx, request["EndpointArn"])
        if device is not None:
            sns.devices.remove_device(tx, device)
            tell(sns, tx, call, DELETED, device)
    return {}


def list_endpoints_by_platform_application(
    sns: Sns, call: Call, request: types.ListEndpointsByPlatformApplicationInputTypeDef
) -> Result:
    start, entries_max = page_start(request), sns.limits.page_results_max
    with sns.store.read() as tx:
        application = require_application(sns, tx, call, request["PlatformApplicationArn"])
        found = sns.devices.list_devices(tx, application, start, entries_max + 1)
    shown = [{"EndpointArn": each.arn, "Attributes": dict(each.attributes)} for each in found]
    last = found[entries_max - 1].id if len(found) > entries_max else ""
    return paged("Endpoints", shown, last, entries_max)


def _require_writable(sns: Sns, tx: Tx, call: Call, arn: str) -> Application:
    """The application, locked against other changes of its endpoints."""
    require_application(sns, tx, call, arn)
    tx.lock(f"sns.application:{arn}")
    return require_application(sns, tx, call, arn)


def _require_device(sns: Sns, tx: Tx, call: Call, arn: str) -> Device:
    _check_endpoint_arn(call, arn)
    device = sns.devices.find_device(tx, arn)
    if device is None:
        raise NotFoundException(thing="Endpoint")
    return device


# ---- what is refused


def _check_endpoint_arn(call: Call, arn: str) -> None:
    parts = check_arn(arn, "EndpointArn")
    words = ":".join(parts[5:]).split("/")
    if len(words) != 4:
        raise InvalidParameterException(
            reason="EndpointArn Reason: Wrong number of slashes in relative portion of the ARN."
        )
    if parts[0] != "arn" or parts[2] != "sns" or words[0] != "endpoint" or parts[3] != call.region:
        raise InvalidParameterException(reason="EndpointArn")


def _checked(attributes: Mapping[str, str]) -> dict[str, str]:
    checked = dict(attributes)
    for name in attributes:
        if name not in _ATTRIBUTES:
            raise InvalidParameterException(
                reason=f"Attributes Reason: Invalid attribute name: {name}"
            )
    if "CustomUserData" in checked:
        checked["CustomUserData"] = _user_data(checked["CustomUserData"])
    if "Enabled" in checked:
        enabled = checked["Enabled"].lower()
        if enabled not in ("true", "false"):
            raise InvalidParameterException(
                reason="Attributes Reason: Enabled: Invalid value "
                f"[{checked['Enabled']}]. Must be true or false."
            )
        checked["Enabled"] = enabled
    return checked


def _user_data(text: str) -> str:
    if len(text.encode()) > _USER_DATA_BYTES_MAX:
        raise InvalidParameterException(
            reason=f"CustomUserData Reason: must be at most {_USER_DATA_BYTES_MAX} bytes long in UTF-8 encoding"
        )
    return text


def _token(application: Application, token: str) -> str:
    if not token:
        raise InvalidParameterException(reason="Token Reason: cannot be empty")
    if application.platform.startswith(("APNS", "MACOS")) and not _APPLE_TOKEN.fullmatch(token):
        raise InvalidParameterException(
            reason="Token Reason: iOS device tokens must be no more than 400 hexadecimal characters"
        )
    if len(token) > _TOKEN_CHARACTERS_MAX:
        raise InvalidParameterException(
            reason=f"Token Reason: must be at most {_TOKEN_CHARACTERS_MAX} characters long"
        )
    return token


def _taken(device: Device) -> InvalidParameterException:
    return InvalidParameterException(
        reason=f"Token Reason: Endpoint {device.arn} already exists with the same Token, but different attributes."
    )
