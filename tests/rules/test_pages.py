"""Tokens of pages: what we gave comes back, and nothing else is taken."""

from __future__ import annotations

import base64

import pytest

from fogline.aws.pages import InvalidNextToken, next_token, page_start


def test_a_token_leads_to_where_its_page_ended() -> None:
    assert page_start(next_token("orders/ü")) == "orders/ü"
    assert page_start("") == page_start(None) == ""


@pytest.mark.parametrize(
    "token", ["?", "abc", base64.b64encode(b"\xff").decode(), base64.b64encode(b"a\0b").decode()]
)
def test_a_token_that_is_none_of_ours_is_refused(token: str) -> None:
    with pytest.raises(InvalidNextToken):
        page_start(token)
