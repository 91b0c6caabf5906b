"""Exchanges as rules see them, without any server."""

from __future__ import annotations

from typing import Any

from fogline.aws.call import Trace
from fogline.services.apigatewayv2.http.compiled import HttpApi
from fogline.services.apigatewayv2.http.exchange import Exchange
from fogline.services.apigatewayv2.sites import Site

STAGE = {"StageVariables": {"color": "blue"}}


def make_exchange(**changed: Any) -> Exchange:
    members: dict[str, Any] = {
        "site": Site("000000000000", "eu-west-1", "abc", "HTTP", "dev", STAGE, None, "/pets/7"),
        "api": HttpApi({"api": {}}),
        "method": "POST",
        "path": "/pets/7",
        "told_path": "/dev/pets/7",
        "sent_path": "/dev/pets/7",
        "base_path": "",
        "headers": {"x-one": "1,2", "content-type": "application/json"},
        "raw_headers": [],
        "raw_query": "q=1&q=2",
        "query": {"q": ["1", "2"]},
        "body": b'{"a": {"b": [1, "two"]}, "n": null, "text": "t"}',
        "host": "abc.execute-api.localhost:4566",
        "scheme": "http",
        "request_id": "id=",
        "now": 1_583_348_638_390,
        "trace": Trace("1-a-b", "c"),
        "trace_header": "Root=1-a-b",
        "path_parameters": {"id": "7"},
    }
    return Exchange(**{**members, **changed})
