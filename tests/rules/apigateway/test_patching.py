"""Patch operations: what they change, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.patching import (
    ADD_REMOVE,
    ALL,
    REPLACE_REMOVE,
    Form,
    Patches,
    Path,
    read_boolean,
    read_integer,
    read_number,
    split_path,
)

PATHS = (
    Path("/name"),
    Path("/count", REPLACE_REMOVE, read_integer),
    Path("/inner/flag", read=read_boolean),
    Path("/entries/{name}", ALL, form=Form.ENTRY, missing="no entry", blank="no value"),
    Path("/types/{type}", ALL, form=Form.ELEMENT),
    Path("/list", ADD_REMOVE, form=Form.LISTED),
    Path("/copied", frozenset(("copy", "move"))),
)
PLAIN, LISTING = Patches(PATHS), Patches(PATHS, is_listing=True)


def patched(document: dict[str, Any], op: str, path: str | None, **said: Any) -> dict[str, Any]:
    PLAIN.apply(document, [{"op": op, "path": path, **said}])
    return document


@pytest.mark.parametrize(
    ("before", "op", "path", "value", "after"),
    [
        ({}, "replace", "/name", "a", {"name": "a"}),
        ({}, "replace", "/count", "7", {"count": 7}),
        ({"count": 7}, "remove", "/count", None, {}),
        ({}, "replace", "/inner/flag", "TRUE", {"inner": {"flag": True}}),
        ({}, "add", "/entries/a~1b", "1", {"entries": {"a/b": "1"}}),
        ({"entries": {"a": "1"}}, "replace", "/entries/a", "2", {"entries": {"a": "2"}}),
        ({"entries": {"a": "1"}}, "remove", "/entries/a", None, {"entries": {}}),
        ({}, "add", "/types/image~1png", None, {"types": ["image/png"]}),
        ({"types": ["a", "b"]}, "replace", "/types/a", "c", {"types": ["b", "c"]}),
        ({"types": ["a", "b"]}, "remove", "/types/a", None, {"types": ["b"]}),
        ({"list": ["a"]}, "add", "/list", "b", {"list": ["a", "b"]}),
        ({"list": ["a", "b"]}, "remove", "/list", "a", {"list": ["b"]}),
    ],
)
def test_a_path_leads_to_what_is_changed(
    before: dict[str, Any], op: str, path: str, value: str | None, after: dict[str, Any]
) -> None:
    assert patched(before, op, path, value=value) == after


def test_values_are_copied_and_moved() -> None:
    assert patched({"name": "a"}, "copy", "/copied", **{"from": "/name"}) == {
        "name": "a",
        "copied": "a",
    }
    assert patched({"name": "a"}, "move", "/copied", **{"from": "/name"}) == {"copied": "a"}


@pytest.mark.parametrize("source", [None, "", "/", "/no", "/name/more", "name"])
def test_what_is_not_there_is_not_copied(source: str | None) -> None:
    with pytest.raises(BadRequestException):
        patched({"name": "a"}, "copy", "/copied", **{"from": source})


@pytest.mark.parametrize("path", [None, "", "/", "name", "/name/more", "/no", "/entries", "//name"])
def test_paths_that_lead_nowhere_are_refused(path: str | None) -> None:
    with pytest.raises(BadRequestException, match=r"^Invalid patch path "):
        patched({}, "replace", path, value="x")


def test_a_refusal_may_list_what_is_possible() -> None:
    with pytest.raises(BadRequestException) as refused:
        LISTING.apply({}, [{"op": "replace", "path": "/no"}])
    assert refused.value.text == (
        "Invalid patch path  '/no' specified for op 'replace'. Must be one of: [/name, /count, /inner/flag, "
        "/entries/{name}, /types/{type}]"
    )
    with pytest.raises(BadRequestException, match=r"Please choose supported operations$"):
        LISTING.apply({}, [{"op": "test", "path": "/name"}])


def test_entries_that_are_not_there_stay_so() -> None:
    for op in ("remove", "replace"):
        with pytest.raises(NotFoundException, match="no entry"):
            patched({}, op, "/entries/a", value="1")
    with pytest.raises(BadRequestException, match="no value"):
        patched({}, "replace", "/entries/a", value=None)


@pytest.mark.parametrize("text", ["", "x", "1.5", "--1", "1" * 11, "٣"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(BadRequestException):
        read_integer(text)


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "-inf", "1e99"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadRequestException):
        read_number(text)


def test_escapes_in_paths_are_read() -> None:
    assert split_path("/a~1b/c~0d/~01") == ["a/b", "c~d", "~1"]
