"""Locations: addresses of ours from which packages can be downloaded for a while."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call, Trace
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.lambda_.service import Lambda
from fogline.world.ids import Ids

PATH = "/_fogline/lambda/packages/"

_SECRET = Ids.secret(32).encode()
_DIGEST_DIGITS = 64


def code_location(lambda_: Lambda, call: Call, config: Mapping[str, Any]) -> dict[str, Any]:
    """The `Code` member of GetFunction."""
    package = config["package"]
    if "folder" in package:
        return {"RepositoryType": "S3", "Location": f"file://{package['folder']}"}
    return {"RepositoryType": "S3", "Location": package_url(lambda_, call, package["digest"])}


def package_url(lambda_: Lambda, call: Call, digest: str) -> str:
    """Where a package can be had by whoever was given the address."""
    return f"{call.endpoint or lambda_.endpoint()}{PATH}{digest}?signature={_signature(digest)}"


def _signature(digest: str) -> str:
    return hmac.new(_SECRET, digest.encode(), hashlib.sha256).hexdigest()


class PackageDownloads:
    """Answers those addresses (`ports/http.py`)."""

    def __init__(self, lambda_: Lambda) -> None:
        self._lambda = lambda_

    def matches(self, host: str, path: str) -> bool:
        return path.startswith(PATH)

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        digest = request.path[len(PATH) :]
        given = request.query.removeprefix("signature=")
        is_named = len(digest) == _DIGEST_DIGITS and digest.isalnum()
        if not is_named or not hmac.compare_digest(given.encode(), _signature(digest).encode()):
            return HttpResponse(
                403, [("content-type", "text/plain")], b"This address is not valid."
            )
        try:
            body = self._lambda.packages.read(digest)
        except FileNotFoundError:
            return HttpResponse(404, [("content-type", "text/plain")], b"This package is gone.")
        return HttpResponse(200, [("content-type", "application/zip")], body)
