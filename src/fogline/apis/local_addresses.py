"""Addresses that templates write as if they ran on AWS, made into those at which the same things answer here.

    https://{api}.execute-api.{region}.amazonaws.com/...    http://{api}.execute-api.{region}.localhost:4566/...
    wss://{api}.execute-api.{region}.amazonaws.com/...      ws://{api}.execute-api.{region}.localhost:4566/...
    {api}.execute-api.{region}.amazonaws.com                {api}.execute-api.{region}.localhost:4566
    https://{custom domain name}/...                        http://{custom domain name}.localhost:4566/...
    https://{bucket}.s3.{region}.amazonaws.com/...          http://{bucket}.s3.{region}.localhost:4566/...
    {bucket}.s3.{region}.amazonaws.com                      {bucket}.s3.{region}.localhost:4566
    https://s3.{region}.amazonaws.com/{bucket}/...          http://127.0.0.1:4566/{bucket}/...
    https://sqs.{region}.amazonaws.com/{account}/{queue}    http://127.0.0.1:4566/queue/{region}/{account}/{queue}

Only of what lives here; all else stays. Who reaches us by the name of a machine gets paths instead of names under it.
A custom domain name alone is a name, by which calls and templates mean it, and not an address: it stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from fogline.apis.domains import Domains
from fogline.apis.transactions import look
from fogline.store.documents import Documents
from fogline.store.store import Store, Tx

_API_KINDS = ("apigateway.api", "apigatewayv2.api")
"""Documents whose names are ids of APIs. An id is nobody else's, also when its API is gone."""
_AWS = "amazonaws.com"
_END = r"amazonaws\.com(?:\.cn)?(?::443)?(?!\.?[\w-]|:\d)"
"""Nothing follows that would make it another name."""
_API = re.compile(
    r"(?:(https?|wss?)://|(?<![\w./@-]))([A-Za-z0-9]{1,63})\.execute-api\.([a-z0-9-]{1,32})\."
    + _END
)
_REGION = r"(?:[.-](?:dualstack\.)?([a-z]{2}(?:-[a-z]{1,16}){1,3}-\d))?\."
_BUCKET_NAME = r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])"
_BUCKET = re.compile(
    r"(?:(?<!\w)(https?)://|(?<![\w./@-]))" + _BUCKET_NAME + r"\.s3" + _REGION + _END
)
_BUCKET_PATH = re.compile(
    r"(?<!\w)https?://s3" + _REGION + _END + "/" + _BUCKET_NAME + r"(?![\w.-])"
)
_QUEUE = re.compile(
    r"(?<!\w)https?://sqs\.([a-z0-9-]{1,32})\."
    + _END
    + r"/(\d{12})/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)"
)
_API_HOST = re.compile(
    r"([A-Za-z0-9]{1,63})\.execute-api\.[a-z0-9-]{1,32}\.amazonaws\.com(?:\.cn)?"
)
_ADDRESS = re.compile(
    r"(?<![\w.+-])(https?|wss?)://([A-Za-z0-9][A-Za-z0-9-]{0,62}(?:\.[A-Za-z0-9-]{1,63}){1,8})"
    r"(?::443)?(?![\w:@-]|\.\w)"
)
"""Of a host with a name of several parts."""
_NAMES_MAX = 500
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_WILDCARDS = ("localhost.localstack.cloud",)
"""Names that have every name under them lead to this machine, by the DNS of whoever gives them out."""
_LOCAL_ENDINGS = (".localhost", *(f".{each}" for each in _WILDCARDS))


class _Base(NamedTuple):
    """What is to be known of an endpoint."""

    whole: str
    scheme: str
    netloc: str
    port: str
    names: str
    """What names of hosts end in, "" where no name under the endpoint's would lead here."""


