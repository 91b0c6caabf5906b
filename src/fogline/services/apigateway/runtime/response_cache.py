"""The cache of a stage: answers of integrations, kept for a while and given again to requests with the same key.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-caching.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any, NamedTuple

from fogline.ports.http import HttpResponse
from fogline.services.apigateway.runtime.exchange import Exchange
from fogline.services.apigateway.runtime.faults import ACCESS_DENIED, Fault
from fogline.services.apigateway.runtime.mappings import source
from fogline.services.apigateway.runtime.reply_headers import own_headers

_ANSWER_BYTES_MAX = 1_048_576
_BYTES_MAX = 64 * 1024 * 1024
_TTL_SECONDS = 300
_OWN = frozenset(("x-amzn-requestid", "x-amz-apigw-id", "x-amzn-trace-id"))
_EVERYTHING = "*/*"
_WARNING = "199 'cache-control' header ignored: the caller may not invalidate the cache"

Answer = Callable[[], Awaitable[HttpResponse]]


class _Kept(NamedTuple):
    came_at: int
    until: int
    status: int
    headers: list[tuple[str, str]]
    body: bytes


class ResponseCache:
    """Answers by key, the oldest first to go when there are too many bytes of them."""

    def __init__(self, bytes_max: int = _BYTES_MAX) -> None:
        self._kept: dict[Hashable, _Kept] = {}
        self._bytes = 0
        self._bytes_max = bytes_max

    def find(self, key: Hashable, now: int, flushed_at: int) -> _Kept | None:
        found = self._kept.get(key)
        if found is not None and (now >= found.until or found.came_at < flushed_at):
            self._drop(key)
            return None
        return found

    def keep(self, key: Hashable, response: HttpResponse, now: int, until: int) -> None:
        body = response.body
        if not isinstance(body, bytes) or len(body) > _ANSWER_BYTES_MAX:
            return
        if key in self._kept:
            self._drop(key)
        headers = [pair for pair in response.headers if pair[0].lower() not in _OWN]
        self._kept[key] = _Kept(now, until, response.status, headers, body)
        self._bytes += _size(self._kept[key])
        while self._bytes > self._bytes_max:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: Hashable) -> None:
        self._bytes -= _size(self._kept.pop(key))


def _size(kept: _Kept) -> int:
    return len(kept.body) + 200 + sum(len(name) + len(value) for name, value in kept.headers)


async def cached(
    cache: ResponseCache, exchange: Exchange, settings: Mapping[str, Any], answer: Answer
) -> HttpResponse:
    """What is kept for such a request, or else what `answer` gives, kept from then on. Raises Fault."""
    if not _is_cached(exchange, settings):
        return await answer()
    stage, now = exchange.site.stage, exchange.now
    key = _key(exchange)
    is_renewed, warnings = _wishes(exchange, settings)
    found = None if is_renewed else cache.find(key, now, stage.get("cacheFlushedAt", 0))
    exchange.is_cache_hit = found is not None
    if found is not None:
        headers = [*own_headers(exchange), *found.headers, *warnings]
        return HttpResponse(found.status, headers, found.body)
    response = await answer()
    seconds = settings.get("cacheTtlInSeconds", _TTL_SECONDS)
    is_whole = isinstance(response.body, bytes)
    if 200 <= response.status < 300 and seconds > 0 and is_whole:
        cache.keep(key, response, now, now + seconds * 1000)
    response.headers += warnings
    return response


def _is_cached(exchange: Exchange, settings: Mapping[str, Any]) -> bool:
    stage, target = exchange.site.stage, exchange.target
    if not settings.get("cachingEnabled") or not stage.get("cacheClusterEnabled"):
        return False
    if target is None or target.integration is None:
        return False
    # The setting of all methods caches those that only read; others are cached where they say so themselves.
    return exchange.method == "GET" or settings is not stage["methodSettings"].get(_EVERYTHING)


def _key(exchange: Exchange) -> Hashable:
    site, target = exchange.site, exchange.target
    assert target is not None
    integration = target.integration
    assert integration is not None, "what has none is not cached"
    document = integration.document
    canary = site.is_canary and not (site.stage.get("canarySettings") or {}).get("useStageCache")
    values = tuple(
        tuple(source(name)(exchange, None) or ())
        for name in document.get("cacheKeyParameters") or ()
    )
    space = document.get("cacheNamespace") or target.resource_id
    where = (site.account, site.region, site.api.id, site.api.deployment_id, site.stage_name)
    return (where, canary, space, exchange.method, values)


def _wishes(exchange: Exchange, settings: Mapping[str, Any]) -> tuple[bool, list[tuple[str, str]]]:
    """Whether the caller wants a new answer and may have one, and what is said if not. Raises Fault."""
    wish = (exchange.headers.find("cache-control") or "").replace(" ", "").lower()
    if "max-age=0" not in wish:
        return False, []
    if not settings.get("requireAuthorizationForCacheControl", True) or exchange.iam_identity:
        return True, []
    strategy = settings.get("unauthorizedCacheControlHeaderStrategy")
    if strategy == "FAIL_WITH_403":
        raise Fault(ACCESS_DENIED, "The caller may not invalidate the cache")
    silent = strategy == "SUCCEED_WITHOUT_RESPONSE_HEADER"
    return False, [] if silent else [("Warning", _WARNING)]
