"""Writing: the results of a map run are gathered into the state's output, or into files of a bucket."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any

from fogline.aws.states.failures import DATA_LIMIT_EXCEEDED, StateFailed
from fogline.aws.states.machine.model import MapState
from fogline.services.stepfunctions.distributed.items import read_inputs
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.results import (
    ChildResult,
    WriterConfig,
    read_writer_config,
    result_texts,
)
from fogline.services.stepfunctions.distributed.writing import destination_of, result_files
from fogline.services.stepfunctions.engine.compiled import CompiledState
from fogline.services.stepfunctions.engine.payloads import read_payload
from fogline.services.stepfunctions.map_runs import tables
from fogline.services.stepfunctions.map_runs.bridge import Bridge
from fogline.services.stepfunctions.map_runs.files import Files
from fogline.services.stepfunctions.map_runs.map_run import MapRun, index_of

_CHILDREN_TOGETHER = 64
"""How many are read in one transaction: their inputs and outputs may be large."""


class ResultWriting:
    """Of one map run, in a thread."""

    def __init__(
        self, state: CompiledState, limits: MapRunLimits, bytes_max: int, run: MapRun
    ) -> None:
        assert isinstance(state.model, MapState), "only Maps have results"
        writer = state.model.result_writer
        self._is_exported = writer is not None and writer.resource is not None
        given = None if writer is None else writer.writer_config
        self._config = read_writer_config(given, self._is_exported)
        self._name = state.name
        self._limits = limits
        self._bytes_max = bytes_max
        self._run = run

    def write(self, bridge: Bridge, files: Files) -> Any:
        """The results as the state gets them; None where it has failed and nothing is exported. Raises StateFailed."""
        if self._is_exported:
            return self._export(bridge, files)
        if self._run.error is not None:
            return None
        return self._gathered(self._children(bridge), self._config)

    # ---- into the output

    def _gathered(self, children: Iterator[ChildResult], config: WriterConfig) -> Any:
        texts: list[str] = []
        size = 2
        for child in children:
            for text in result_texts(child, config.transformation):
                size += len(text.encode()) + 1
                if size - 1 > self._bytes_max:
                    raise self._too_large()
                texts.append(text)
        if config.output_type == "JSONL":
            return "\n".join(texts)
        return [read_payload(text) for text in texts]

    def _too_large(self) -> StateFailed:
        return StateFailed(
            DATA_LIMIT_EXCEEDED,
            f"The state/task '{self._name}' returned a result with a size exceeding the maximum number "
            "of bytes service limit.",
        )

    # ---- into files

    def _export(self, bridge: Bridge, files: Files) -> Any:
        destination = destination_of(self._run.settings.writer, self._run.arn)
        every = chain(self._children(bridge), self._pending(bridge))
        for file in result_files(every, destination, self._config, self._limits):
            files.put(destination.bucket, file)
        return destination.output()

    # ---- children

    def _children(self, bridge: Bridge) -> Iterator[ChildResult]:
        run, index = self._run, 0
        while True:
            found = bridge.transact(
                partial(tables.children_from, map_run=run.id, index=index, limit=_CHILDREN_TOGETHER)
            )
            yield from (self._result(child) for child in found)
            if len(found) < _CHILDREN_TOGETHER:
                return
            index = index_of(found[-1].id) + 1

    def _pending(self, bridge: Bridge) -> Iterator[ChildResult]:
        run, index = self._run, self._run.executions.started
        while index < run.executions.total:
            found = bridge.transact(
                partial(read_inputs, map_run=run.id, first=index, count=_CHILDREN_TOGETHER)
            )
            if not found:
                return
            yield from (ChildResult(run.machine_arn, "PENDING", given.text) for given in found)
            index += len(found)

    def _result(self, child: tables.Child) -> ChildResult:
        run = self._run
        is_standard = not run.facts["is_express"]
        status: Any = child.status
        is_redrivable = status != "SUCCEEDED"
        return ChildResult(
            machine_arn=run.machine_arn,
            status=status,
            input=child.input,
            name=child.name,
            arn=f"arn:aws:states:{run.region}:{run.account}:execution:{run.machine}:{child.name}",
            output=child.output,
            error=child.error,
            cause=child.cause,
            started_at=child.started_at,
            stopped_at=child.stopped_at,
            redrive_count=child.redrives,
            redrive_status=_redrive_status(is_standard, is_redrivable),
            redrive_status_reason=None
            if is_redrivable or not is_standard
            else "Execution is SUCCEEDED and cannot be redriven",
        )


def _redrive_status(is_standard: bool, is_redrivable: bool) -> str:
    if not is_standard:
        return ""
    return "REDRIVABLE_BY_MAP_RUN" if is_redrivable else "NOT_REDRIVABLE"
