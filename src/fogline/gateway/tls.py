"""TLS on the one port: for each name a certificate of our own, from an authority that is kept with the data."""

from __future__ import annotations

import os
import re
import ssl
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from fogline.world.clock import RealClock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

    from fogline.gateway.certificates import Authority

_RENEW_MS = 30 * 24 * 3600 * 1000
CERTIFICATE_FILE, KEY_FILE, BUNDLE_FILE = "ca.pem", "ca-key.pem", "bundle.pem"

_CONTEXTS_MAX = 128
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
_ZONES = ("localhost", "localhost.localstack.cloud")
_ALWAYS = (*_ZONES, *(f"*.{zone}" for zone in _ZONES), "127.0.0.1", "::1")
# Where systems keep the certificates that they trust.
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/ca-certificates/cert.pem",
)


class Tls:
    """Makes the certificates that clients are shown, each when it is first asked for.

    The authority lies in `folder`, so that trust in it lasts. One that is not there is made: in the folder, or in
    memory unless `is_kept`. `names` are certified to every client; `is_ours` tells which others may be.
    """

    def __init__(
        self,
        folder: Path,
        *,
        is_kept: bool = True,
        names: Sequence[str] = (),
        is_ours: Callable[[str], bool] = lambda name: False,
    ) -> None:
        self._folder, self._is_kept = folder, is_kept
        self._names = [*_ALWAYS, *(name for name in names if _NAME.fullmatch(name))]
        self._is_ours = is_ours
        # Certificates are for clients, whose time is the machine's.
        self._clock = RealClock()
        self._authority: Authority | None = None
        self._key: ec.EllipticCurvePrivateKey | None = None
        self._contexts: OrderedDict[str, ssl.SSLContext] = OrderedDict()
        self._trust: Path | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._is_closed = False
        # Those who start functions ask from a thread of their own.
        self._lock = threading.RLock()

    # ---- what is shown to clients

    def context_for(self, name: str, address: str = "") -> ssl.SSLContext:
        """The context for a client that asks for `name` (lower-case; empty for none) at an address of ours."""
        if self._may_have_its_own(name):
            return self._find_context(name, [name])
        # An address cannot be asked for by name.
        address = address.partition("%")[0].removeprefix("::ffff:")
        is_known = not address or address in self._names
        return self._find_context(address, self._names if is_known else [*self._names, address])

    def _may_have_its_own(self, name: str) -> bool:
        if name in self._names or _NAME.fullmatch(name) is None:
            return False
        return name.endswith(tuple(f".{zone}" for zone in _ZONES)) or self._is_ours(name)

    def _find_context(self, key: str, names: Sequence[str]) -> ssl.SSLContext:
        with self._lock:
            context = self._contexts.get(key)
            if context is None:
                context = self._make_context(names)
                while len(self._contexts) >= _CONTEXTS_MAX:
                    self._contexts.popitem(last=False)
                self._contexts[key] = context
            self._contexts.move_to_end(key)
            return context

    def _make_context(self, names: Sequence[str]) -> ssl.SSLContext:
        from fogline.gateway.certificates import make_key, make_leaf

        authority = self._require_authority()
        if self._key is None:
            self._key = make_key()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.num_tickets = 0
        context.set_alpn_protocols(["http/1.1"])
        leaf = make_leaf(authority, self._key, names, self._clock.now())
        with tempfile.NamedTemporaryFile() as file:  # for its owner alone; ssl reads files only
            file.write(leaf)
            file.flush()
            context.load_cert_chain(file.name)
        return context

    def _require_authority(self) -> Authority:
        from fogline.gateway.certificates import find_authority, make_authority

        if self._authority is None:
            now = self._clock.now()
            found = find_authority(*self._files)
            if found is None or found.ends_at() < now + _RENEW_MS:
                found = make_authority(now)
                if self._is_kept:
                    self._save(found)
            self._authority = found
        return self._authority

    def _save(self, authority: Authority) -> None:
        certificate, key = self._files
        self._folder.mkdir(parents=True, exist_ok=True)
        certificate.unlink(missing_ok=True)  # at no time is it beside the key of another
        replace_file(key, authority.key_pem(), 0o600)
        replace_file(certificate, authority.pem(), 0o644)

    @property
    def _files(self) -> tuple[Path, Path]:
        return self._folder / CERTIFICATE_FILE, self._folder / KEY_FILE

    # ---- what clients trust

    def authority_pem(self) -> bytes:
        """The certificate that clients trust."""
        with self._lock:
            if self._authority is None and (kept := self._find_kept()):
                return kept
            return self._require_authority().pem()

    def _find_kept(self) -> bytes:
        """The certificate on disk, read without what is needed to sign others: that takes time and memory."""
        certificate, key = self._files
        try:
            pem = certificate.read_bytes()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata=pem.decode("ascii"))
            (found,) = context.get_ca_certs()
        except (OSError, ValueError):
            return b""
        ends = ssl.cert_time_to_seconds(str(found["notAfter"]))
        lasts = ends * 1000 > self._clock.now() + _RENEW_MS
        return pem if lasts and key.exists() else b""

    def trust_files(self) -> tuple[Path, Path]:
        """The file of the authority's certificate, and that of it and of all that this machine trusts."""
        with self._lock:
            folder = self._trust = self._trust or self._write_trust()
            return folder / CERTIFICATE_FILE, folder / BUNDLE_FILE

    def _write_trust(self) -> Path:
        assert not self._is_closed, "it has not been closed"
        ours = self.authority_pem()
        folder = self._folder
        if not self._is_kept:
            self._scratch = tempfile.TemporaryDirectory(prefix="fogline-tls-")
            folder = Path(self._scratch.name)
            (folder / CERTIFICATE_FILE).write_bytes(ours)
        theirs = _machine_bundle()
        # It may be a bundle of ours that we were told to trust.
        replace_file(
            folder / BUNDLE_FILE, theirs if ours in theirs else theirs + b"\n" + ours, 0o644
        )
        return folder

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            if self._scratch is not None:
                self._scratch.cleanup()


def replace_file(path: Path, data: bytes, mode: int) -> None:
    """Write a file so that nobody ever sees a part of it."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)
        file.write(data)
    part.replace(path)


def _machine_bundle() -> bytes:
    """What this machine trusts; what botocore brings along, where it keeps no such file."""
    own = ssl.get_default_verify_paths().cafile
    for path in (own, *_SYSTEM_BUNDLES, _botocore_bundle()):
        if path and os.path.isfile(path):
            return Path(path).read_bytes()
    return b""


def _botocore_bundle() -> str:
    import importlib.util

    spec = importlib.util.find_spec("botocore")
    return (
        "" if spec is None or spec.origin is None else str(Path(spec.origin).parent / "cacert.pem")
    )
