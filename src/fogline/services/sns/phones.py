"""Telephone numbers: which can be written to, and what an account keeps of its text messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

# E.164; single separators between digits are let pass (recorded: `+12/34-567.890`).
_NUMBER = re.compile(r"\+?[0-9](?:[-./]?[0-9])*")
_DIGITS_MIN = 3
_DIGITS_MAX = 15
_SETTINGS = "settings"


def is_phone_number(text: str) -> bool:
    """True for what SNS takes as a number."""
    if _NUMBER.fullmatch(text) is None:
        return False
    return _DIGITS_MIN <= sum(character.isdigit() for character in text) <= _DIGITS_MAX


def plain_number(text: str) -> str:
    """A number without its separators, as its owner knows it."""
    return re.sub(r"[-./]", "", text)


class Phones:
    """An account's settings for text messages, and the numbers that it may test with."""

    def __init__(self, store: Store) -> None:
        self._settings = Documents(store, "sns.sms")
        self._numbers = Documents(store, "sns.sandbox_number")

    def settings(self, tx: Tx, account: str, region: str) -> Mapping[str, str]:
        """What SetSMSAttributes set."""
        document = self._settings.find(tx, account, region, _SETTINGS)
        return document["attributes"] if document else {}

    def save_settings(
        self, tx: Tx, account: str, region: str, attributes: Mapping[str, str]
    ) -> None:
        self._settings.save(tx, account, region, _SETTINGS, {"attributes": dict(attributes)})

    def find_number(self, tx: Tx, account: str, region: str, number: str) -> dict[str, Any] | None:
        """A number of the sandbox: `is_verified`, `password` and `expires_at`."""
        found = self._numbers.find(tx, account, region, number)
        return dict(found) if found else None

    def save_number(
        self, tx: Tx, account: str, region: str, number: str, document: Mapping[str, Any]
    ) -> None:
        self._numbers.save(tx, account, region, number, document)

    def remove_number(self, tx: Tx, account: str, region: str, number: str) -> bool:
        return self._numbers.remove(tx, account, region, number)

    def list_numbers(
        self, tx: Tx, account: str, region: str, after: str, limit: int
    ) -> list[tuple[str, Mapping[str, Any]]]:
        return self._numbers.page(tx, account, region, after=after, limit=limit)
