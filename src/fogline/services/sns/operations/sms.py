"""Text messages: an account's settings, the sandbox, and who wants none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.background.inbox import SMS
from fogline.services.sns.errors import (
    InvalidParameterException,
    ResourceNotFoundException,
    UserErrorException,
    VerificationException,
)
from fogline.services.sns.pages import page_start, paged
from fogline.services.sns.phones import is_phone_number
from fogline.services.sns.service import Sns
from fogline.world.clock import MINUTE

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_SENDER = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9]{1,11}")
_TYPES = ("Promotional", "Transactional")
_ATTRIBUTES = frozenset((
    "DefaultSMSType", "DefaultSenderID", "DeliveryStatusIAMRole", "DeliveryStatusSuccessSamplingRate",
    "MonthlySpendLimit", "UsageReportS3Bucket",
))  # fmt: skip
_SANDBOX_NUMBERS_MAX = 10
_PASSWORD_DIGITS = 6
_PASSWORD_MILLISECONDS = 15 * MINUTE


# ---- settings


def set_sms_attributes(sns: Sns, call: Call, request: types.SetSMSAttributesInputTypeDef) -> Result:
    given = request["attributes"]
    for name, value in given.items():
        _check_setting(name, value)
    with sns.store.write() as tx:
        tx.lock(f"sns.sms:{call.account}:{call.region}")
        kept = {**sns.phones.settings(tx, call.account, call.region), **given}
        settings = {name: value for name, value in kept.items() if value}
        sns.phones.save_settings(tx, call.account, call.region, settings)
    return {}


def get_sms_attributes(sns: Sns, call: Call, request: types.GetSMSAttributesInputTypeDef) -> Result:
    wanted = request.get("attributes")
    with sns.store.read() as tx:
        settings = sns.phones.settings(tx, call.account, call.region)
    shown = {"MonthlySpendLimit": "1", **settings}
    if wanted:
        shown = {name: value for name, value in shown.items() if name in wanted}
    return {"attributes": shown}


def _check_setting(name: str, value: str) -> None:
    if name not in _ATTRIBUTES:
        raise InvalidParameterException(reason=f"Attributes Reason: Invalid attribute name: {name}")
    is_good = True
    if not value:
        return
    if name == "DefaultSMSType":
        is_good = value in _TYPES
    elif name == "DefaultSenderID":
        is_good = _SENDER.fullmatch(value) is not None
    elif name == "DeliveryStatusSuccessSamplingRate":
        is_good = value.isascii() and value.isdigit() and len(value) <= 3 and int(value) <= 100
    elif name == "MonthlySpendLimit":
        is_good = value.isascii() and value.isdigit()
    if not is_good:
        raise InvalidParameterException(reason=f"{name} Reason: Invalid value [{value}]")


# ---- who wants none: nobody here can answer a message, so nobody has opted out


def check_if_phone_number_is_opted_out(
    sns: Sns, call: Call, request: types.CheckIfPhoneNumberIsOptedOutInputTypeDef
) -> Result:
    _check_number("PhoneNumber", request["phoneNumber"])
    return {"isOptedOut": False}


def list_phone_numbers_opted_out(
    sns: Sns, call: Call, request: types.ListPhoneNumbersOptedOutInputTypeDef
) -> Result:
    page_start(request, "nextToken")
    return {"phoneNumbers": []}


def opt_in_phone_number(
    sns: Sns, call: Call, request: types.OptInPhoneNumberInputTypeDef
) -> Result:
    _check_number("PhoneNumber", request["phoneNumber"])
    return {}


# ---- the sandbox: numbers that may be verified, though every number can be written to here


def get_sms_sandbox_account_status(sns: Sns, call: Call, request: Mapping[str, Any]) -> Result:
    """Accounts here have left the sandbox: nothing is sent that could cost or disturb anybody."""
    return {"IsInSandbox": False}


def create_sms_sandbox_phone_number(
    sns: Sns, call: Call, request: types.CreateSMSSandboxPhoneNumberInputTypeDef
) -> Result:
    """Add a number, and send it a password by text message."""
    number = request["PhoneNumber"]
    _check_number("PhoneNumber", number)
    password = (
        f"{int.from_bytes(sns.ids.bytes(4), 'big') % 10**_PASSWORD_DIGITS:0{_PASSWORD_DIGITS}d}"
    )
    owner = (call.account, call.region)
    with sns.store.write() as tx:
        tx.lock(f"sns.sandbox:{call.account}:{call.region}")
        known = sns.phones.find_number(tx, *owner, number)
        count = len(sns.phones.list_numbers(tx, *owner, "", _SANDBOX_NUMBERS_MAX))
        if known is None and count >= _SANDBOX_NUMBERS_MAX:
            raise UserErrorException(
                f"You can have at most {_SANDBOX_NUMBERS_MAX} phone numbers in the SMS sandbox"
            )
        if known is not None and known["is_verified"]:
            return {}
        document = {
            "is_verified": False,
            "password": password,
            "expires_at": call.now + _PASSWORD_MILLISECONDS,
        }
        sns.phones.save_number(tx, *owner, number, document)
        sns.inbox.put(
            tx,
            account=call.account,
            region=call.region,
            channel=SMS,
            recipient=number,
            body=f"Your verification code is {password}. It is good for 15 minutes.",
            facts={"OneTimePassword": password},
            now=call.now,
            trace=call.trace,
        )
    return {}


def verify_sms_sandbox_phone_number(
    sns: Sns, call: Call, request: types.VerifySMSSandboxPhoneNumberInputTypeDef
) -> Result:
    number, owner = request["PhoneNumber"], (call.account, call.region)
    with sns.store.write() as tx:
        tx.lock(f"sns.sandbox:{call.account}:{call.region}")
        known = sns.phones.find_number(tx, *owner, number)
        if known is None:
            raise ResourceNotFoundException("The phone number does not exist in the SMS sandbox")
        is_right = known["password"] == request["OneTimePassword"]
        if not known["is_verified"] and (not is_right or call.now >= known["expires_at"]):
            raise VerificationException(
                members={"Message": "Verification failed", "Status": "InvalidOneTimePassword"}
            )
        sns.phones.save_number(tx, *owner, number, {**known, "is_verified": True})
    return {}


def delete_sms_sandbox_phone_number(
    sns: Sns, call: Call, request: types.DeleteSMSSandboxPhoneNumberInputTypeDef
) -> Result:
    with sns.store.write() as tx:
        if not sns.phones.remove_number(tx, call.account, call.region, request["PhoneNumber"]):
            raise ResourceNotFoundException("The phone number does not exist in the SMS sandbox")
    return {}


def list_sms_sandbox_phone_numbers(
    sns: Sns, call: Call, request: types.ListSMSSandboxPhoneNumbersInputTypeDef
) -> Result:
    start, entries_max = page_start(request), request.get("MaxResults") or 100
    with sns.store.read() as tx:
        found = sns.phones.list_numbers(tx, call.account, call.region, start, entries_max + 1)
    shown = [
        {"PhoneNumber": number, "Status": "Verified" if document["is_verified"] else "Pending"}
        for number, document in found
    ]
    last = found[entries_max - 1][0] if len(found) > entries_max else ""
    return paged("PhoneNumbers", shown, last, entries_max)


def list_origination_numbers(
    sns: Sns, call: Call, request: types.ListOriginationNumbersRequestTypeDef
) -> Result:
    """Numbers to send from are bought in another service; an account here has none."""
    page_start(request)
    return {"PhoneNumbers": []}


def _check_number(name: str, number: str) -> None:
    if not is_phone_number(number) or not number.startswith("+"):
        raise InvalidParameterException(reason=f"{name} Reason: input incorrectly formatted")
