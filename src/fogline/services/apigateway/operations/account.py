"""The account: in whose name logs are written, and how much it may be asked."""

from __future__ import annotations

from typing import Any

from fogline.apis.parts import thawed
from fogline.aws.call import Call
from fogline.services.apigateway.errors import BadRequestException
from fogline.services.apigateway.lookup import Request, Result
from fogline.services.apigateway.patching import ADD_REMOVE, REPLACE_REMOVE, Form, Patches, Path
from fogline.services.apigateway.service import ApiGateway
from fogline.store.store import Tx

_NAME = "account"
_API_KEY_VERSION = "4"
_PATCHES = Patches(
    (
        Path("/cloudwatchRoleArn", REPLACE_REMOVE),
        Path("/features", ADD_REMOVE, form=Form.LISTED),
    ),
    is_listing=True,
)


def get_account(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.read() as tx:
        return _found(gateway, tx, call)


def update_account(gateway: ApiGateway, call: Call, request: Request) -> Result:
    with gateway.store.write() as tx:
        tx.lock(f"apigateway-account:{call.account}:{call.region}")
        account = thawed(_found(gateway, tx, call))
        _PATCHES.apply(account, request.get("patchOperations"))
        role = account.get("cloudwatchRoleArn")
        if role and not (role.startswith("arn:") and ":role/" in role):
            raise BadRequestException("The role ARN does not have required permissions configured.")
        if not role:
            account.pop("cloudwatchRoleArn", None)
        gateway.tables.accounts.save(tx, call.account, call.region, _NAME, account)
    return account


def _found(gateway: ApiGateway, tx: Tx, call: Call) -> dict[str, Any]:
    kept = gateway.tables.accounts.find(tx, call.account, call.region, _NAME)
    limits = gateway.limits
    return {
        "throttleSettings": {"burstLimit": limits.burst, "rateLimit": limits.rate_per_second},
        "features": ["UsagePlans"],
        "apiKeyVersion": _API_KEY_VERSION,
        **(kept or {}),
    }
