"""Which operation a request names: by header, by form field, by path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import parse_qsl, unquote_to_bytes

from fogline.gateway.models import Operation, ServiceModel
from fogline.gateway.protocols.codec import MalformedInput, body_of
from fogline.ports.http import HttpRequest

_ACTION = re.compile(rb"(?:^|&)Action=([^&]*)")


def operation_of(service: ServiceModel, protocol: str, request: HttpRequest) -> str | None:
    """The name that a request of an RPC protocol gives its operation, known to the model or not."""
    if protocol == "json":
        return request.headers.get("x-amz-target", "").rpartition(".")[2] or None
    if protocol == "smithy-rpc-v2-cbor":
        return request.path.rstrip("/").rpartition("/")[2] or None
    query = request.query
    found = _ACTION.search(query.encode()) if query else None
    if found is None:
        found = _ACTION.search(body_of(request))
    if found is None:
        return None
    return unquote_to_bytes(found[1]).decode(errors="replace") or None


@dataclass(slots=True)
class _Candidate:
    """An operation at the end of a path, and what else tells it from others there."""

    operation: str
    labels: list[str]
    literals: list[tuple[str, str]]
    required_queries: list[str]
    required_headers: list[str]
    is_deprecated: bool

    def rank(
        self, queries: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, int, int, int] | None:
        """How well a request fits, the best greatest; None if it does not."""
        for key, value in self.literals:
            if key not in queries or (value and queries[key] != value):
                return None
        missing = sum(key not in queries for key in self.required_queries)
        missing += sum(key not in headers for key in self.required_headers)
        wanted = len(self.required_queries) + len(self.required_headers)
        return (len(self.literals), -missing, wanted, -self.is_deprecated)


@dataclass(slots=True)
class _Candidates:
    """The operations of one path and method."""

    plain: list[_Candidate] = field(default_factory=list)
    by_query_key: dict[str, list[_Candidate]] = field(default_factory=dict)

    def add(self, candidate: _Candidate) -> None:
        if candidate.literals:
            key = candidate.literals[0][0]
            self.by_query_key.setdefault(key, []).append(candidate)
        else:
            self.plain.append(candidate)

    def choose(self, request: HttpRequest) -> _Candidate | None:
        """The one that fits best: a key of the query that is an operation's own outweighs all else."""
        queries = _query_values(request.query) if "?" in request.target else {}
        if self.by_query_key:
            named = [each for key in queries for each in self.by_query_key.get(key, ())]
            best = _best(named, queries, request.headers) if named else None
            if best is not None:
                return best
        if len(self.plain) == 1:
            return self.plain[0]
        return _best(self.plain, queries, request.headers)


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    label: _Node | None = None
    greedy: _Node | None = None
    candidates: dict[str, _Candidates] = field(default_factory=dict)


class RestMatcher:
    """Finds the operation of a REST request: a tree of path segments, then query keys and headers."""

    def __init__(self, service: ServiceModel) -> None:
        self._root = _Node()
        for operation in service.operations.values():
            self._add(operation)

    def match(self, request: HttpRequest) -> tuple[str, dict[str, str]] | None:
        """The operation and its path labels, percent-decoded; None if no operation has such a path."""
        path = request.path
        segments = path.split("/")[1:]
        found = self._find(self._root, segments, 0, request.method, [])
        if found is None and segments and segments[-1] == "":
            found = self._find(self._root, segments[:-1], 0, request.method, [])
        if found is None:
            return None
        candidates, values = found
        chosen = candidates.choose(request)
        if chosen is None:
            return None
        try:
            params = {
                name: unquote_to_bytes(value).decode() if "%" in value else value
                for name, value in zip(chosen.labels, values, strict=True)
            }
        except UnicodeDecodeError:
            raise MalformedInput("The path is not valid UTF-8.") from None
        return chosen.operation, params

    def _add(self, operation: Operation) -> None:
        path, _, query = operation.request_uri.partition("?")
        node, labels = self._root, []
        segments = path.split("/")[1:]
        while segments and segments[-1] == "":
            segments.pop()
        for segment in segments:
            if segment.startswith("{") and segment.endswith("}"):
                name = segment[1:-1]
                labels.append(name.removesuffix("+"))
                if name.endswith("+"):
                    node.greedy = node = node.greedy or _Node()
                else:
                    node.label = node = node.label or _Node()
            else:
                node = node.literals.setdefault(segment, _Node())
        candidates = node.candidates.setdefault(operation.http_method, _Candidates())
        candidates.add(_candidate(operation, labels, query))

    def _find(
        self, node: _Node, segments: list[str], at: int, method: str, values: list[str]
    ) -> tuple[_Candidates, list[str]] | None:
        if at == len(segments):
            candidates = node.candidates.get(method)
            return (candidates, values) if candidates else None
        segment = segments[at]
        below = node.literals.get(segment)
        if below is None and "%" in segment and node.literals:
            below = node.literals.get(unquote_to_bytes(segment).decode(errors="replace"))
        if below is not None:
            found = self._find(below, segments, at + 1, method, values)
            if found is not None:
                return found
        if node.label is not None and segment:
            found = self._find(node.label, segments, at + 1, method, [*values, segment])
            if found is not None:
                return found
        if node.greedy is not None:
            return self._find_greedy(node.greedy, segments, at, method, values)
        return None

    def _find_greedy(
        self, node: _Node, segments: list[str], at: int, method: str, values: list[str]
    ) -> tuple[_Candidates, list[str]] | None:
        if not node.literals and node.label is None:
            rest = "/".join(segments[at:])
            candidates = node.candidates.get(method)
            return (candidates, [*values, rest]) if candidates and rest else None
        # The shortest value first: what follows it in the path are literals, or nothing.
        for end in range(at + 1, len(segments) + 1):
            value = "/".join(segments[at:end])
            found = self._find(node, segments, end, method, [*values, value])
            if found is not None:
                return found
        return None


def _candidate(operation: Operation, labels: list[str], query: str) -> _Candidate:
    literals = parse_qsl(query, keep_blank_values=True)
    shape = operation.input
    required = [shape.members[name] for name in shape.required] if shape is not None else []
    return _Candidate(
        operation.name,
        labels,
        literals,
        [member.wire_name for member in required if member.location == "querystring"],
        [member.wire_name.lower() for member in required if member.location == "header"],
        operation.is_deprecated,
    )


def _best(
    candidates: list[_Candidate], queries: Mapping[str, str], headers: Mapping[str, str]
) -> _Candidate | None:
    best, best_rank = None, None
    for candidate in candidates:
        rank = candidate.rank(queries, headers)
        if rank is not None and (best_rank is None or rank > best_rank):
            best, best_rank = candidate, rank
    return best


def _query_values(query: str) -> dict[str, str]:
    if "%" in query or "+" in query:
        return dict(parse_qsl(query, keep_blank_values=True))
    return {key: value for key, _, value in (pair.partition("=") for pair in query.split("&"))}


@lru_cache(512)
def _matcher(service: ServiceModel) -> RestMatcher:
    return RestMatcher(service)


def match_rest(service: ServiceModel, request: HttpRequest) -> tuple[str, dict[str, str]] | None:
    """The operation and path labels of a REST request; None if the service has none for it."""
    return _matcher(service).match(request)
