"""Zip files: what is taken out of them, and what is not."""

from __future__ import annotations

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from fogline.services.lambda_.errors import InvalidParameterValueException
from fogline.services.lambda_.limits import Limits
from fogline.services.lambda_.packages import check_zip, extract_zip, folder_stamp

LIMITS = Limits(unzipped_bytes_max=1_000)


def make_zip(*entries: tuple[str, bytes, int]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, mode in entries:
            entry = zipfile.ZipInfo(name)
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return body.getvalue()


def extract(body: bytes, folder: Path, limits: Limits = LIMITS) -> None:
    check_zip(body, limits)
    extract_zip(zipfile.ZipFile(io.BytesIO(body)), folder, limits)


def link(name: str, target: str) -> tuple[str, bytes, int]:
    return name, target.encode(), stat.S_IFLNK | 0o777


def test_files_are_readable_by_everyone_and_programs_stay_programs(tmp_path: Path) -> None:
    extract(make_zip(("a/b.py", b"x", 0o600), ("run", b"#!", 0o700)), tmp_path)
    assert stat.S_IMODE((tmp_path / "a/b.py").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o755


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "a/../../out", "..\\out", "C:/out"])
def test_a_path_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(InvalidParameterValueException, match="leads out"):
        check_zip(make_zip((name, b"x", 0o644)), LIMITS)


@pytest.mark.parametrize("target", ["/etc/passwd", "../out", "a/../../out", "a/..", ""])
def test_a_link_that_leads_out_is_refused(target: str) -> None:
    with pytest.raises(InvalidParameterValueException, match="leads out"):
        check_zip(make_zip(link("a", target)), LIMITS)


def test_a_link_inside_stays_a_link(tmp_path: Path) -> None:
    extract(make_zip(link("lib/b", "../a"), ("a", b"x", 0o644)), tmp_path)
    assert (tmp_path / "lib/b").read_bytes() == b"x"


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    body = make_zip(link("x", "a"), ("a/kept", b"1", 0o644), ("x/file", b"2", 0o644))
    extract(body, tmp_path)
    assert os.listdir(tmp_path / "a") == ["kept"]
    assert not (tmp_path / "x").is_symlink()


def test_what_unzips_to_too_much_is_refused() -> None:
    check_zip(make_zip(("a", b"0" * 999, 0o644)), LIMITS)
    with pytest.raises(InvalidParameterValueException, match="smaller than 1000 bytes"):
        check_zip(make_zip(("a", b"0" * 1_000, 0o644)), LIMITS)
    with pytest.raises(InvalidParameterValueException, match="smaller than 1000 bytes"):
        check_zip(make_zip(("a", b"0" * 999, 0o644)), LIMITS, others_bytes=1)


def test_a_zip_that_lies_about_its_sizes_is_stopped(tmp_path: Path) -> None:
    honest = make_zip(("a", b"0" * 5_000, 0o644))
    lying = honest.replace((5_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    assert lying != honest
    check_zip(lying, LIMITS)
    with pytest.raises(InvalidParameterValueException):
        extract_zip(zipfile.ZipFile(io.BytesIO(lying)), tmp_path, LIMITS)


@pytest.mark.parametrize("body", [b"", b"text", b"PK\x03\x04 broken"])
def test_what_is_not_a_zip_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidParameterValueException, match="Could not unzip uploaded file"):
        check_zip(body, LIMITS)


def test_a_folder_that_is_edited_has_another_stamp(tmp_path: Path) -> None:
    limits = Limits()
    (tmp_path / "lib").mkdir()
    file = tmp_path / "lib/a.py"
    file.write_text("one")
    before = folder_stamp(tmp_path, limits)
    assert folder_stamp(tmp_path, limits) == before
    file.write_text("other")
    edited = folder_stamp(tmp_path, limits)
    file.unlink()
    assert len({before, edited, folder_stamp(tmp_path, limits)}) == 3


def test_what_python_writes_beside_code_is_no_edit(tmp_path: Path) -> None:
    limits = Limits()
    before = folder_stamp(tmp_path, limits)
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__/a.pyc").write_bytes(b"x")
    assert folder_stamp(tmp_path, limits) == before
