"""What a custom domain name is to point to by DNS on AWS: the names and hosted zones of the edge and of regions.

Source: https://docs.aws.amazon.com/general/latest/gr/apigateway.html
"""

from __future__ import annotations

from typing import NamedTuple

_EDGE_ZONE = "Z2FDTNDATAQYW2"
"""The hosted zone of everything at the edge, which AWS publishes."""
_REGIONAL_ZONES = {
    "us-east-1": "Z1UJRXOUMOOFQ8",
    "us-east-2": "ZOJJZC49E0EPZ",
    "us-west-1": "Z2MUQ32089INYE",
    "us-west-2": "Z2OJLYMUO9EFXC",
    "eu-west-1": "ZLY8HYME6SFDD",
    "eu-west-2": "ZJ5UAJN8Y3Z2Q",
    "eu-central-1": "Z1U9ULNL0V5AJ3",
    "eu-north-1": "Z3UWIKFBOOGXPP",
    "ap-southeast-1": "ZL327KTPIQFUL",
    "ap-southeast-2": "Z2RPCDW04V8134",
    "ap-northeast-1": "Z1YSHQZHG15GKL",
}


class DomainTarget(NamedTuple):
    name: str
    zone: str


def edge_target(token: str) -> DomainTarget:
    """The target of a domain name at the edge, by what was drawn for it."""
    return DomainTarget(f"d{token}.cloudfront.net", _EDGE_ZONE)


def regional_target(token: str, region: str) -> DomainTarget:
    """The target of a regional domain name, by what was drawn for it."""
    zone = _REGIONAL_ZONES.get(region, _REGIONAL_ZONES["us-east-1"])
    return DomainTarget(f"d-{token}.execute-api.{region}.amazonaws.com", zone)
