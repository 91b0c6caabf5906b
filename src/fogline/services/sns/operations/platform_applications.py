"""Platform applications: apps on push platforms, with the credentials to write to them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.sns.devices import Application
from fogline.services.sns.errors import (
    InvalidParameterException,
    NotFoundException,
    ValidationError,
)
from fogline.services.sns.lookup import check_arn
from fogline.services.sns.pages import page_start, paged
from fogline.services.sns.push import PLATFORMS
from fogline.services.sns.service import Sns
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_NAME_CHARACTERS_MAX = 256
_CREDENTIAL, _PRINCIPAL = "PlatformCredential", "PlatformPrincipal"
_SECRETS = (_CREDENTIAL, _PRINCIPAL)
_WITHOUT_PRINCIPAL = ("GCM",)
_ATTRIBUTES = frozenset((
    *_SECRETS, "ApplePlatformBundleID", "ApplePlatformTeamID", "Enabled", "EventDeliveryFailure",
    "EventEndpointCreated", "EventEndpointDeleted", "EventEndpointUpdated", "FailureFeedbackRoleArn",
    "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate",
))  # fmt: skip


def create_platform_application(
    sns: Sns, call: Call, request: types.CreatePlatformApplicationInputTypeDef
) -> Result:
    name, platform = request["Name"], request["Platform"]
    attributes = _checked(request["Attributes"])
    _check_name(name)
    if platform not in PLATFORMS:
        raise InvalidParameterException(reason=f"Platform Reason: {platform} is not supported")
    _check_credentials(platform, attributes)
    application = Application(call.account, call.region, platform, name, attributes)
    with sns.store.write() as tx:
        tx.lock(f"sns.application:{application.arn}")
        known = sns.devices.find_application(tx, application.arn)
        if known is None:
            sns.devices.save_application(tx, application)
        elif known.attributes != application.attributes:
            raise InvalidParameterException(
                reason="Attributes Reason: An application with the same name but different properties already exists"
            )
    return {"PlatformApplicationArn": application.arn}


def get_platform_application_attributes(
    sns: Sns, call: Call, request: types.GetPlatformApplicationAttributesInputTypeDef
) -> Result:
    with sns.store.read() as tx:
        application = require_application(sns, tx, call, request["PlatformApplicationArn"])
    return {"Attributes": _shown(application)}


def set_platform_application_attributes(
    sns: Sns, call: Call, request: types.SetPlatformApplicationAttributesInputTypeDef
) -> Result:
    given = _checked(request["Attributes"])
    with sns.store.write() as tx:
        arn = request["PlatformApplicationArn"]
        tx.lock(f"sns.application:{arn}")
        application = require_application(sns, tx, call, arn)
        changed = Application(
            application.account,
            application.region,
            application.platform,
            application.name,
            {**application.attributes, **given},
        )
        sns.devices.save_application(tx, changed)
    return {}


def delete_platform_application(
    sns: Sns, call: Call, request: types.DeletePlatformApplicationInputTypeDef
) -> Result:
    arn = request["PlatformApplicationArn"]
    check_application_arn(call, arn)
    with sns.store.write() as tx:
        tx.lock(f"sns.application:{arn}")
        application = sns.devices.find_application(tx, arn)
        if application is not None:
            sns.devices.remove_application(tx, application)
    return {}


def list_platform_applications(
    sns: Sns, call: Call, request: types.ListPlatformApplicationsInputTypeDef
) -> Result:
    start, entries_max = page_start(request), sns.limits.page_results_max
    with sns.store.read() as tx:
        found = sns.devices.list_applications(tx, call.account, call.region, start, entries_max + 1)
    shown = [{"PlatformApplicationArn": each.arn, "Attributes": _shown(each)} for each in found]
    last = found[entries_max - 1] if len(found) > entries_max else None
    return paged(
        "PlatformApplications", shown, f"{last.platform}/{last.name}" if last else "", entries_max
    )


# ---- for these and their endpoints


def check_application_arn(call: Call, arn: str) -> None:
    """Refuse what is not the ARN of a platform application. Raises InvalidParameterException."""
    name = "PlatformApplicationArn"
    parts = check_arn(arn, name)
    words = ":".join(parts[5:]).split("/")
    if len(words) != 3:
        raise InvalidParameterException(
            reason=f"{name} Reason: Wrong number of slashes in relative portion of the ARN."
        )
    if parts[0] != "arn" or parts[2] != "sns" or words[0] != "app" or parts[3] != call.region:
        raise InvalidParameterException(reason=name)


def require_application(sns: Sns, tx: Tx, call: Call, arn: str) -> Application:
    """The application of that ARN. Raises InvalidParameterException, NotFoundException."""
    check_application_arn(call, arn)
    application = sns.devices.find_application(tx, arn)
    if application is None:
        raise NotFoundException(thing="PlatformApplication")
    return application


def _shown(application: Application) -> dict[str, str]:
    shown = {name: value for name, value in application.attributes.items() if name not in _SECRETS}
    return {"Enabled": "true", **shown}


# ---- what is refused


def _checked(attributes: Mapping[str, str]) -> dict[str, str]:
    if not attributes:
        raise ValidationError(
            reason="Value null at 'attributes' failed to satisfy constraint: Member must not be null"
        )
    for name in attributes:
        if name not in _ATTRIBUTES:
            raise InvalidParameterException(
                reason=f"Attributes Reason: Invalid attribute name: {name}"
            )
    enabled = attributes.get("Enabled")
    if enabled is None:
        return dict(attributes)
    if enabled.lower() not in ("true", "false"):
        raise InvalidParameterException(
            reason=f"Attributes Reason: Enabled: Invalid value [{enabled}]. Must be true or false."
        )
    return {**attributes, "Enabled": enabled.lower()}


def _check_name(name: str) -> None:
    if not name:
        raise InvalidParameterException(reason=" Reason: cannot be empty")
    if len(name) > _NAME_CHARACTERS_MAX:
        raise InvalidParameterException(
            reason=f"{name} Reason: must be at most {_NAME_CHARACTERS_MAX} characters long"
        )
    if _NAME.fullmatch(name) is None:
        raise InvalidParameterException(
            reason=f"{name} Reason: must contain only characters 'a'-'z', 'A'-'Z', '0'-'9', '_', '-', and '.'"
        )


def _check_credentials(platform: str, attributes: Mapping[str, str]) -> None:
    has_credential, has_principal = (bool(attributes.get(each)) for each in _SECRETS)
    if has_principal and not has_credential:
        raise InvalidParameterException(
            reason=f"Attributes Reason: {_PRINCIPAL} attribute provided without {_CREDENTIAL}"
        )
    if has_credential and not has_principal and platform not in _WITHOUT_PRINCIPAL:
        raise InvalidParameterException(
            reason=f"Attributes Reason: {_CREDENTIAL} attribute provided without {_PRINCIPAL}"
        )
    if not has_credential:
        raise InvalidParameterException(reason=f"Attributes Reason: {_CREDENTIAL} is required")
