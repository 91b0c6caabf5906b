"""Filters: which parameters a list shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fogline.services.ssm.errors import InvalidFilterKey, InvalidFilterOption, InvalidFilterValue
from fogline.services.ssm.names import is_under, key_of
from fogline.store.documents import Document

Test = Callable[[str, Document], bool]

_MEMBERS = {"Type": "type", "KeyId": "key_id", "Tier": "tier", "DataType": "data_type"}
_DESCRIBED_KEYS = ("Name", "Type", "KeyId", "Path", "Tier", "DataType", "Tags")
_PATH_KEYS = ("Type", "KeyId", "Label", "DataType")


def described_tests(
    filters: Sequence[Mapping[str, Any]], older_filters: Sequence[Mapping[str, Any]]
) -> list[Test]:
    """The tests of DescribeParameters."""
    tests = [_test(each, _DESCRIBED_KEYS) for each in filters]
    for each in older_filters:
        option = "BeginsWith" if each["Key"] == "Name" else "Equals"
        tests.append(_test({**each, "Option": option}, _DESCRIBED_KEYS))
    return tests


def path_tests(filters: Sequence[Mapping[str, Any]]) -> tuple[list[Test], list[str]]:
    """The tests of GetParametersByPath, and the labels that choose versions."""
    tests = [_test(each, _PATH_KEYS) for each in filters if each["Key"] != "Label"]
    labels = [
        value for each in filters if each["Key"] == "Label" for value in each.get("Values") or ()
    ]
    return tests, labels


def _test(given: Mapping[str, Any], valid_keys: tuple[str, ...]) -> Test:
    key, values = given["Key"], list(given.get("Values") or ())
    if key.startswith("tag:") and "Tags" in valid_keys:
        return _tag_test(key[4:], values)
    if key not in valid_keys:
        raise InvalidFilterKey(key=key, valid=f"[{', '.join(valid_keys)}]")
    if not values:
        raise InvalidFilterValue()
    if key == "Path":
        option = given.get("Option", "OneLevel")
        if option not in ("OneLevel", "Recursive"):
            raise InvalidFilterOption(option=option, valid="[OneLevel, Recursive]")
        return lambda name, _: any(is_under(name, each, option == "Recursive") for each in values)
    option = given.get("Option", "Equals")
    if key == "Name":
        values = [key_of(each) for each in values]
    compare = _comparison(option, is_name=key == "Name")
    member = _MEMBERS.get(key)

    def test(name: str, version: Document) -> bool:
        actual = name if member is None else version.get(member) or ""
        return any(compare(actual, each) for each in values)

    return test


def _comparison(option: str, is_name: bool) -> Callable[[str, str], bool]:
    if option == "Equals":
        return str.__eq__
    if option == "BeginsWith":
        return str.startswith
    if option == "Contains" and is_name:
        return str.__contains__
    valid = "[BeginsWith, Contains, Equals]" if is_name else "[BeginsWith, Equals]"
    raise InvalidFilterOption(option=option, valid=valid)


def _tag_test(tag: str, values: list[str]) -> Test:
    def test(name: str, version: Document) -> bool:
        tags = version.get("tags") or {}
        return tag in tags and (not values or tags[tag] in values)

    return test
