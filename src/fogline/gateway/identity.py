"""Who calls, and for which region: read from the credential scope of SigV4 headers and presigned URLs.

A 12-digit access key names the account; a key that IAM or STS issued resolves to its principal; any other key
means the default account. Signatures are not checked here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs

from fogline.aws.call import Principal, root_principal
from fogline.ports.http import HttpRequest
from fogline.ports.principals import Principals

DEFAULT_ACCOUNT = "000000000000"
DEFAULT_REGION = "us-east-1"

_REMEMBERED_MAX = 1_024
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


@dataclass(frozen=True, slots=True)
class Identity:
    """What the credentials of a request say. `signing_name` is "" when it was not signed."""

    account: str
    region: str
    principal: Principal
    access_key: str
    signing_name: str


class Identities:
    """Reads identities, and remembers those of credentials seen before."""

    def __init__(
        self,
        principals: Principals,
        *,
        account: str = DEFAULT_ACCOUNT,
        region: str = DEFAULT_REGION,
    ) -> None:
        self._principals = principals
        self._account = account
        self._region = region
        self._anonymous = Identity(account, region, root_principal(account), "", "")
        self._remembered: dict[str, Identity] = {}

    def of(self, request: HttpRequest) -> Identity:
        """The identity that a request claims; the default one when it claims none that can be read."""
        authorization = request.headers.get("authorization")
        if authorization is not None:
            begin = authorization.find("Credential=")
            if begin >= 0:
                end = authorization.find(",", begin)
                credential = authorization[begin + 11 : end if end >= 0 else None]
                return self._remembered.get(credential) or self._read(credential)
            if authorization.startswith("AWS "):
                return self._make(authorization[4:].partition(":")[0], self._region, "s3")
            return self._anonymous
        if "X-Amz-Credential=" in request.target:
            values = parse_qs(request.query).get("X-Amz-Credential")
            if values:
                return self._read(values[0])
        elif "AWSAccessKeyId=" in request.target:
            values = parse_qs(request.query).get("AWSAccessKeyId")
            if values:
                return self._make(values[0], self._region, "s3")
        return self._anonymous

    def _read(self, credential: str) -> Identity:
        parts = credential.strip().rsplit("/", 4)
        if len(parts) == 4:  # SigV4A signs for many regions, and names none here
            parts.insert(2, "*")
        if len(parts) != 5:
            return self._anonymous
        access_key, _date, region, signing_name, _end = parts
        # The `*` of SigV4A and free-form regions of local tools mean the default region.
        identity = self._make(
            access_key, region if _REGION.fullmatch(region) else self._region, signing_name
        )
        if len(self._remembered) >= _REMEMBERED_MAX:
            self._remembered.clear()
        # Keys we issue can be revoked: those are looked up each time (by a cache that knows of it).
        if not access_key.startswith(("ASIA", "AKIA")):
            self._remembered[credential] = identity
        return identity

    def _make(self, access_key: str, region: str, signing_name: str) -> Identity:
        if len(access_key) == 12 and access_key.isascii() and access_key.isdigit():
            principal = root_principal(access_key)
        else:
            found = None
            if access_key.startswith(("ASIA", "AKIA")):
                found = self._principals.find(access_key)
            principal = found or self._anonymous.principal
        return Identity(principal.account, region, principal, access_key, signing_name.lower())
