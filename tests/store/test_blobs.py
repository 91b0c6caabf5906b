"""Large bodies: on one machine as files, on several through the store they share."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fogline.store import shared_blobs
from fogline.store.blobs import Blobs
from fogline.store.postgres import PostgresStore
from fogline.store.schema import migrate
from fogline.store.shared_blobs import SharedBlobs

MakeBlobs = Callable[[str], Blobs]

LARGE = bytes(range(256)) * 10_000


@pytest.fixture(params=["files", "shared"])
def make_blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeBlobs]:
    if request.param == "files":
        yield lambda name: Blobs(tmp_path / name)
        return
    store = PostgresStore(request.getfixturevalue("postgres_url"))
    migrate(store, (shared_blobs.SCHEMA,))
    yield lambda name: SharedBlobs(tmp_path / name, store)
    store.close()


@pytest.mark.parametrize("body", [b"", b"small", LARGE])
def test_a_body_is_read_as_it_was_put_by_the_name_of_its_content(
    make_blobs: MakeBlobs, body: bytes
) -> None:
    blobs = make_blobs("a")
    name = blobs.put(io.BytesIO(body))
    assert name == blobs.put(body) == hashlib.sha256(body).hexdigest()
    assert blobs.read(name) == body
    with blobs.open(name) as file:
        assert file.read() == body


def test_a_body_that_was_never_put_is_not_found(make_blobs: MakeBlobs) -> None:
    with pytest.raises(FileNotFoundError):
        make_blobs("a").open("0" * 64)


def test_a_removed_body_is_gone(make_blobs: MakeBlobs) -> None:
    blobs = make_blobs("a")
    name = blobs.put(b"body")
    blobs.remove(name)
    with pytest.raises(FileNotFoundError):
        blobs.read(name)


def test_a_body_that_fails_halfway_leaves_nothing(make_blobs: MakeBlobs) -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError("gone")

    blobs = make_blobs("a")
    with pytest.raises(OSError, match="gone"):
        blobs.put(Failing())
    assert list(blobs.names()) == []
    assert list((blobs.folder / "incoming").iterdir()) == []


def test_a_copy_holds_everything_with_its_rooms(make_blobs: MakeBlobs, tmp_path: Path) -> None:
    blobs = make_blobs("a")
    names = blobs.put(b"outside"), blobs.room("inner").put(LARGE)
    blobs.copy_to(tmp_path / "copy")
    other = Blobs(tmp_path / "other")
    other.copy_from(tmp_path / "copy")
    assert other.read(names[0]) == b"outside"
    assert other.room("inner").read(names[1]) == LARGE


def test_another_machine_reads_what_this_one_put(postgres_url: str, tmp_path: Path) -> None:
    store = PostgresStore(postgres_url)
    migrate(store, (shared_blobs.SCHEMA,))
    here, there = (SharedBlobs(tmp_path / name, store) for name in ("here", "there"))
    name, inner = here.put(LARGE), here.room("code").put(b"inner")
    assert there.read(name) == LARGE
    assert there.room("code").read(inner) == b"inner"
    store.close()


def test_what_a_snapshot_brought_is_published(postgres_url: str, tmp_path: Path) -> None:
    store = PostgresStore(postgres_url)
    migrate(store, (shared_blobs.SCHEMA,))
    Blobs(tmp_path / "old").room("code").put(b"body")
    Blobs(tmp_path / "old").copy_to(tmp_path / "copy")
    here, there = (SharedBlobs(tmp_path / name, store) for name in ("here", "there"))
    here.copy_from(tmp_path / "copy")
    here.publish()
    assert there.room("code").read(hashlib.sha256(b"body").hexdigest()) == b"body"
    store.close()
