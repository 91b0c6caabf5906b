"""Forms: bodies of JSON as endpoints read them that know no JSON."""

from __future__ import annotations

import pytest

from fogline.services.stepfunctions.tasks.forms import form_of


@pytest.mark.parametrize(
    ("array_format", "form"),
    [
        ("INDICES", b"a%5B0%5D=x&a%5B1%5D=y+z"),
        ("REPEAT", b"a=x&a=y+z"),
        ("COMMAS", b"a=x,y+z"),
        ("BRACKETS", b"a%5B%5D=x&a%5B%5D=y+z"),
    ],
)
def test_arrays_are_written_in_the_format_asked_for(array_format: str, form: bytes) -> None:
    assert form_of({"a": ["x", "y z"]}, array_format) == form


def test_members_of_members_are_named_by_brackets() -> None:
    assert form_of({"card": {"number": 4242, "owner": {"name": "A&B"}}}) == (
        b"card%5Bnumber%5D=4242&card%5Bowner%5D%5Bname%5D=A%26B"
    )


def test_values_are_written_as_json_writes_them() -> None:
    assert form_of({"t": True, "n": None, "f": 1.5, "e": []}) == b"t=true&n=&f=1.5"
