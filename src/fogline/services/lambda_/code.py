"""Where a function's code comes from: a zip in the request, an object in S3, or a folder on this machine."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.lambda_.errors import (
    InvalidParameterValueException,
    NotBuilt,
    RequestEntityTooLargeException,
)
from fogline.services.lambda_.service import Lambda

LIVE_BUCKET = "hot-reload"
"""Code "in" this bucket is a local folder, named by the key, and used as it is."""


def read_code(
    lambda_: Lambda, call: Call, code: Mapping[str, Any], others_bytes: int = 0
) -> dict[str, Any]:
    """The members that say which code a function has: `package`, `CodeSha256`, `CodeSize`.

    `others_bytes` is what its layers unzip to. Raises InvalidParameterValueException.
    """
    if code.get("ImageUri"):
        raise NotBuilt(what="functions packaged as container images")
    if code.get("S3Bucket") == LIVE_BUCKET:
        return _live_folder(code.get("S3Key") or "")
    if code.get("ZipFile") is not None:
        body = code["ZipFile"]
        if len(body) >= lambda_.limits.zipped_bytes_max:
            raise RequestEntityTooLargeException(
                members={"Type": None}, max=lambda_.limits.zipped_bytes_max
            )
    elif code.get("S3Bucket") and code.get("S3Key"):
        body = _object(lambda_, call, code)
    else:
        raise InvalidParameterValueException("Please provide a source for function code.")
    digest = lambda_.packages.add(body, others_bytes)
    return {
        "package": {"digest": digest},
        "CodeSha256": base64.b64encode(bytes.fromhex(digest)).decode(),
        "CodeSize": len(body),
    }


def _live_folder(path: str) -> dict[str, Any]:
    folder = Path(path)
    if not folder.is_absolute() or not folder.is_dir():
        raise InvalidParameterValueException(
            f"A live local folder is named by its absolute path in S3Key, and must exist: {path!r}"
        )
    # Its content changes under us, so there is nothing true to say of its hash and size.
    return {"package": {"folder": str(folder)}, "CodeSha256": LIVE_BUCKET, "CodeSize": 0}


def _object(lambda_: Lambda, call: Call, code: Mapping[str, Any]) -> bytes:
    request = {"Bucket": code["S3Bucket"], "Key": code["S3Key"]}
    if code.get("S3ObjectVersion"):
        request["VersionId"] = code["S3ObjectVersion"]
    try:
        answer = lambda_.api.call("s3", "GetObject", request, call)
    except AwsError as refused:
        raise InvalidParameterValueException(
            f"Error occurred while GetObject. S3 Error Code: {refused.code}. "
            f"S3 Error Message: {refused.text}"
        ) from refused
    body = answer["Body"]
    return body if isinstance(body, bytes) else read_all(body)


def read_all(body: Any) -> bytes:
    """The content of a body that S3 answered, in whatever form it gives large ones."""
    if hasattr(body, "read"):
        data: bytes = body.read()
        return data
    return b"".join(body)
