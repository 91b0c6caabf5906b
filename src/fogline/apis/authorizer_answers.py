"""What functions that authorize answer with: a principal, a policy and a context.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-output.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson


def read_answer(answer: Any) -> Mapping[str, Any] | None:
    """`principalId`, `policyDocument`, `context` (whose values are texts then) and `usageIdentifierKey`.

    None for what is no answer.
    """
    context = answer.get("context") or {} if isinstance(answer, dict) else {}
    if (
        not isinstance(answer, dict)
        or not isinstance(answer.get("policyDocument"), dict)
        or not isinstance(answer.get("principalId"), (str, int))
        or not isinstance(context, dict)
        or any(isinstance(value, (dict, list)) for value in context.values())
    ):
        return None
    key = answer.get("usageIdentifierKey")
    return {
        "principalId": str(answer["principalId"]),
        "policyDocument": answer["policyDocument"],
        "context": {name: _text(value) for name, value in context.items() if value is not None},
        "usageIdentifierKey": key if isinstance(key, str) else None,
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
