"""How clients name functions: by name, by partial or full ARN, each with or without a qualifier."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from fogline.aws.arn import make_arn
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
)

LATEST = "$LATEST"

_REFERENCE = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:)?"
    r"(?:(?P<region>(?:eusc-)?[a-z]{2}(?:-gov|-iso[a-z]?)?-[a-z]+-\d):)?"
    r"(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9-_.]+)(?::(?P<qualifier>\$LATEST(?:\.PUBLISHED)?|[$a-zA-Z0-9-_]+))?"
)
_LAYER_VERSION = re.compile(
    r"arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12})"
    r":layer:(?P<name>[a-zA-Z0-9-_]+):(?P<version>\d+)"
)
_LAYER = re.compile(
    r"(?:arn:aws[a-zA-Z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):layer:)?"
    r"(?P<name>[a-zA-Z0-9-_]+)"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A function as a request names it. `qualifier` is "" when none was given."""

    account: str
    region: str
    name: str
    qualifier: str = ""

    @property
    def function_arn(self) -> str:
        return function_arn(self.account, self.region, self.name)

    @property
    def arn(self) -> str:
        """With the qualifier, where one was given."""
        return qualified(self.function_arn, self.qualifier)


def function_arn(account: str, region: str, name: str) -> str:
    return make_arn("lambda", region, account, f"function:{name}")


def qualified(arn: str, qualifier: str) -> str:
    return f"{arn}:{qualifier}" if qualifier else arn


@lru_cache(4_096)
def read_reference(account: str, region: str, text: str, qualifier: str = "") -> Reference:
    """The function that `text` names for a caller of that account and region.

    Raises InvalidParameterValueException, and ResourceNotFoundException for another region.
    """
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise ResourceNotFoundException(arn=function_arn(account, region, text))
    own = match["qualifier"] or ""
    if own and qualifier and own != qualifier:
        raise InvalidParameterValueException(
            "The derived qualifier from the function name does not match the specified qualifier."
        )
    if match["region"] and match["region"] != region:
        raise ResourceNotFoundException(
            f"Functions from '{match['region']}' are not reachable in this region ('{region}')"
        )
    return Reference(match["account"] or account, region, match["name"], own or qualifier)


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One version of a layer."""

    account: str
    region: str
    name: str
    version: int

    @property
    def layer_arn(self) -> str:
        return make_arn("lambda", self.region, self.account, f"layer:{self.name}")

    @property
    def arn(self) -> str:
        return f"{self.layer_arn}:{self.version}"


def find_layer_version(arn: str) -> LayerVersion | None:
    """The layer version that an ARN names, or None if it names none."""
    match = _LAYER_VERSION.fullmatch(arn)
    if match is None:
        return None
    return LayerVersion(match["account"], match["region"], match["name"], int(match["version"]))


def read_layer(account: str, region: str, text: str) -> tuple[str, str, str]:
    """Account, region and name of the layer that `text` (a name or an ARN) names."""
    match = _LAYER.fullmatch(text)
    if match is None:
        raise InvalidParameterValueException(f"Invalid Layer name: {text}")
    return match["account"] or account, match["region"] or region, match["name"]


def is_version(qualifier: str) -> bool:
    """True for the number of a published version."""
    return qualifier.isascii() and qualifier.isdigit()
