"""The status that the request template of a mock names."""

from __future__ import annotations

import pytest

from fogline.apis.mocks import mock_status


@pytest.mark.parametrize(
    "body",
    [
        b'{"statusCode": 204}',
        b'{"statusCode": "204"}',
        b"{ statusCode: 204 }",
        b"{'statusCode': 204}",
        b'{a: 1, "statusCode" : "204"\n}',
    ],
)
def test_a_status_may_be_named_in_several_ways(body: bytes) -> None:
    assert mock_status(body) == 204


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b'{"statusCode": "x"}', b"{ statusCode: x }", b"statusCode: 204"]
)
def test_what_names_no_status_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        mock_status(body)
