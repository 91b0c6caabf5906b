"""Lists of keys: pages joined are the whole, whatever their size, prefix and delimiter."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from fogline.services.s3.listing import Position, make_page, start_after, successor

KEYS = st.lists(st.text("ab/é", min_size=1, max_size=6), max_size=25, unique=True)


@dataclass(frozen=True)
class Entry:
    key: bytes


def pages(keys: list[str], prefix: str, delimiter: str, limit: int) -> list[tuple[str, bool]]:
    """What a client sees who asks until nothing is left: keys, and common prefixes marked so."""
    entries = [Entry(key) for key in sorted(key.encode() for key in keys)]

    def fetch(at: Position, until: bytes | None, count: int) -> list[Entry]:
        found = [each for each in entries if each.key >= at[0]]
        return [each for each in found if until is None or each.key < until][:count]

    seen: list[tuple[str, bool]] = []
    since = b""
    while True:
        page = make_page(
            fetch, prefix=prefix, delimiter=delimiter, since=(since, None), limit=limit
        )
        shown = [(entry.key.decode(), False) for entry in page.entries]
        shown += [(common, True) for common in page.prefixes]
        assert len(shown) <= limit
        seen += shown
        if not page.is_truncated:
            return seen
        since = start_after(page.last, prefix, delimiter)


@given(KEYS, st.text("ab/", max_size=2), st.sampled_from(["", "/", "a"]), st.integers(1, 5))
def test_pages_joined_are_the_whole(
    keys: list[str], prefix: str, delimiter: str, limit: int
) -> None:
    expected = set()
    for key in keys:
        if not key.startswith(prefix):
            continue
        at = key.find(delimiter, len(prefix)) if delimiter else -1
        expected.add((key, False) if at < 0 else (key[: at + len(delimiter)], True))
    seen = pages(keys, prefix, delimiter, limit)
    assert len(seen) == len(set(seen))
    assert set(seen) == expected


@given(st.binary(max_size=5), st.binary(max_size=5))
def test_the_successor_of_a_prefix_is_behind_all_that_begin_with_it(
    prefix: bytes, rest: bytes
) -> None:
    behind = successor(prefix)
    if behind is not None:
        assert prefix + rest < behind
        assert not behind.startswith(prefix)
