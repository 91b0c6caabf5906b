"""Items as bytes: JSON, marked by its first byte where it holds binary, which JSON cannot say."""

from __future__ import annotations

from base64 import b64decode, b64encode

import orjson

from fogline.services.dynamodb.values import Item, Value

_PLAIN = b"{"
_MARKED = b"B"


def packed(item: Item) -> bytes:
    """An item as bytes."""
    try:
        return orjson.dumps(item)
    except TypeError:
        return _MARKED + orjson.dumps(item, default=_text_of_bytes)


def _text_of_bytes(value: object) -> str:
    assert isinstance(value, bytes), "an item holds nothing else that JSON cannot say"
    return b64encode(value).decode()


def unpacked(packed_item: bytes) -> Item:
    """The item that `packed` made bytes of."""
    if packed_item[:1] == _PLAIN:
        plain: Item = orjson.loads(packed_item)
        return plain
    return {name: _with_bytes(value) for name, value in orjson.loads(packed_item[1:]).items()}


def _with_bytes(value: Value) -> Value:
    [(kind, content)] = value.items()
    if kind == "B":
        return {"B": b64decode(content)}
    if kind == "BS":
        return {"BS": [b64decode(each) for each in content]}
    if kind == "L":
        return {"L": [_with_bytes(each) for each in content]}
    if kind == "M":
        return {"M": {name: _with_bytes(each) for name, each in content.items()}}
    return value
