"""Data protection policies: kept with their topics, and checked to be what AWS takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from fogline.aws.call import Call
from fogline.services.sns.errors import InvalidParameterException
from fogline.services.sns.limits import Limits
from fogline.services.sns.lookup import require_topic, require_writable
from fogline.services.sns.service import Sns

if TYPE_CHECKING:
    from types_boto3_sns import type_defs as types

Result = Mapping[str, Any]

_VERSION = "2021-06-01"


def get_data_protection_policy(
    sns: Sns, call: Call, request: types.GetDataProtectionPolicyInputTypeDef
) -> Result:
    with sns.store.read() as tx:
        topic = require_topic(sns, tx, call, request["ResourceArn"], "ResourceArn")
    return {"DataProtectionPolicy": topic.document.get("data_protection", "")}


def put_data_protection_policy(
    sns: Sns, call: Call, request: types.PutDataProtectionPolicyInputTypeDef
) -> Result:
    """Keep a policy; an empty one removes it."""
    text = request["DataProtectionPolicy"]
    if text:
        check_data_protection(text, sns.limits)
    with sns.store.write() as tx:
        topic = require_writable(sns, tx, call, request["ResourceArn"], "ResourceArn")
        if topic.is_fifo:
            raise InvalidParameterException(
                reason="DataProtectionPolicy Reason: FIFO topics have no data protection"
            )
        document = {**topic.document, "data_protection": text}
        if not text:
            del document["data_protection"]
        sns.tables.save_topic(tx, topic.account, topic.region, document)
    return {}


def check_data_protection(text: str, limits: Limits) -> None:
    """Refuse what is no data protection policy. Raises InvalidParameterException.

    Form: https://docs.aws.amazon.com/sns/latest/dg/sns-message-data-protection-policies.html
    """
    if len(text.encode()) > limits.policy_bytes_max:
        raise InvalidParameterException(reason="DataProtectionPolicy Reason: policy is too long")
    try:
        policy = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _refused("failed to parse JSON.") from None
    if not isinstance(policy, dict):
        raise _refused("must be a JSON object")
    if not isinstance(policy.get("Name"), str) or not policy["Name"]:
        raise _refused("Name is required")
    if policy.get("Version") != _VERSION:
        raise _refused(f"Version must be {_VERSION}")
    statements = policy.get("Statement")
    if not isinstance(statements, list) or not statements:
        raise _refused("Statement must be a list that is not empty")
    for statement in statements:
        _check_statement(statement)


def _check_statement(statement: object) -> None:
    if not isinstance(statement, dict):
        raise _refused("each Statement must be a JSON object")
    if statement.get("DataDirection") not in ("Inbound", "Outbound"):
        raise _refused("DataDirection must be Inbound or Outbound")
    if not isinstance(statement.get("DataIdentifier"), list) or not statement["DataIdentifier"]:
        raise _refused("DataIdentifier must be a list that is not empty")
    operation = statement.get("Operation")
    if not isinstance(operation, dict) or set(operation) - {"Audit", "Deidentify", "Deny"}:
        raise _refused("Operation must be Audit, Deidentify or Deny")


def _refused(reason: str) -> InvalidParameterException:
    return InvalidParameterException(reason=f"DataProtectionPolicy Reason: {reason}")
