"""Records: how event source mappings and pipes filter what they read, with data that is text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from fogline.aws.patterns.fields import fields_of
from fogline.aws.patterns.pattern import Alternative, Pattern, is_met


def record_matches(
    filters: Sequence[Pattern], record: Mapping[str, Any], data: str = "body"
) -> bool:
    """True when any filter matches the record, or when there is none.

    `data` names the member that holds the sender's text ("" for sources whose records are data). Where
    that text is JSON, filters see what it says and a filter for plain text finds no match; where it is
    not, a filter for JSON finds none.
    """
    if not filters:
        return True
    is_json = False
    text = record.get(data)
    if isinstance(text, (str, bytes)) and text[:1].strip() in ("", "{", "[", b"", b"{", b"["):
        try:
            parsed = orjson.loads(text)
        except orjson.JSONDecodeError:
            parsed = None
        if isinstance(parsed, (dict, list)):
            is_json = True
            record = {**record, data: parsed}
    return any(_matches(pattern, record, data, is_json) for pattern in filters)


def _matches(pattern: Pattern, record: Mapping[str, Any], data: str, is_json: bool) -> bool:
    fields = fields_of(record, pattern.paths, pattern.branches)
    return any(
        is_met(alternative, fields) and _fits(alternative, data, is_json)
        for alternative in pattern.alternatives
    )


def _fits(alternative: Alternative, data: str, is_json: bool) -> bool:
    """False when the filter asks for text and the data is JSON, or the other way round."""
    if is_json:
        return data not in alternative
    inside = data + "."
    return not any(path.startswith(inside) for path in alternative)
