"""The files that a ResultWriter leaves in a bucket: results by how they ended, and a manifest that names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from fogline.services.stepfunctions.distributed.failures import ResultWriterFailed
from fogline.services.stepfunctions.distributed.limits import MapRunLimits
from fogline.services.stepfunctions.distributed.results import (
    ChildResult,
    WriterConfig,
    result_texts,
)

_GROUPS = {"SUCCEEDED": "SUCCEEDED", "PENDING": "PENDING"}
"""By status. All others lie with those that failed."""
_FRAMES = {"JSON": (b"[", b",", b"]"), "JSONL": (b"", b"\n", b"\n")}
_EXTENSIONS = {"JSON": "json", "JSONL": "jsonl"}


class ResultFile(NamedTuple):
    """A file to be written."""

    key: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a map run's results go."""

    bucket: str
    folder: str
    """With the slash at its end."""
    map_run_arn: str

    @property
    def manifest(self) -> str:
        return f"{self.folder}manifest.json"

    def output(self) -> dict[str, Any]:
        """The state's output when its results are exported."""
        return {
            "MapRunArn": self.map_run_arn,
            "ResultWriterDetails": {"Bucket": self.bucket, "Key": self.manifest},
        }


def destination_of(arguments: Any, map_run_arn: str) -> Destination:
    """From a ResultWriter's evaluated `Parameters` or `Arguments`. Raises ResultWriterFailed."""
    given: Mapping[str, Any] = arguments if isinstance(arguments, dict) else {}
    bucket, prefix = given.get("Bucket"), given.get("Prefix", "")
    if not isinstance(bucket, str) or not isinstance(prefix, str):
        raise ResultWriterFailed("The ResultWriter does not name the bucket to write to.")
    if prefix and not prefix.endswith("/"):
        prefix += "/"
    return Destination(bucket, f"{prefix}{map_run_arn.rpartition(':')[2]}/", map_run_arn)


def result_files(
    children: Iterable[ChildResult],
    destination: Destination,
    config: WriterConfig,
    limits: MapRunLimits | None = None,
) -> Iterator[ResultFile]:
    """The files, each as soon as it is full, and the manifest at last.

    https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
    """
    limits = limits or MapRunLimits()
    groups = {
        name: _Group(f"{destination.folder}{name}", config.output_type, limits)
        for name in ("FAILED", "PENDING", "SUCCEEDED")
    }
    for child in children:
        group = groups[_GROUPS.get(child.status, "FAILED")]
        for text in result_texts(child, config.transformation):
            yield from group.add(text.encode())
    for group in groups.values():
        yield from group.end()
    manifest = {
        "DestinationBucket": destination.bucket,
        "MapRunArn": destination.map_run_arn,
        "ResultFiles": {name: group.written for name, group in groups.items()},
    }
    yield ResultFile(destination.manifest, orjson.dumps(manifest))


class _Group:
    """The files of results that ended alike."""

    def __init__(self, name: str, output_type: str, limits: MapRunLimits) -> None:
        self.written: list[dict[str, Any]] = []
        self._name = name
        self._extension = _EXTENSIONS[output_type]
        self._begin, self._between, self._end = _FRAMES[output_type]
        self._bytes_max = limits.result_file_bytes_max
        self._texts: list[bytes] = []
        self._size = 0

    def add(self, text: bytes) -> Iterator[ResultFile]:
        if self._texts and self._size + len(text) > self._bytes_max:
            yield from self.end()
        self._texts.append(text)
        self._size += len(text) + len(self._between)

    def end(self) -> Iterator[ResultFile]:
        if not self._texts:
            return
        content = self._begin + self._between.join(self._texts) + self._end
        key = f"{self._name}_{len(self.written)}.{self._extension}"
        self._texts, self._size = [], 0
        self.written.append({"Key": key, "Size": len(content)})
        yield ResultFile(key, content)
