"""Addresses as AWS writes them, of things that live here: where they answer on this machine."""

from __future__ import annotations

from typing import Protocol

from fogline.store.store import Tx

ADDRESSES_TOPIC = "addresses"
"""Stirs when a text that was made local before may become another one now."""


class LocalAddresses(Protocol):
    """Knows which of AWS's addresses mean something of ours."""

    def localized(self, tx: Tx, text: str, endpoint: str, *, by_path: bool = False) -> str:
        """`text` with the addresses of what lives here replaced by those at which it answers.

        `endpoint` is where the reader reaches us (`http://127.0.0.1:4566`); `by_path` is for one that may not find
        names under `localhost`. ARNs stay, and so do the addresses of what is not here.
        """

    def names_of(self, tx: Tx, account: str, region: str) -> tuple[str, ...]:
        """The names of hosts by which AWS knows the APIs that somebody has here, custom ones, too.

        One that begins with `*.` stands for all with one label more.
        """


class NoAddresses:
    """Knows none: every text stays."""

    def localized(self, tx: Tx, text: str, endpoint: str, *, by_path: bool = False) -> str:
        return text

    def names_of(self, tx: Tx, account: str, region: str) -> tuple[str, ...]:
        return ()
