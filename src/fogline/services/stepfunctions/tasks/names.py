"""Names as the SDK for Java gives them, which Step Functions shows: `ETag`, `ChecksumCrc32`, `NoSuchKeyException`.

The models' names are cut into words, and each word is written with one capital (recorded: test_s3_get_object).
"""

from __future__ import annotations

import re
from functools import lru_cache

_NAMES_MAX = 16_384

_SEPARATORS = re.compile(r"[^A-Za-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z][A-Za-z0-9])")
_ACRONYM = re.compile(r"([A-Z]+)([A-Z][a-z])")
_NUMBER = re.compile(r"([0-9])([A-Za-z])")


@lru_cache(_NAMES_MAX)
def pascal_case(name: str) -> str:
    """`executionArn` and `SSEKMSKeyId` as `ExecutionArn` and `SsekmsKeyId`."""
    text = _CAMEL.sub(" ", _SEPARATORS.sub(" ", name))
    text = _NUMBER.sub(r"\1 \2", _ACRONYM.sub(r"\1 \2", text))
    return "".join(word[:1].upper() + word[1:].lower() for word in text.split())


@lru_cache(_NAMES_MAX)
def capitalised(name: str) -> str:
    """The name as the tuned integrations show it: of another case in its first letter only."""
    return name[:1].upper() + name[1:]


@lru_cache(_NAMES_MAX)
def exception_name(shape: str) -> str:
    """The class of an error: `NoSuchKey` is thrown as `NoSuchKeyException`."""
    if shape.endswith("Fault"):
        shape = shape.removesuffix("Fault")
    return pascal_case(shape.removesuffix("Exception")) + "Exception"
