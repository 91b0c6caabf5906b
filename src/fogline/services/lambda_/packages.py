"""Packages: zip files checked before they are kept, and put into folders that functions run from.

A folder is named by the hash of its zip, so it is made once and never changed. Nothing in a zip is
trusted: no name leads out of the folder, no link leads out of it, and sizes are counted while writing.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from fogline.services.lambda_.errors import InvalidParameterValueException
from fogline.services.lambda_.limits import Limits
from fogline.store.blobs import Blobs

_NOT_A_ZIP = "Could not unzip uploaded file. Please check your file, then try to upload again."
_INCOMING = ".incoming-"
_READ_BYTES = 1024 * 1024
_LINK_BYTES_MAX = 4_096
_ENCRYPTED = 0x1
# What changes in these does not change a function, or changes only together with something else.
_NOT_WATCHED = frozenset(("__pycache__", ".git", "node_modules", ".venv", ".aws-sam", ".fogline"))


class Packages:
    """Zip files in the blob store, and the folders made from them."""

    def __init__(self, blobs: Blobs, folder: Path | None, limits: Limits) -> None:
        """Keep folders below `folder`, or, when it is None, in one that goes with the process."""
        self._blobs = blobs
        self._limits = limits
        self._temporary = None if folder else tempfile.TemporaryDirectory(prefix="fogline-code-")
        self._folder = folder or Path(self._temporary.name if self._temporary else "")
        if self._temporary is not None:
            # Functions run as nobody in particular.
            os.chmod(self._folder, 0o711)  # noqa: S103
        for unfinished in self._folder.glob(f"{_INCOMING}*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        self._making: dict[str, asyncio.Task[None]] = {}
        self._made: set[str] = set()

    def add(self, body: bytes, others_bytes: int = 0) -> str:
        """Check a zip and keep it; its hash. `others_bytes` is what its layers unzip to.

        Raises InvalidParameterValueException.
        """
        check_zip(body, self._limits, others_bytes)
        return self._blobs.put(body)

    def read(self, digest: str) -> bytes:
        return self._blobs.read(digest)

    def path(self, digest: str) -> Path:
        """Where the folder of a package is, or will be."""
        return self._folder / digest

    def is_ready(self, digest: str) -> bool:
        """True when the folder is there."""
        if digest in self._made:
            return True
        if self.path(digest).is_dir():
            self._made.add(digest)
            return True
        return False

    async def prepare(self, digest: str) -> Path:
        """The folder of a package, made in a thread if it is not there."""
        if not self.is_ready(digest):
            task = self._making.get(digest)
            if task is None:
                task = asyncio.get_running_loop().create_task(self._make(digest))
                self._making[digest] = task
                task.add_done_callback(lambda done: self._making.pop(digest, None))
            await asyncio.shield(task)
        return self.path(digest)

    async def _make(self, digest: str) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.extract, digest)
        self._made.add(digest)

    def extract(self, digest: str) -> None:
        """Make the folder of a package. A crash leaves the whole folder or none of that name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        incoming = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=self._folder))
        try:
            with self._blobs.open(digest) as file:
                extract_zip(zipfile.ZipFile(file), incoming, self._limits)
            os.chmod(incoming, 0o755)  # noqa: S103
            try:
                os.rename(incoming, self.path(digest))
            except OSError:
                if not self.path(digest).is_dir():
                    raise
        finally:
            shutil.rmtree(incoming, ignore_errors=True)

    def close(self) -> None:
        if self._temporary is not None:
            self._temporary.cleanup()


def unzipped_bytes(body: bytes) -> int:
    """What the zip says it holds."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def check_zip(body: bytes, limits: Limits, others_bytes: int = 0) -> None:
    """Refuse what is not a zip, what is too large, and what leads out of its folder.

    Raises InvalidParameterValueException.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        raise InvalidParameterValueException(_NOT_A_ZIP) from None
    if sum(entry.file_size for entry in entries) + others_bytes >= limits.unzipped_bytes_max:
        raise InvalidParameterValueException(
            f"Unzipped size must be smaller than {limits.unzipped_bytes_max} bytes"
        )
    if len(entries) > limits.package_files_max:
        raise InvalidParameterValueException(
            f"The package holds more than {limits.package_files_max} files."
        )
    for entry in entries:
        if entry.flag_bits & _ENCRYPTED:
            raise InvalidParameterValueException("Encrypted zip files are not supported.")
        if _parts(entry.filename) is None:
            raise InvalidParameterValueException(
                f"The zip file holds a path that leads out of its folder: {entry.filename!r}"
            )
        if _is_link(entry):
            _check_link(archive, entry)


