"""Resource policies: whom an API lets in, alone or together with authorizers.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
"""

from __future__ import annotations

from fogline.apis.access_policies import INVOKE
from fogline.apis.addresses import endpoint_of
from fogline.aws.policy.documents import Decision, InvalidPolicy
from fogline.aws.policy.requests import ANONYMOUS, Caller, Request
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import (
    API_CONFIGURATION_ERROR,
    DENIED_BY_POLICY,
    Fault,
)

_NETWORKS = (("aws:sourcevpce", "x-amzn-vpce-id"), ("aws:sourcevpc", "x-amzn-vpc-id"))
_SHOWN_DIGITS = 4


def method_arn(exchange: Exchange, method: str = "", path: str = "") -> str:
    """The ARN under which policies name what is invoked."""
    return _arn(exchange, exchange.site.account, method, path)


def _arn(exchange: Exchange, account: str, method: str = "", path: str = "") -> str:
    site = exchange.site
    return (
        f"arn:aws:execute-api:{site.region}:{account}:{site.api.id}/{site.stage_name}/"
        f"{method or exchange.method}/{(path or exchange.path).lstrip('/')}"
    )


def condition_keys(exchange: Exchange) -> dict[str, str]:
    """The circumstances of a request, as conditions of policies name them."""
    headers = exchange.headers
    keys = {
        "aws:sourceip": exchange.source_ip,
        "aws:currenttime": str(exchange.now / 1000),
        "aws:epochtime": str(exchange.now // 1000),
        "aws:securetransport": str(exchange.scheme == "https").lower(),
        "aws:requestedregion": exchange.site.region,
    }
    for key, name in (
        ("aws:useragent", "user-agent"),
        ("aws:referer", "referer"),
        # There are no networks here: a caller plays one by the headers that API Gateway tells integrations.
        *_NETWORKS,
    ):
        found = headers.find(name)
        if found is not None:
            keys[key] = found
    endpoint = endpoint_of(exchange.host)
    if endpoint:
        keys.setdefault("aws:sourcevpce", endpoint)
    identity = exchange.iam_identity
    if identity is not None:
        keys |= {
            "aws:principalarn": identity["userArn"],
            "aws:principalaccount": identity["accountId"],
            "aws:userid": identity["caller"],
        }
    caller = exchange.caller
    if caller is not None and caller.service:
        keys |= {
            "aws:sourcearn": caller.source_arn,
            "aws:sourceaccount": caller.principal.account,
            "aws:principalservicename": caller.service,
        }
    return keys


def check_anonymous(exchange: Exchange) -> None:
    """Before a method that asks nobody who they are, or a user pool: the policy has to allow it. Raises Fault."""
    caller = _service(exchange) or ANONYMOUS
    decision = _decision(exchange, caller)
    if decision not in (None, Decision.ALLOWED):
        raise _refused(exchange, caller, decision)


def check_denial(exchange: Exchange) -> bool:
    """Before a function is asked: the policy must not forbid it. True where the policy even allows it. Raises Fault."""
    decision = _decision(exchange, ANONYMOUS)
    if decision is Decision.DENIED:
        raise _refused(exchange, ANONYMOUS, decision)
    return decision is Decision.ALLOWED


def check_signer(exchange: Exchange) -> None:
    """After a signature: callers of the API's own account need no word of the policy's, others do. Raises Fault."""
    identity = exchange.iam_identity
    assert identity is not None, "who signed is known"
    service = _service(exchange)
    account = exchange.site.account
    caller = service or Caller(identity["accountId"], identity["userArn"])
    decision = _decision(exchange, caller)
    is_own = service is None and caller.account == account
    if decision is Decision.DENIED:
        raise _refused(exchange, caller, decision)
    if decision is not Decision.ALLOWED and not is_own:
        raise _refused(exchange, caller, decision)


def _service(exchange: Exchange) -> Caller | None:
    inner = exchange.caller
    if inner is None or not inner.service:
        return None
    return Caller(service=inner.service)


def _decision(exchange: Exchange, caller: Caller) -> Decision | None:
    """What the API's policy says; None where it has none. Raises Fault."""
    try:
        policy = exchange.site.api.policy
    except InvalidPolicy as invalid:
        raise Fault(
            API_CONFIGURATION_ERROR, f"The resource policy cannot be read: {invalid}"
        ) from None
    if policy is None:
        return None
    keys = condition_keys(exchange)
    if "PRIVATE" in (exchange.site.api.settings.get("endpointConfiguration") or {}).get(
        "types", ()
    ):
        # Whoever calls a private API comes from a network of its own: the one that the policy names first.
        for key, _ in _NETWORKS:
            named = policy.first_value(key)
            if named is not None:
                keys.setdefault(key, named)
    return policy.decide(Request(INVOKE, method_arn(exchange), caller, keys))


def _refused(exchange: Exchange, caller: Caller, decision: Decision | None) -> Fault:
    account = exchange.site.account
    shown = "*" * (len(account) - _SHOWN_DIGITS) + account[-_SHOWN_DIGITS:]
    why = " with an explicit deny" if decision is Decision.DENIED else ""
    message = (
        f"User: {caller.name} is not authorized to perform: {INVOKE} on resource: "
        f"{_arn(exchange, shown)}{why}"
    )
    return Fault(DENIED_BY_POLICY, message, message=message)
