"""Values of a document as what they have to be; what they are not is refused, with where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.openapi.errors import InvalidDocument
from fogline.aws.openapi.limits import REFERENCES_MAX

_NUMBER_MAX = 2**63 - 1
_NO_MEMBERS: Mapping[str, Any] = {}


def members_of(value: Any, where: str) -> Mapping[str, Any]:
    """An object; none is an empty one."""
    if value is None:
        return _NO_MEMBERS
    if not isinstance(value, dict):
        raise InvalidDocument(f"Unable to parse API definition because of a malformed {where}")
    return value


def elements_of(value: Any, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidDocument(f"Unable to parse API definition because of a malformed {where}")
    return value


def find_text(value: Any, where: str) -> str | None:
    """A text; numbers and booleans stand for how they are written, as in YAML one forgets to quote them."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise InvalidDocument(f"Unable to parse API definition because of a malformed {where}")


def texts_of(value: Any, where: str) -> dict[str, str]:
    """An object of texts; members without a value are left out."""
    found = {name: find_text(one, where) for name, one in members_of(value, where).items()}
    return {name: text for name, text in found.items() if text is not None}


def text_list(value: Any, where: str) -> tuple[str, ...]:
    """A list of texts; a text alone stands for one with it."""
    if isinstance(value, str):
        return (value,)
    return tuple(find_text(one, where) or "" for one in elements_of(value, where))


def find_number(value: Any, where: str) -> int | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    is_written = (
        value.strip().lstrip("-").isdecimal() and len(value) < 19
        if isinstance(value, str)
        else isinstance(value, float) and value.is_integer()
    )
    number = int(value) if is_written else value
    if not isinstance(number, int) or isinstance(number, bool) or abs(number) > _NUMBER_MAX:
        raise InvalidDocument(f"Unable to parse API definition because of a malformed {where}")
    return number


def find_flag(value: Any, where: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise InvalidDocument(f"Unable to parse API definition because of a malformed {where}")


class References:
    """Follows `$ref` within one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def resolved(self, value: Any, where: str) -> Any:
        """The value, or what it refers to."""
        for _ in range(REFERENCES_MAX):
            if not isinstance(value, dict) or not isinstance(value.get("$ref"), str):
                return value
            value = self._target(value["$ref"], where)
        raise InvalidDocument(f"Unable to parse API definition because of a circular {where}")

    def _target(self, reference: str, where: str) -> Any:
        if not reference.startswith("#/"):
            raise InvalidDocument(f"Invalid reference '{reference[:200]}' in {where}")
        value: Any = self._document
        for part in reference[2:].split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(value, dict) or name not in value:
                raise InvalidDocument(f"Reference '{reference[:200]}' in {where} not found")
            value = value[name]
        return value
