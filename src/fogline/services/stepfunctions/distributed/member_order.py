"""The order of an item's members that come from columns: that of a hash table of Java's, as AWS gives them.

It shows wherever an item is written as text. Recorded: test_map_item_reader_csv_headers_first_row_typed_headers,
test_map_item_reader_csv_first_row_extra_fields.
"""

from __future__ import annotations

from collections.abc import Sequence

_BUCKETS_MIN = 16
_FILLED_MAX = 0.75


def member_order(names: Sequence[str]) -> list[int]:
    """The places of the names in the order of members."""
    buckets = _BUCKETS_MIN
    while len(names) > buckets * _FILLED_MAX:
        buckets *= 2
    return sorted(range(len(names)), key=lambda place: _spread(names[place]) & (buckets - 1))


def _spread(name: str) -> int:
    """The hash of a text in Java, with its upper half over its lower one."""
    code = 0
    units = name.encode("utf-16-le", "surrogatepass")
    for low, high in zip(units[::2], units[1::2], strict=True):
        code = (code * 31 + low + (high << 8)) & 0xFFFFFFFF
    return code ^ (code >> 16)
