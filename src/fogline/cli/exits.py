"""How a command ends: the exit codes, and the failures that carry them with a word on what to do next."""

from __future__ import annotations

OK = 0
FAILED = 1
USAGE = 2
NO_SERVER = 3
REFUSED = 4
INTERRUPTED = 130

MEANINGS = (
    (OK, "done"),
    (FAILED, "what was asked for failed (a stack, a function, a build)"),
    (USAGE, "the command line is wrong"),
    (NO_SERVER, "no Fogline is running where the command looked"),
    (REFUSED, "the server refused the request"),
    (INTERRUPTED, "stopped by Ctrl-C"),
)


class Failure(Exception):
    """What a user is told instead of a traceback: what went wrong, and what to do next."""

    code = FAILED

    def __init__(self, text: str, advice: str = "", code: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.advice = advice
        if code is not None:
            self.code = code


class NoServer(Failure):
    """Nobody answers where the server should be."""

    code = NO_SERVER

    def __init__(self, where: str) -> None:
        super().__init__(
            f"No Fogline is running at {where}.",
            "Start one with `fogline up` (or `fogline up --detach`), or name another with --endpoint.",
        )


class ServerRefused(Failure):
    """The server answered with an error of AWS's kind."""

    code = REFUSED

    def __init__(self, error: str, message: str, advice: str = "") -> None:
        super().__init__(f"{error}: {message}" if error else message, advice)
        self.error = error
        self.message = message