class KnownAddresses:
    """Answers `ports/addresses.py` from what the services keep."""

    def __init__(self, store: Store, endpoint: Callable[[], str]) -> None:
        """APIs it knows at once, for a function may run before their services are there; of the rest it is told.

        `domains` is replaced by that of the service, which alone changes them.
        """
        self._apis = [Documents(store, kind) for kind in _API_KINDS]
        self.domains = Domains(store)
        self.has_bucket: Callable[[Tx, str], bool] = _has_none
        self.has_queue: Callable[[Tx, str, str, str], bool] = _has_none
        """Asked for account, region and name."""
        self._store = store
        self._endpoint = endpoint

    def localized(self, tx: Tx, text: str, endpoint: str, *, by_path: bool = False) -> str:
        if "://" in text:
            text = self._with_domains(tx, text, _base(endpoint, by_path))
        if _AWS not in text or text.startswith("arn:"):
            return text
        base = _base(endpoint, by_path)
        if ".execute-api." in text:
            text = _API.sub(lambda found: self._api(tx, found, base), text)
        if ".s3" in text:
            text = _BUCKET.sub(lambda found: self._bucket(tx, found, base), text)
        if "//s3" in text:
            text = _BUCKET_PATH.sub(lambda found: self._path_of_bucket(tx, found, base), text)
        if "//sqs." in text:
            text = _QUEUE.sub(lambda found: self._queue(tx, found, base), text)
        return text

    def names_of(self, tx: Tx, account: str, region: str) -> tuple[str, ...]:
        domains = self.domains.names.names(tx, account, region, limit=_NAMES_MAX)
        # What is AWS's own stays AWS's, whatever anybody here calls theirs.
        names = [name for name in domains if not name.endswith(f".{_AWS}")]
        for apis in self._apis:
            ids = apis.names(tx, account, region, limit=_NAMES_MAX)
            names += [f"{api}.execute-api.{region}.{_AWS}" for api in ids]
        return tuple(names)

    async def find_home(self, host: str) -> str:
        """Our own endpoint if an API of ours answers to that name, AWS's or a custom domain name; else ""."""
        return (
            self._endpoint() if await look(self._store, lambda tx: self.is_ours(tx, host)) else ""
        )

    def is_ours(self, tx: Tx, host: str) -> bool:
        """True for the names of APIs that live here, AWS's and custom ones."""
        found = _API_HOST.fullmatch(host)
        if found is not None:
            return self._has_api(tx, found[1])
        return self.domains.has(tx, host.lower())

    def _has_api(self, tx: Tx, api: str) -> bool:
        return any(apis.owner(tx, api.lower()) is not None for apis in self._apis)

    def _api(self, tx: Tx, found: re.Match[str], base: _Base) -> str:
        scheme, api, region = found.groups()
        if not self._has_api(tx, api):
            return found[0]
        names = base.names or ("" if scheme else "localhost")
        place = f"{api}.execute-api.{region}.{names}{base.port}"
        if not names:
            place = f"{base.netloc}/_aws/execute-api/{api}"
        if not scheme:
            return place
        return f"{_scheme(scheme, base)}://{place}"

    def _with_domains(self, tx: Tx, text: str, base: _Base) -> str:
        def local(found: re.Match[str]) -> str:
            scheme, name = found[1], found[2].lower()
            if name.endswith(f".{_AWS}") or not self.domains.has(tx, name):
                return found[0]
            is_local = name.endswith(_LOCAL_ENDINGS)
            place = f"{name if is_local else f'{name}.{base.names}'}{base.port}"
            if not base.names:
                place = f"{base.netloc}/_aws/execute-api/{name}"
            return f"{_scheme(scheme, base)}://{place}"

        return _ADDRESS.sub(local, text)

    def _bucket(self, tx: Tx, found: re.Match[str], base: _Base) -> str:
        scheme, bucket, region = found.groups()
        if not self.has_bucket(tx, bucket):
            return found[0]
        if scheme and not base.names:
            return f"{base.whole}/{bucket}"
        names = base.names or "localhost"
        place = f"{bucket}.s3.{f'{region}.' if region else ''}{names}{base.port}"
        return f"{base.scheme}://{place}" if scheme else place

    def _path_of_bucket(self, tx: Tx, found: re.Match[str], base: _Base) -> str:
        bucket = found[2]
        return f"{base.whole}/{bucket}" if self.has_bucket(tx, bucket) else found[0]

    def _queue(self, tx: Tx, found: re.Match[str], base: _Base) -> str:
        region, account, name = found.groups()
        if not self.has_queue(tx, account, region, name):
            return found[0]
        return f"{base.whole}/queue/{region}/{account}/{name}"


def is_local_form(address: str, written: str) -> bool:
    """True if `address` is what a function is given where a template wrote `written`, whatever the port."""
    try:
        ours, theirs = urlsplit(address), urlsplit(written)
        host = (theirs.hostname or "").removesuffix(f".{_AWS}")
        return ours.hostname == f"{host}.localhost" and ours.path == theirs.path
    except ValueError:
        return False


def _scheme(written: str, base: _Base) -> str:
    return base.scheme.replace("http", "ws") if written.startswith("ws") else base.scheme


def _has_none(tx: Tx, *names: str) -> bool:
    return False


@lru_cache(64)
def _base(endpoint: str, by_path: bool) -> _Base:
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    names = "localhost" if host in _LOOPBACK or host.endswith(".localhost") else ""
    for each in _WILDCARDS:
        if host == each or host.endswith(f".{each}"):
            names = each
    if by_path:
        names = ""
    return _Base(f"{parts.scheme}://{parts.netloc}", parts.scheme, parts.netloc, port, names)
