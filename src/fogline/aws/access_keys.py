"""Access key ids as AWS makes them: a prefix that tells the kind, and the account hidden in the rest.

After the prefix come ten bytes in base32; bits 7 to 46 of the first six are the account's number.
"""

from __future__ import annotations

import base64
import binascii

LONG_LIVED = "AKIA"
TEMPORARY = "ASIA"

_ACCOUNT_BIT = 7
_ACCOUNT_MASK = 0x7FFFFFFFFF80
_NEW_FORM = 1 << 47
"""Set in keys that hold their account; older ones do not."""
_CHANCE_BYTES = 10


def make_access_key(prefix: str, account: str, chance: bytes) -> str:
    """An access key id of that account. `chance` is ten bytes that do not repeat."""
    assert len(chance) == _CHANCE_BYTES
    low = chance[5] & ((1 << _ACCOUNT_BIT) - 1)
    head = _NEW_FORM | (int(account) << _ACCOUNT_BIT) & _ACCOUNT_MASK | low
    return prefix + base64.b32encode(head.to_bytes(6, "big") + chance[6:]).decode()


def account_of_access_key(access_key: str) -> str | None:
    """The account that an access key id holds, or None if it is not of that form."""
    try:
        raw = base64.b32decode(access_key[4:])
    except (binascii.Error, ValueError):
        return None
    if len(raw) < 6:
        return None
    account = (int.from_bytes(raw[:6], "big") & _ACCOUNT_MASK) >> _ACCOUNT_BIT
    return f"{account:012d}" if account < 10**12 else None


def is_well_formed(access_key: str) -> bool:
    """False for what can't be an access key id, whoever issued it; a store may not even take it for text."""
    return access_key.isascii() and access_key.isalnum()


def is_only_ours(access_key: str) -> bool:
    """True for an id that AWS can't have issued: it holds the account of zeros, which is nobody's there."""
    is_new_form = access_key.startswith((LONG_LIVED, TEMPORARY)) and access_key[4:5] >= "Q"
    return is_new_form and account_of_access_key(access_key) == "0" * 12


def make_unique_id(prefix: str, chance: bytes) -> str:
    """The unique id of an IAM entity (`AROA...`, `AIDA...`): 21 characters. Needs eleven bytes."""
    return prefix + base64.b32encode(chance).decode()[:17]
