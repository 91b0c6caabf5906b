"""Paths by their text: compiled on first use and kept."""

from __future__ import annotations

from functools import lru_cache

from fogline.aws.jsonpath.path import InvalidPath, Path, ReferencePath
from fogline.aws.jsonpath.reader import Reader
from fogline.aws.jsonpath.steps import Index, Name

COMPILED_MAX = 2_048


@lru_cache(COMPILED_MAX)
def compile_path(text: str) -> Path:
    """The path that the text spells. Raises InvalidPath."""
    root, steps = Reader(text).read()
    return Path(text, root, steps)


@lru_cache(COMPILED_MAX)
def compile_reference(text: str) -> ReferencePath:
    """The reference path that the text spells: members and single elements of the input only. Raises InvalidPath."""
    path = compile_path(text)
    if path.root != "$":
        raise InvalidPath("a reference path starts with '$'")
    for step in path.steps:
        if not isinstance(step, Name) and not (isinstance(step, Index) and step.index >= 0):
            raise InvalidPath("a reference path has only members and single elements")
    return ReferencePath(path)
