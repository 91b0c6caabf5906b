"""Refusals: why a signature is not accepted, in AWS's words."""

from __future__ import annotations

import base64
import hashlib
from typing import Final

MISSING: Final = "MissingAuthenticationTokenException"
INCOMPLETE: Final = "IncompleteSignatureException"
INVALID: Final = "InvalidSignatureException"
UNRECOGNIZED: Final = "UnrecognizedClientException"
EXPIRED: Final = "ExpiredTokenException"

MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)
_SHOWN_CHARACTERS_MAX = 200


class SignatureRefused(ValueError):
    """A request is not signed as AWS wants it. `error` is AWS's name for that, `detail` is more of its message."""

    def __init__(self, error: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.error = error
        self.message = message
        self.detail = detail

    @property
    def whole_message(self) -> str:
        """The message as services write it that explain themselves at length."""
        return self.message + self.detail


def incomplete(message: str) -> SignatureRefused:
    return SignatureRefused(INCOMPLETE, message)


def unrecognized() -> SignatureRefused:
    return SignatureRefused(UNRECOGNIZED, "The security token included in the request is invalid.")


def expired_token() -> SignatureRefused:
    return SignatureRefused(EXPIRED, "The security token included in the request is expired")


def shown(text: str) -> str:
    """What a client sent, as much of it as a message repeats."""
    return text[:_SHOWN_CHARACTERS_MAX]


def hashed(text: str) -> str:
    """An Authorization header as messages tell it: it may be somebody's password."""
    digest = hashlib.sha256(text.encode("utf-8", "replace")).digest()
    return base64.b64encode(digest).decode()
