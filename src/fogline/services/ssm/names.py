"""Names: how parameters are called, with a version or a label behind them, or by ARN."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from fogline.aws.arn import find_arn, make_arn
from fogline.aws.call import Call
from fogline.services.ssm.errors import (
    AccessDeniedException,
    HierarchyLevelLimitExceededException,
    ParameterNotFound,
    ValidationException,
)

_SECRETS = "/aws/reference/secretsmanager/"
_LABEL = re.compile(r"(?!\d|aws|ssm)[\w.-]{1,100}", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(r"/?[\w.-]+", re.ASCII)
_PATH = re.compile(r"(/[\w.-]+)+", re.ASCII)
_NOT_A_NAME = (
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can '
    "consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, "
    "numbers and the following 3 symbols .-_"
)
_NOT_A_PATH = (
    "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a "
    'forward slash "/". It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only '
    "letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special "
    "characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "
    '"/". Valid example: /get/parameters2-/by1./path0_.'
)


class Asked(NamedTuple):
    """A parameter as a request names it."""

    key: str
    """Under what name it is kept: `/a` and `a` are one parameter."""
    shown: str
    """The name that the answer repeats."""
    selector: str
    """`:3` or `:label`, or ""."""


def key_of(name: str) -> str:
    return name[1:] if name.startswith("/") and name.count("/") == 1 else name


def path_of(key: str) -> str:
    """The place of a parameter in the hierarchy."""
    return key if key.startswith("/") else f"/{key}"


def arn_of(call: Call, key: str) -> str:
    return make_arn("ssm", call.region, call.account, f"parameter{path_of(key)}")


def read_asked(call: Call, text: str) -> Asked:
    """The parameter that a request names. Raises ValidationException where that is no name."""
    arn = find_arn(text)
    if arn is None:
        name, colon, selector = text.partition(":")
        if name.startswith(_SECRETS):
            raise ParameterNotFound(
                "An error occurred (ParameterNotFound) when referencing Secrets Manager: "
                f"Secret {name} not found."
            )
        if not _PLAIN.fullmatch(name) and not _PATH.fullmatch(name):
            raise ValidationException(_NOT_A_NAME)
        return Asked(key_of(name), name, colon + selector)
    path, colon, selector = arn.resource.removeprefix("parameter").partition(":")
    if (arn.service, arn.account, arn.region) != ("ssm", call.account, call.region):
        raise ParameterNotFound()
    key = key_of(path)
    return Asked(key, key, colon + selector)


def check_new(name: str, levels_max: int) -> None:
    """Raises what forbids that a parameter be called so."""
    first = name.lstrip("/").lower()
    if name.lower().startswith("/aws/"):
        raise AccessDeniedException(name=name)
    if first.startswith(("aws", "ssm")):
        raise ValidationException(
            'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).'
        )
    if "/" in name and not name.startswith("/"):
        raise ValidationException("Parameter name must be a fully qualified name.")
    if not _PLAIN.fullmatch(name) and not _PATH.fullmatch(name):
        raise ValidationException(_NOT_A_NAME)
    if name.count("/") > levels_max:
        raise HierarchyLevelLimitExceededException(max=levels_max)


def check_path(path: str) -> None:
    if path != "/" and not _PATH.fullmatch(path.rstrip("/")):
        raise ValidationException(_NOT_A_PATH)


def is_under(key: str, path: str, is_recursive: bool) -> bool:
    """True when the parameter stands below `path`, directly or, if recursive, anywhere."""
    front = path.rstrip("/") + "/"
    place = path_of(key)
    return place.startswith(front) and (is_recursive or "/" not in place[len(front) :])


def is_label(text: str) -> bool:
    return _LABEL.fullmatch(text) is not None


def check_tags(call: Call, tags: Iterable[str]) -> None:
    """Only AWS's own services, which call without a protocol, may give tags of AWS."""
    if call.protocol and any(key.lower().startswith("aws:") for key in tags):
        raise ValidationException("Tag keys starting with aws: are reserved for AWS.")
