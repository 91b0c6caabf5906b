"""HTTPS with a certificate of our own."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from fogline.config import read_config
from fogline.testing.platform import LocalPlatform


def test_a_client_that_trusts_the_certificate_is_answered(tmp_path: Path) -> None:
    config = read_config({}, port=0, data=tmp_path, ephemeral=True, tls=True)
    with LocalPlatform(config) as platform:
        trusting = ssl.create_default_context(cafile=str(tmp_path / "tls" / "certificate.pem"))
        for host in ("localhost", "127.0.0.1"):
            url = f"https://{host}:{platform.platform.port}/_fogline/health"
            with urllib.request.urlopen(url, context=trusting) as answer:
                assert json.load(answer)["status"] == "running"
        with pytest.raises(urllib.error.URLError, match="certificate"):
            urllib.request.urlopen(url, context=ssl.create_default_context())


def test_the_certificate_lasts_over_restarts_and_its_key_is_private(tmp_path: Path) -> None:
    config = read_config({}, port=0, data=tmp_path, ephemeral=True, tls=True)
    seen = set()
    for _ in range(2):
        with LocalPlatform(config):
            seen.add((tmp_path / "tls" / "certificate.pem").read_bytes())
    assert len(seen) == 1
    assert (tmp_path / "tls" / "key.pem").stat().st_mode & 0o077 == 0
