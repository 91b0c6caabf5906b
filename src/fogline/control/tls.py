"""The page that tells clients what to trust."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fogline.control.endpoint import Control


@dataclass(frozen=True, slots=True)
class TlsPages:
    """Shows the authority that certifies this server."""

    authority_pem: Callable[[], bytes]
    trust_files: Callable[[], tuple[Path, Path]]

    def serve(self, control: Control) -> None:
        """Put the page in its place."""
        control.add("GET", "/_fogline/tls", self.show)

    def show(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        """The authority's certificate, and the files on this machine that hold it, alone and beside all others."""
        authority, bundle = self.trust_files()
        return {
            "certificate": self.authority_pem().decode(),
            "certificate_file": str(authority),
            "bundle_file": str(bundle),
        }
