"""Access policies: whether a document that an authorizer returned lets a caller invoke a method.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

from typing import Any

from fogline.aws.policy.documents import Decision, InvalidPolicy, read_policy
from fogline.aws.policy.likeness import is_like
from fogline.aws.policy.requests import Keys, Request

__all__ = ["INVOKE", "Decision", "InvalidPolicy", "decide", "is_like"]

INVOKE = "execute-api:Invoke"
_NO_KEYS: Keys = {}


def decide(policy: Any, arn: str, keys: Keys = _NO_KEYS) -> Decision:
    """What the policy says of invoking the method of that ARN, under those circumstances. Raises InvalidPolicy."""
    return read_policy(policy).decide(Request(INVOKE, arn, keys=keys))
