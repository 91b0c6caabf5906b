"""The address at which readers of signed messages fetch the certificate."""

from __future__ import annotations

from fogline.aws.call import Trace
from fogline.ports.http import HttpRequest, HttpResponse
from fogline.services.sns.signing import PATH, PlatformSigner

_SUFFIX = ".pem"


class Certificates:
    """Answers `GET /SimpleNotificationService-<id>.pem`, as AWS names it, on any host."""

    def __init__(self, signer: PlatformSigner) -> None:
        self._signer = signer

    def matches(self, host: str, path: str) -> bool:
        return path.startswith(PATH) and path.endswith(_SUFFIX)

    async def answer(self, request: HttpRequest, trace: Trace) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return HttpResponse(405, [("content-type", "text/plain")], b"Fetch it with GET.\n")
        certificate = self._signer.find_certificate(
            request.path.removeprefix(PATH).removesuffix(_SUFFIX)
        )
        if certificate is None:
            return HttpResponse(404, [("content-type", "text/plain")], b"No such certificate.\n")
        return HttpResponse(200, [("content-type", "text/plain")], certificate.encode())