def extract_zip(archive: zipfile.ZipFile, folder: Path, limits: Limits) -> None:
    """Write the entries of a checked zip into an empty folder, readable by everyone.

    Raises InvalidParameterValueException when it is not what it said it was.
    """
    room = limits.unzipped_bytes_max
    links: list[zipfile.ZipInfo] = []
    for entry in archive.infolist():
        parts = _parts(entry.filename)
        if parts is None:
            raise InvalidParameterValueException(_NOT_A_ZIP)
        if not parts:
            continue
        path = folder.joinpath(*parts)
        if entry.is_dir():
            _make_folders(folder, parts)
            continue
        _make_folders(folder, parts[:-1])
        if _is_link(entry):
            links.append(entry)
            continue
        if path.is_dir():
            raise InvalidParameterValueException(_NOT_A_ZIP)
        try:
            with archive.open(entry) as source, path.open("wb") as target:
                while part := source.read(_READ_BYTES):
                    room -= len(part)
                    if room <= 0:
                        raise InvalidParameterValueException(
                            f"Unzipped size must be smaller than {limits.unzipped_bytes_max} bytes"
                        )
                    target.write(part)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as broken:
            raise InvalidParameterValueException(_NOT_A_ZIP) from broken
        mode = entry.external_attr >> 16
        os.chmod(path, 0o755 if mode & 0o111 else 0o644)
    # Links come last, so that no file is ever written through one.
    for entry in links:
        parts = _parts(entry.filename)
        assert parts
        path = folder.joinpath(*parts)
        if not path.exists() and not path.is_symlink():
            path.symlink_to(_check_link(archive, entry))


def _make_folders(folder: Path, parts: Iterable[str]) -> None:
    for part in parts:
        folder = folder / part
        if not folder.is_dir():
            try:
                folder.mkdir()
            except OSError:
                raise InvalidParameterValueException(_NOT_A_ZIP) from None
            os.chmod(folder, 0o755)  # noqa: S103


def _parts(name: str) -> tuple[str, ...] | None:
    """The steps of a path inside the folder; None if it leads out of it."""
    name = name.replace("\\", "/")
    if name.startswith("/") or "\0" in name or name[1:2] == ":":
        return None
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    return None if ".." in parts else parts


def _is_link(entry: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(entry.external_attr >> 16)


def _check_link(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> str:
    """What a link says, when that stays inside the folder."""
    try:
        target = archive.open(entry).read(_LINK_BYTES_MAX + 1).decode()
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError):
        raise InvalidParameterValueException(_NOT_A_ZIP) from None
    depth = len(_parts(entry.filename) or ()) - 1
    is_inside = (
        0 < len(target) <= _LINK_BYTES_MAX and not target.startswith("/") and "\0" not in target
    )
    has_descended = False
    for step in PurePosixPath(target).parts:
        depth += -1 if step == ".." else 1
        # Going up again after going down could go up from where another link leads.
        is_inside = is_inside and depth >= 0 and not (step == ".." and has_descended)
        has_descended = has_descended or step != ".."
    if not is_inside:
        raise InvalidParameterValueException(
            f"The zip file holds a link that leads out of its folder: {entry.filename!r}"
        )
    return target


# Live folders: code that is edited in place.


def folder_stamp(folder: Path, limits: Limits) -> str:
    """Something that changes when a file of the folder does: names, sizes and times of its files."""
    digest = hashlib.blake2b(digest_size=16)
    count = 0
    waiting = [str(folder)]
    while waiting and count < limits.live_files_max:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in sorted(entries, key=lambda each: each.name):
                    count += 1
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in _NOT_WATCHED:
                            waiting.append(entry.path)
                        continue
                    facts = entry.stat()
                    digest.update(f"{entry.path}|{facts.st_mtime_ns}|{facts.st_size}\n".encode())
        except OSError:
            continue
    return digest.hexdigest()
