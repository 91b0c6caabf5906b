"""Throttling: how many clients may connect, and how many messages an account and a route may be sent."""

from __future__ import annotations

from fogline.services.apigatewayv2.websocket.exchange import Exchange
from fogline.services.apigatewayv2.websocket.faults import TOO_MANY, Fault
from fogline.services.apigatewayv2.websocket.standing import Standing


def throttle_connecting(standing: Standing, exchange: Exchange) -> None:
    """Take what one more client needs of its account's bucket, where there is a bound. Raises Fault.

    Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
    """
    most, site = standing.limits.connects_per_second_max, exchange.site
    key = ("connects", site.account, site.region)
    if most and not standing.runtime.buckets.take(key, most, most, exchange.now):
        raise Fault(TOO_MANY, "More clients connect in a second than the account may have")


def throttle(standing: Standing, exchange: Exchange) -> None:
    """Take what an exchange needs of its account's bucket and of its route's. Raises Fault."""
    runtime, site = standing.runtime, exchange.site
    account = (site.account, site.region)
    limits = runtime.limits
    if not runtime.buckets.take(account, limits.rate_per_second, limits.burst, exchange.now):
        raise Fault(TOO_MANY, "The account's rate or burst is exceeded")
    settings = site.route_settings(exchange.route_key)
    rate, burst = settings.get("ThrottlingRateLimit"), settings.get("ThrottlingBurstLimit")
    if rate is None and burst is None:
        return
    rate = limits.rate_per_second if rate is None else rate
    burst = limits.burst if burst is None else burst
    key = (*account, site.api_id, site.stage_name, exchange.route_key)
    if not runtime.buckets.take(key, rate, burst, exchange.now):
        raise Fault(TOO_MANY, "The route's rate or burst is exceeded")
