"""How commands ask the running server: its own pages, and any AWS operation by name through its JSON door."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlsplit

import orjson

from fogline.cli.exits import Failure, NoServer, ServerRefused

if TYPE_CHECKING:
    import http.client
    import ssl

_ANSWER_SECONDS_MAX = 60.0
_PAGES_MAX = 10_000


class Exchange(NamedTuple):
    """An answer, whole."""

    status: int
    reason: str
    headers: list[tuple[str, str]]
    body: bytes


class Client:
    """A connection to one server, as one account in one region. Not for several threads at once."""

    def __init__(
        self, endpoint: str, account: str = "000000000000", region: str = "us-east-1"
    ) -> None:
        parts = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
        self.endpoint = f"{parts.scheme}://{parts.netloc}"
        self.host = parts.hostname or "127.0.0.1"
        self.account = account
        self.region = region
        self._is_tls = parts.scheme == "https"
        self.port = parts.port or (443 if self._is_tls else 80)
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # ---- HTTP

    def _connect(self, seconds: float) -> http.client.HTTPConnection:
        import http.client

        if self._connection is None:
            if self._is_tls:
                self._connection = http.client.HTTPSConnection(
                    self.host, self.port, timeout=seconds, context=self.tls_context()
                )
            else:
                self._connection = http.client.HTTPConnection(self.host, self.port, timeout=seconds)
        self._connection.timeout = seconds
        if self._connection.sock is not None:
            self._connection.sock.settimeout(seconds)
        return self._connection

    @staticmethod
    def tls_context() -> ssl.SSLContext:
        """For HTTPS. The certificate is the server's own, on this machine: there is nobody to vouch for it."""
        import ssl

        return ssl._create_unverified_context()  # noqa: S323

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = _ANSWER_SECONDS_MAX,
    ) -> tuple[int, bytes]:
        """Status and body of one request. Raises NoServer when nobody answers."""
        answer = self.exchange(method, path, body, headers, seconds)
        return answer.status, answer.body

    def exchange(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        seconds: float = _ANSWER_SECONDS_MAX,
    ) -> Exchange:
        """One request and its whole answer. Raises NoServer when nobody answers."""
        import http.client

        # A kept connection may have been closed by a server that was started anew: then once more.
        for is_last in (self._connection is None, True):
            connection = self._connect(seconds)
            try:
                connection.request(method, path, body, dict(headers or {}))
                response = connection.getresponse()
                read = response.read()
                return Exchange(response.status, response.reason, response.getheaders(), read)
            except TimeoutError:
                self.close()
                raise Failure(
                    f"{self.endpoint} did not answer within {seconds:g} seconds.",
                    "Look into `.fogline/server.log`, or stop it with `fogline down`.",
                ) from None
            except (OSError, http.client.HTTPException):
                self.close()
                if is_last:
                    raise NoServer(self.endpoint) from None
        raise AssertionError("unreachable")

    def page(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        seconds: float = _ANSWER_SECONDS_MAX,
    ) -> dict[str, Any]:
        """The JSON of one of the server's own pages."""
        raw = orjson.dumps(body) if body is not None else None
        headers = {"content-type": "application/json"} if raw else {}
        status, answer = self.ask(method, path, raw, headers, seconds)
        try:
            document = orjson.loads(answer)
        except orjson.JSONDecodeError:
            document = {"error": answer[:500].decode("utf-8", "replace").strip()}
        if not isinstance(document, dict):
            document = {"error": f"It answered {document!r} at {path}."}
        if status < 400:
            return document
        error = document.get("error")
        if isinstance(error, dict):
            raise ServerRefused(str(error.get("code", "")), str(error.get("message", "")))
        raise ServerRefused("", str(error or f"It answered {status} at {path}."))

    # ---- what commands ask

    def health(self, seconds: float = 5.0) -> dict[str, Any]:
        return self.page("GET", "/_fogline/health", seconds=seconds)

    def call(
        self, service: str, operation: str, seconds: float = _ANSWER_SECONDS_MAX, **request: Any
    ) -> dict[str, Any]:
        """The result of an AWS operation. Blobs are base64 text, times are milliseconds."""
        answer = self.page(
            "POST",
            f"/_fogline/api/{service}/{operation}",
            {"account": self.account, "region": self.region, "request": request},
            seconds,
        )
        result = answer.get("result")
        return result if isinstance(result, dict) else {}

    def pages(
        self, service: str, operation: str, token: str, next_token: str = "", **request: Any
    ) -> Iterator[dict[str, Any]]:
        """Every page of a listing. `token` is the member that is sent, `next_token` the one that is answered."""
        for _ in range(_PAGES_MAX):
            result = self.call(service, operation, **request)
            yield result
            following = result.get(next_token or token)
            if not following:
                return
            request[token] = following

    def put_object(self, bucket: str, key: str, path: Path) -> None:
        """Store a file as an object, streamed from disk."""
        headers = {
            "authorization": (
                f"AWS4-HMAC-SHA256 Credential={self.account}/20260101/{self.region}/s3/aws4_request, "
                "SignedHeaders=host, Signature=0"
            ),
            "content-length": str(path.stat().st_size),
            "content-type": "application/octet-stream",
            "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
        }
        with path.open("rb") as file:
            status, answer = self.ask("PUT", f"/{bucket}/{quote(key)}", file, headers)
        if status >= 300:
            raise ServerRefused("", f"{path.name} was not stored: {answer[:500].decode()}")


def from_blob(text: object) -> bytes:
    """The bytes of a blob in an answer."""
    return base64.b64decode(text) if isinstance(text, str) else b""


def to_blob(raw: bytes) -> str:
    """Bytes as a request carries them."""
    return base64.b64encode(raw).decode()
