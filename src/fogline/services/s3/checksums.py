"""Checksums of contents: which one a request names, computing them, and those of multipart uploads."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from fogline.services.s3.errors import BadDigest, InvalidDigest, InvalidRequest, NotBuilt

DEFAULT = "CRC64NVME"
"""What S3 computes when the client names none."""

FULL_OBJECT = "FULL_OBJECT"
COMPOSITE = "COMPOSITE"

_SIZES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32, "SHA512": 64}
_NOT_BUILT = ("MD5", "XXHASH64", "XXHASH3", "XXHASH128")
_CRCS = ("CRC32", "CRC32C", "CRC64NVME")


class Checksum(NamedTuple):
    """The checksum of a content, as S3 writes it: base64, for composites with `-<parts>`."""

    algorithm: str
    value: str
    type: str = FULL_OBJECT

    @property
    def member(self) -> str:
        """Its member in requests and answers: `ChecksumCRC32`."""
        return f"Checksum{self.algorithm}"

    def members(self) -> dict[str, str]:
        """Itself and its type, as answers carry them."""
        return {self.member: self.value, "ChecksumType": self.type}


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def digest(self) -> bytes: ...


class _Crc:
    """A CRC in the shape of hashlib's digests."""

    def __init__(self, function: Callable[[bytes, int], int], size: int) -> None:
        self._function = function
        self._size = size
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._size, "big")


def _crt() -> Any:
    # Large, and needed by few: imported on first use.
    from awscrt import checksums

    return checksums


def make_digest(algorithm: str) -> _Digest:
    """Computes that checksum over what it is fed."""
    if algorithm == "CRC32":
        return _Crc(zlib.crc32, 4)
    if algorithm == "CRC32C":
        return _Crc(_crt().crc32c, 4)
    if algorithm == "CRC64NVME":
        return _Crc(_crt().crc64nvme, 8)
    made: _Digest = hashlib.new(algorithm.lower())
    return made


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says of the content it carries. `value` is "" when it wants one computed."""

    algorithm: str
    value: str = ""
    md5: bytes | None = None


def claim_of(request: Mapping[str, Any], default: str = DEFAULT) -> Claim:
    """The checksum that a request names, else the default one. Raises what S3 refuses it with."""
    md5 = _md5(request.get("ContentMD5"))
    given = given_checksum(request)
    named = request.get("ChecksumAlgorithm")
    if given is None:
        if named in _NOT_BUILT:
            raise NotBuilt(what=f"checksums with {named}")
        if named is not None and named not in _SIZES:
            raise InvalidRequest(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types:"
                " [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
            )
        return Claim(named or default, "", md5)
    return Claim(given.algorithm, given.value, md5)


def given_checksum(request: Mapping[str, Any]) -> Checksum | None:
    """The one checksum that a request carries, well-formed."""
    found = [
        Checksum(name.removeprefix("Checksum"), value)
        for name, value in request.items()
        if name.startswith("Checksum") and name.removeprefix("Checksum") in (*_SIZES, *_NOT_BUILT)
    ]
    if not found:
        return None
    if len(found) > 1:
        raise InvalidRequest(
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        )
    checksum = found[0]
    if checksum.algorithm in _NOT_BUILT:
        raise NotBuilt(what=f"checksums with {checksum.algorithm}")
    if not _is_well_formed(checksum):
        raise InvalidRequest(
            f"Value for x-amz-checksum-{checksum.algorithm.lower()} header is invalid."
        )
    return checksum


def _is_well_formed(checksum: Checksum) -> bool:
    try:
        raw = base64.b64decode(checksum.value.partition("-")[0], validate=True)
    except (binascii.Error, ValueError):
        return False
    return len(raw) == _SIZES[checksum.algorithm]


def _md5(text: str | None) -> bytes | None:
    if text is None:
        return None
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidDigest(members={"Content-MD5": text}) from None
    if len(raw) != 16:
        raise InvalidDigest(members={"Content-MD5": text})
    return raw


class Meter:
    """Everything S3 wants to know of a content, computed while it passes."""

    def __init__(self, algorithms: Sequence[str]) -> None:
        self.size = 0
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._digests = {name: make_digest(name) for name in algorithms}

    def update(self, data: bytes) -> None:
        self.size += len(data)
        self._md5.update(data)
        for digest in self._digests.values():
            digest.update(data)

    @property
    def etag(self) -> str:
        """The MD5 in hexadecimal, without quotes."""
        return self._md5.hexdigest()

    def checksum(self, algorithm: str) -> Checksum:
        return Checksum(algorithm, base64.b64encode(self._digests[algorithm].digest()).decode())

    def check(self, claim: Claim) -> None:
        """Raises BadDigest where the content is not what the request said."""
        if claim.md5 is not None and claim.md5 != self._md5.digest():
            raise BadDigest(
                "The Content-MD5 you specified did not match what we received.",
                members={
                    "ExpectedDigest": claim.md5.hex(),
                    "CalculatedDigest": base64.b64encode(self._md5.digest()).decode(),
                },
            )
        if claim.value and claim.value != self.checksum(claim.algorithm).value:
            raise BadDigest(name=claim.algorithm)


# ---- multipart uploads


def upload_type(algorithm: str | None, asked: str | None) -> str:
    """The checksum type of a new upload. Raises InvalidRequest for pairs that S3 does not have."""
    if algorithm is None:
        if asked is not None:
            raise InvalidRequest(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
            )
        return FULL_OBJECT
    if asked is None:
        return FULL_OBJECT if algorithm == DEFAULT else COMPOSITE
    can = algorithm != DEFAULT if asked == COMPOSITE else algorithm in _CRCS
    if asked not in (COMPOSITE, FULL_OBJECT) or not can:
        raise InvalidRequest(
            f"The {asked} checksum type cannot be used with the {algorithm.lower()} checksum algorithm."
        )
    return asked


def combined(algorithm: str, kind: str, parts: Sequence[tuple[str, int]]) -> Checksum:
    """The checksum of an object from those of its parts, each with the part's size."""
    raws = [(base64.b64decode(value), size) for value, size in parts]
    if kind == COMPOSITE:
        digest = make_digest(algorithm)
        digest.update(b"".join(raw for raw, _ in raws))
        value = base64.b64encode(digest.digest()).decode()
        return Checksum(algorithm, f"{value}-{len(raws)}", COMPOSITE)
    combine = getattr(_crt(), f"combine_{algorithm.lower()}")
    total = 0
    for at, (raw, size) in enumerate(raws):
        one = int.from_bytes(raw, "big")
        total = combine(total, one, size) if at else one
    raw = total.to_bytes(_SIZES[algorithm], "big")
    return Checksum(algorithm, base64.b64encode(raw).decode(), FULL_OBJECT)


def etag_of_parts(etags: Sequence[str]) -> str:
    """The entity tag of an object made of parts."""
    digest = hashlib.md5(b"".join(bytes.fromhex(etag) for etag in etags), usedforsecurity=False)
    return f"{digest.hexdigest()}-{len(etags)}"
