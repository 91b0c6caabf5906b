"""Concurrency: how many invocations run now, and who may begin one more.

Counted in this process: an account's limit holds for each node of a shared store by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from fogline.services.lambda_.errors import TooManyRequestsException
from fogline.services.lambda_.limits import Limits
from fogline.services.lambda_.metrics import Running

Place = tuple[str, str]
"""Account and region."""


class Slots:
    """Invocations in progress."""

    def __init__(self, limits: Limits, stir: Callable[[Iterable[str]], None]) -> None:
        self._limits = limits
        self._stir = stir
        self._of_functions: Counter[tuple[str, str, str]] = Counter()
        self._of_accounts: Counter[Place] = Counter()
        self._unreserved: Counter[Place] = Counter()
        self._waiting: dict[tuple[str, str, str], set[str]] = {}

    def is_free(self, account: str, region: str, name: str, reserved: int | None) -> bool:
        """True when one more invocation of the function may begin."""
        if reserved is not None:
            return self._of_functions[account, region, name] < reserved
        return self._unreserved[account, region] < self._limits.concurrency_max

    def take(self, account: str, region: str, name: str, reserved: int | None) -> Running:
        """Begin an invocation. Raises TooManyRequestsException."""
        if not self.is_free(account, region, name, reserved):
            reason = (
                "ReservedFunctionConcurrentInvocationLimitExceeded"
                if reserved is not None
                else "ConcurrentInvocationLimitExceeded"
            )
            raise TooManyRequestsException(members={"Reason": reason})
        place, function = (account, region), (account, region, name)
        self._of_functions[function] += 1
        self._of_accounts[place] += 1
        if reserved is None:
            self._unreserved[place] += 1
        return Running(
            self._of_functions[function], self._of_accounts[place], self._unreserved[place]
        )

    def give(self, account: str, region: str, name: str, reserved: int | None) -> None:
        """End an invocation that began with the same arguments."""
        place, function = (account, region), (account, region, name)
        self._of_functions[function] -= 1
        if not self._of_functions[function]:
            del self._of_functions[function]
        self._of_accounts[place] -= 1
        if reserved is None:
            self._unreserved[place] -= 1
        if self._waiting:
            waiting = self._waiting.pop(function, None)
            if waiting:
                self._stir(waiting)

    def stir_when_free(self, account: str, region: str, name: str, topic: str) -> None:
        """Stir `topic` when an invocation of the function ends."""
        self._waiting.setdefault((account, region, name), set()).add(topic)
