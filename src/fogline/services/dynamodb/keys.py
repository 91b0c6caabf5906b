"""Keys: which attributes name an item, and the bytes that keep items in the order of their keys."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from fogline.services.dynamodb import numbers
from fogline.services.dynamodb.errors import ValidationException, invalid_parameters
from fogline.services.dynamodb.values import Item, Value, admit

PARTITION_KEY_BYTES_MAX = 2_048
SORT_KEY_BYTES_MAX = 1_024
HASH_BYTES = 2
"""A partition's bytes begin with a hash, so that a scan, and each segment of a parallel one, meets
partitions in the order of their hashes, as on AWS."""
_SHORTENED_BYTES_MAX = 480


@dataclass(frozen=True, slots=True)
class KeySchema:
    """The key attributes of a table or an index, with their types; `sort` is "" where there is none."""

    partition: str
    partition_type: str
    sort: str = ""
    sort_type: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        return (self.partition, self.sort) if self.sort else (self.partition,)

    def key_of(self, item: Mapping[str, Value]) -> Item:
        """The key attributes of an item that has them."""
        return {name: item[name] for name in self.names}

    def locate(self, key: Item) -> tuple[bytes, bytes]:
        """The bytes of a key given apart (`Key`), or a refusal where it does not fit the schema."""
        if len(key) != (2 if self.sort else 1):
            raise _mismatch()
        value = key.get(self.partition)
        if value is None:
            raise _mismatch()
        admit(value)
        if self.partition_type not in value:
            raise _mismatch()
        if not self.sort:
            return _partition(self.partition, value), b""
        sort = key.get(self.sort)
        if sort is None:
            raise _mismatch()
        admit(sort)
        if self.sort_type not in sort:
            raise _mismatch()
        return _partition(self.partition, value), _sort(self.sort, sort)

    def locate_item(self, item: Item) -> tuple[bytes, bytes]:
        """The bytes of the key within an item that was admitted, or a refusal where it is unfit."""
        partition = _partition(self.partition, self._own(item, self.partition, self.partition_type))
        if not self.sort:
            return partition, b""
        return partition, _sort(self.sort, self._own(item, self.sort, self.sort_type))

    def _own(self, item: Item, name: str, kind: str) -> Value:
        value = item.get(name)
        if value is None:
            raise invalid_parameters(f"Missing the key {name} in the item")
        if kind not in value:
            raise invalid_parameters(
                f"Type mismatch for key {name} expected: {kind} actual: {next(iter(value))}"
            )
        return value

    def locate_index_entry(self, item: Item, index: str) -> tuple[bytes, bytes] | None:
        """The bytes of an index's key within an item, None where the item stands outside the index.

        What has the key's name must have its type, and may not be empty.
        """
        parts: list[bytes] = []
        for name, kind, encode in (
            (self.partition, self.partition_type, _partition),
            (self.sort, self.sort_type, _sort),
        ):
            if not name:
                parts.append(b"")
                continue
            value = item.get(name)
            if value is None:
                continue
            if kind not in value:
                raise invalid_parameters(
                    f"Type mismatch for Index Key {name} Expected: {kind} "
                    f"Actual: {next(iter(value))} IndexName: {index}"
                )
            refuse_empty(name, value, index)
            parts.append(encode(name, value))
        return (parts[0], parts[1]) if len(parts) == 2 else None


def _mismatch() -> ValidationException:
    return ValidationException("The provided key element does not match the schema")


def refuse_empty(name: str, value: Value, index: str = "") -> None:
    """A key's text or binary may not be empty."""
    if value.get("S") == "" or value.get("B") == b"":
        [kind] = value
        what = "string" if kind == "S" else "binary"
        where = f"IndexName: {index}, IndexKey: {name}" if index else f"Key: {name}"
        owner = "a secondary index key" if index else "a key attribute"
        raise ValidationException(
            "One or more parameter values are not valid. "
            + (
                f"A value specified for {owner} is not supported. The AttributeValue for a key "
                f"attribute cannot contain an empty {what} value. {where}"
                if index
                else f"The AttributeValue for {owner} cannot contain an empty {what} value. {where}"
            )
        )


def ordered(value: Value) -> bytes:
    """Bytes that sort as the values of one key type do."""
    [(kind, content)] = value.items()
    if kind == "S":
        encoded: bytes = content.encode("utf-8", "surrogatepass")
        return encoded
    return numbers.ordered(content) if kind == "N" else bytes(content)


def partition_of(value: Value) -> bytes:
    """The bytes of a partition key: a hash, then the value."""
    return _hashed(ordered(value))


def _hashed(encoded: bytes) -> bytes:
    return (zlib.crc32(encoded) & 0xFFFF).to_bytes(HASH_BYTES, "big") + shortened(encoded)


def shortened(encoded: bytes) -> bytes:
    """The same bytes, or, where they are many, their beginning and a digest of all.

    For keys whose order does not matter: PostgreSQL keeps no more than 2,704 bytes in an index's row.
    """
    if len(encoded) <= _SHORTENED_BYTES_MAX:
        return encoded
    digest = hashlib.sha256(encoded).digest()
    return encoded[: _SHORTENED_BYTES_MAX - len(digest)] + digest


def _partition(name: str, value: Value) -> bytes:
    encoded = ordered(value)
    if not encoded:
        refuse_empty(name, value)
    if len(encoded) > PARTITION_KEY_BYTES_MAX:
        raise invalid_parameters("Size of hashkey has exceeded the maximum size limit of2048 bytes")
    return _hashed(encoded)


def _sort(name: str, value: Value) -> bytes:
    found = ordered(value)
    if not found:
        refuse_empty(name, value)
    if len(found) > SORT_KEY_BYTES_MAX:
        raise invalid_parameters(
            "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"
        )
    return found


def segment_bounds(segment: int, total: int) -> tuple[bytes, bytes | None]:
    """The partitions of one segment of a parallel scan: from the first, up to but without the last."""
    hashes = 1 << (8 * HASH_BYTES)
    # Rounded up, so that the segments meet without a gap or an overlap.
    low, high = -(-segment * hashes // total), -(-(segment + 1) * hashes // total)
    return low.to_bytes(HASH_BYTES, "big"), (
        high.to_bytes(HASH_BYTES, "big") if high < hashes else None
    )
