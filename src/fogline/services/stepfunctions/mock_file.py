"""The file of mocked integrations: read when the platform starts, and again whenever it has changed."""

from __future__ import annotations

import logging
from pathlib import Path

from fogline.aws.states.failures import RUNTIME, StateFailed
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.execution import Branch, Run
from fogline.services.stepfunctions.engine.mocking import Mocked
from fogline.services.stepfunctions.errors import InvalidArn
from fogline.services.stepfunctions.tasks.mocks import InvalidMocks, Mocks, Throw, read_mocks

log = logging.getLogger("fogline.stepfunctions")


class MockFile:
    """Answers tasks of executions that were started as a test case (answers `Mocking`)."""

    def __init__(self, path: str) -> None:
        """`path` is "" where nothing is mocked."""
        self._path = Path(path).absolute() if path else None
        self._mark: tuple[int, int] | None = None
        self._mocks = Mocks({})
        self._problem = ""
        if path:
            self.read()
            if self._problem:
                log.error("%s", self._problem)

    def read(self) -> Mocks:
        """What the file says now. Nothing is mocked by one that cannot be read; `problem` says why."""
        path = self._path
        if path is None:
            return self._mocks
        try:
            stat = path.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            if mark != self._mark:
                self._mark = mark
                self._mocks, self._problem = read_mocks(path.read_text("utf-8")), ""
        except (OSError, UnicodeDecodeError, InvalidMocks) as wrong:
            self._mocks = Mocks({})
            self._problem = f"The file of mocked integrations, {path}, cannot be used: {wrong}"
        return self._mocks

    def require_case(self, machine: str, case: str) -> None:
        """Raises InvalidArn when the machine has no such test case."""
        mocks = self.read()
        if mocks.has(machine, case):
            return
        if self._path is None:
            reason = "no file of mocked integrations is set (sfn_mock_config)"
        else:
            reason = self._problem or f"{self._path} has no test case '{case}' for '{machine}'"
        raise InvalidArn(reason=f"The test case '{case}' cannot be run: {reason}")

    def answer(self, run: Run, branch: Branch, state: CompiledState) -> Mocked | None:
        facts = run.facts
        try:
            found = self.read().find(
                # The children of a map run are mocked with their parent: `machine/label`.
                facts.machine_name.partition("/")[0],
                facts.mock_case,
                state.name,
                branch.retry_count,
            )
        except InvalidMocks as missing:
            raise StateFailed(RUNTIME, str(missing)) from None
        if found is None:
            return None
        if isinstance(found, Throw):
            return Mocked(is_failure=True, error=found.error, cause=found.cause)
        return Mocked(found.result)
