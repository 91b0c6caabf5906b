"""Checksums of uploads in parts are those of the whole."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.services.s3.checksums import (
    COMPOSITE,
    FULL_OBJECT,
    Meter,
    combined,
    make_digest,
    upload_type,
)
from fogline.services.s3.errors import InvalidRequest


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [("CRC32", "cbf43926"), ("CRC32C", "e3069283"), ("CRC64NVME", "ae8b14860a799888")],
)
def test_the_check_values_of_the_published_algorithms(algorithm: str, expected: str) -> None:
    digest = make_digest(algorithm)
    digest.update(b"12345")
    digest.update(b"6789")
    assert digest.digest().hex() == expected


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
@given(parts=st.lists(st.binary(max_size=50), min_size=1, max_size=5))
def test_parts_combine_to_the_checksum_of_the_whole(algorithm: str, parts: list[bytes]) -> None:
    def value(data: bytes) -> str:
        meter = Meter([algorithm])
        meter.update(data)
        return meter.checksum(algorithm).value

    made = combined(algorithm, FULL_OBJECT, [(value(part), len(part)) for part in parts])
    assert made.value == value(b"".join(parts))


def test_a_composite_counts_its_parts() -> None:
    part = base64.b64encode(bytes(20)).decode()
    assert combined("SHA1", COMPOSITE, [(part, 1), (part, 1)]).value.endswith("-2")


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("CRC64NVME", COMPOSITE), ("SHA256", FULL_OBJECT), (None, FULL_OBJECT)]
)
def test_some_types_do_not_go_with_some_algorithms(algorithm: str | None, kind: str) -> None:
    with pytest.raises(InvalidRequest):
        upload_type(algorithm, kind)
