"""Access key ids hold the account they belong to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fogline.aws.access_keys import account_of_access_key, make_access_key


@given(st.integers(0, 10**12 - 1), st.binary(min_size=10, max_size=10))
def test_the_account_is_read_back(account: int, chance: bytes) -> None:
    key = make_access_key("ASIA", f"{account:012d}", chance)
    assert len(key) == 20
    assert key.isalnum()
    assert account_of_access_key(key) == f"{account:012d}"


@given(st.text(max_size=30))
def test_any_text_is_judged_without_failing(text: str) -> None:
    account_of_access_key(text)
