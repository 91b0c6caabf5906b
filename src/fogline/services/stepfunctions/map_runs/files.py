"""Objects of S3, as map runs read and write them: through S3's own operations, as the role of the machine."""

from __future__ import annotations

from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast

from fogline.aws.arn import find_arn
from fogline.aws.call import Call, Trace, call_of_account
from fogline.aws.errors import AwsError
from fogline.aws.role_sessions import id_of_role, session_of
from fogline.ports.api import Api
from fogline.services.stepfunctions.distributed.failures import (
    ItemReaderFailed,
    ResultWriterFailed,
)
from fogline.services.stepfunctions.distributed.fetching import Page
from fogline.services.stepfunctions.distributed.writing import ResultFile
from fogline.services.stepfunctions.map_runs.bridge import Bridge
from fogline.services.stepfunctions.map_runs.map_run import MapRun
from fogline.world.clock import Clock
from fogline.world.ids import Ids

_MEMORY_BYTES_MAX = 8 * 1024 * 1024
"""Of an object that is read; what is longer stands in a file meanwhile."""
_SESSION_NAME_CHARACTERS_MAX = 64
_READ = frozenset({"Bucket", "Key", "VersionId", "ExpectedBucketOwner"})
_LISTED = frozenset({"Bucket", "Prefix", "StartAfter", "ExpectedBucketOwner", "MaxKeys"})


class Files:
    """Of one map run, for a thread that works for it (answers `Fetch`)."""

    def __init__(self, bridge: Bridge, api: Api, clock: Clock, ids: Ids, run: MapRun) -> None:
        self._bridge = bridge
        self._api = api
        self._clock = clock
        self._ids = ids
        self._run = run

    # ---- reading

    def get_object(self, request: Mapping[str, Any]) -> BinaryIO:
        try:
            return self._bridge.wait(self._get(_only(request, _READ)))
        except AwsError as refused:
            raise ItemReaderFailed(_told(refused)) from refused

    async def _get(self, request: Mapping[str, Any]) -> BinaryIO:
        answer = await self._api.call_waiting("s3", "GetObject", request, self._cause())
        body: Any = answer.get("Body") or b""
        file = cast(BinaryIO, SpooledTemporaryFile(max_size=_MEMORY_BYTES_MAX))  # noqa: SIM115 - the reader closes it
        try:
            if isinstance(body, bytes):
                file.write(body)
            else:
                await _copy(body, file)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return file

    def list_objects(self, request: Mapping[str, Any], token: str | None) -> Page:
        asked = _only(request, _LISTED)
        if token is not None:
            asked["ContinuationToken"] = token
        try:
            answer = self._bridge.wait(
                self._api.call_waiting("s3", "ListObjectsV2", asked, self._cause())
            )
        except AwsError as refused:
            raise ItemReaderFailed(_told(refused)) from refused
        return Page(answer.get("Contents") or (), answer.get("NextContinuationToken"))

    # ---- writing

    def put(self, bucket: str, file: ResultFile) -> None:
        """Raises ResultWriterFailed."""
        request = {
            "Bucket": bucket,
            "Key": file.key,
            "Body": file.content,
            "ContentType": "application/json",
        }
        try:
            self._bridge.wait(self._api.call_waiting("s3", "PutObject", request, self._cause()))
        except AwsError as refused:
            raise ResultWriterFailed(_told(refused)) from refused

    def _cause(self) -> Call:
        run = self._run
        facts = run.facts
        trace, now = Trace(*facts["trace"]), self._clock.now()
        call = call_of_account(run.account, run.region, self._ids.uuid(), now, trace)
        role_arn = facts["role"]
        role = find_arn(role_arn)
        if role is None or role.service != "iam" or not role.account:
            return call
        session = run.arn.rpartition(":")[2][:_SESSION_NAME_CHARACTERS_MAX]
        principal = session_of(role_arn, id_of_role(role_arn), session)
        return call._replace(account=role.account, principal=principal)


async def _copy(body: Any, file: BinaryIO) -> None:
    try:
        async for part in body:
            file.write(part)
    finally:
        close = getattr(body, "aclose", None)
        if close is not None:
            await close()


def _only(request: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in request.items() if name in known}


def _told(refused: AwsError) -> str:
    return (
        f"{refused.text} (Service: S3, Status Code: {refused.status}, Error Code: {refused.code})"
    )
