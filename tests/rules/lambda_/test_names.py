"""How functions may be named in requests."""

from __future__ import annotations

import pytest

from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceNotFoundException,
)
from fogline.services.lambda_.names import Reference, find_layer_version, read_reference

HERE = ("000000000001", "us-east-1")
OTHER = "000000000002"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f", Reference(*HERE, "f")),
        ("f:live", Reference(*HERE, "f", "live")),
        ("f:$LATEST", Reference(*HERE, "f", "$LATEST")),
        (f"{OTHER}:function:f", Reference(OTHER, "us-east-1", "f")),
        (f"{OTHER}:function:f:3", Reference(OTHER, "us-east-1", "f", "3")),
        ("function:f", Reference(*HERE, "f")),
        (f"arn:aws:lambda:us-east-1:{OTHER}:function:f", Reference(OTHER, "us-east-1", "f")),
        (
            f"arn:aws:lambda:us-east-1:{OTHER}:function:f:live",
            Reference(OTHER, "us-east-1", "f", "live"),
        ),
        # An ARN that ends early is read as a function named `function`.
        (f"arn:aws:lambda:us-east-1:{OTHER}:function", Reference(OTHER, "us-east-1", "function")),
    ],
)
def test_every_form_of_a_name_is_understood(text: str, expected: Reference) -> None:
    assert read_reference(*HERE, text) == expected


def test_the_qualifier_may_be_said_apart_or_twice_alike() -> None:
    assert read_reference(*HERE, "f", "live") == read_reference(*HERE, "f:live", "live")


def test_two_qualifiers_that_differ_are_refused() -> None:
    with pytest.raises(InvalidParameterValueException, match="derived qualifier"):
        read_reference(*HERE, "f:1", "2")


def test_functions_of_other_regions_are_out_of_reach() -> None:
    with pytest.raises(ResourceNotFoundException, match="not reachable in this region"):
        read_reference(*HERE, f"arn:aws:lambda:eu-west-1:{OTHER}:function:f")


def test_an_arn_gives_back_what_it_was_read_from() -> None:
    arn = f"arn:aws:lambda:us-east-1:{OTHER}:function:f:live"
    assert read_reference(*HERE, arn).arn == arn


def test_a_layer_version_is_read_from_its_arn() -> None:
    arn = f"arn:aws:lambda:us-east-1:{OTHER}:layer:shared:7"
    layer = find_layer_version(arn)
    assert layer is not None
    assert (layer.arn, layer.version) == (arn, 7)
    assert find_layer_version(arn.removesuffix(":7")) is None
