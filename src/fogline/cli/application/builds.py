"""Building: from a function's source folder to the folder that runs, again only when something changed.

Functions without a manifest run from their own folder. The others get a folder under `.fogline/build`, which holds a
copy of the sources with what their manifest asks for. Functions that share a source folder share its build.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from fogline.cli.application import node_packages, python_packages
from fogline.cli.application.code import Artifact
from fogline.cli.exits import Failure
from fogline.cli.server_file import write_json

IGNORED = frozenset(
    (".git", ".fogline", ".fogline-demo", ".aws-sam", "__pycache__", ".venv", "venv", ".mypy_cache",
     ".pytest_cache", ".ruff_cache", ".idea", ".vscode", ".DS_Store", ".hypothesis")
)  # fmt: skip
_SOURCE_FILES_MAX = 100_000
_OTHER_METHODS = "Build it with `sam build`, then deploy what that made: `--template .aws-sam/build/template.yaml`."

Say = Callable[[str], None]


@dataclass(frozen=True)
class Build:
    """How one source folder becomes one that runs. `method` is as-is, copy, python, node or esbuild."""

    logical_ids: tuple[str, ...]
    method: str
    source: Path
    runtime: str
    folder: Path
    """Where the result is: the source itself, or a folder of the build room."""
    prefix: str = ""
    """For layers: the folder inside that packages go to (`python`, `nodejs`)."""
    options: tuple[tuple[str, Any], ...] = ()


def plan_builds(artifacts: list[Artifact], room: Path, state: Path, is_built: bool) -> list[Build]:
    """One build for each different source; files (a zip, a jar) need none and are left out."""
    grouped: dict[tuple[Any, ...], list[Artifact]] = {}
    for artifact in artifacts:
        if artifact.kind in ("code", "layer") and artifact.path.is_dir():
            method, prefix, options = _method(artifact, state, is_built)
            key = (artifact.path, artifact.runtime, method, prefix, _stable(options))
            grouped.setdefault(key, []).append(artifact)
    builds = []
    for (source, runtime, method, prefix, _), group in grouped.items():
        options = _method(group[0], state, is_built)[2]
        folder = source if method == "as-is" else room / group[0].logical_id
        ids = tuple(each.logical_id for each in group)
        builds.append(
            Build(ids, method, source, runtime, folder, prefix, tuple(sorted(options.items())))
        )
    return builds


def _stable(options: dict[str, Any]) -> str:
    return orjson.dumps(options, option=orjson.OPT_SORT_KEYS).decode()


def _method(artifact: Artifact, state: Path, is_built: bool) -> tuple[str, str, dict[str, Any]]:
    """Method, prefix and options."""
    source, runtime = artifact.path, artifact.runtime
    asked = str(artifact.metadata.get("BuildMethod", ""))
    whole = "copy" if _holds(source, state) else "as-is"
    if is_built or artifact.metadata.get("SkipBuild") in (True, "true", "True"):
        return whole, "", {}
    if asked == "esbuild":
        properties = artifact.metadata.get("BuildProperties")
        return "esbuild", "", dict(properties) if isinstance(properties, dict) else {}
    if asked == "makefile":
        raise Failure(
            f"{artifact.logical_id}: BuildMethod makefile is not supported yet.", _OTHER_METHODS
        )
    if asked and not asked.startswith(("python", "nodejs")):
        raise Failure(
            f"{artifact.logical_id}: BuildMethod {asked} is not supported yet.", _OTHER_METHODS
        )
    if artifact.kind == "layer":
        if asked.startswith("python") and (source / "requirements.txt").is_file():
            return "python", "python", {"version": asked}
        if asked.startswith("nodejs") and node_packages.has_dependencies(source):
            return "node", "nodejs", {}
        return whole, "", {}
    kind = asked or runtime
    if kind.startswith("python") and python_packages.has_requirements(source):
        return "python", "", {}
    if kind.startswith("nodejs"):
        entry = node_packages.typescript_entry(source, artifact.handler)
        if entry and node_packages.find_esbuild(source):
            return "esbuild", "", {"EntryPoints": [entry]}
        if node_packages.has_dependencies(source):
            return "node", "", {}
    return whole, "", {}


def _holds(source: Path, state: Path) -> bool:
    """True when a folder contains the state folder, which functions must not see."""
    return state.resolve().is_relative_to(source)


def run_build(build: Build, say: Say) -> bool:
    """Bring the build's folder up to date; True when it changed. Raises Failure."""
    if build.method == "as-is":
        return False
    files = dict(_source_files(build))
    packages = _packages_key(build)
    record_path = build.folder.with_name(f"{build.folder.name}.json")
    record = _read_record(record_path)
    sources = {name: list(stamp) for name, stamp in files.items()}
    if record.get("packages") == packages and build.folder.is_dir():
        if record.get("sources") == sources:
            return False
        if build.method != "esbuild":
            known = record.get("sources", {})
            _sync(build, files, known)
            write_json(record_path, {"packages": packages, "sources": sources})
            return True
    record_path.unlink(missing_ok=True)
    _make(build, files, say)
    write_json(record_path, {"packages": packages, "sources": sources})
    return True


def _make(build: Build, files: dict[str, tuple[int, int]], say: Say) -> None:
    """Build anew beside the present folder, then take its place."""
    draft = build.folder.with_name(f".{build.folder.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    inside = draft / build.prefix
    inside.mkdir(parents=True)
    names = ", ".join(build.logical_ids)
    if build.method == "esbuild":
        say(f"{names}: esbuild ...")
        node_packages.bundle(build.source, draft, build.folder, dict(build.options), build.runtime)
    else:
        for name in files:
            _copy(build.source / name, inside / name)
    if build.method == "python":
        say(f"{names}: installing requirements.txt ...")
        runtime = str(dict(build.options).get("version") or build.runtime)
        python_packages.install(build.source, inside, runtime)
    elif build.method == "node":
        say(f"{names}: npm ...")
        node_packages.install(build.source, inside)
    _let_everyone_read(draft)
    old = build.folder.with_name(f".{build.folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if build.folder.exists():
        build.folder.rename(old)
    draft.rename(build.folder)
    shutil.rmtree(old, ignore_errors=True)


def _sync(build: Build, files: dict[str, tuple[int, int]], known: dict[str, list[int]]) -> None:
    """Bring changed sources into a folder whose packages are still right."""
    inside = build.folder / build.prefix
    for name, stamp in files.items():
        if known.get(name) != list(stamp):
            _copy(build.source / name, inside / name)
    for name in known.keys() - files.keys():
        (inside / name).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    """Copy a file so that a reader sees the old or the new one, never a half."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    shutil.copy2(source, draft)
    draft.chmod(draft.stat().st_mode | 0o444)
    draft.replace(target)


def _let_everyone_read(folder: Path) -> None:
    """Functions run as a user of their own."""
    for parent, folders, files in os.walk(folder):
        os.chmod(parent, os.stat(parent).st_mode | 0o555)  # noqa: S103 - reading is the point
        for name in files:
            path = os.path.join(parent, name)
            if not os.path.islink(path):
                os.chmod(path, os.stat(path).st_mode | 0o444)
        folders.sort()


def _source_files(build: Build) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each source file by its path inside the folder, with size and time of change."""
    ignored = set(IGNORED)
    if build.method in ("node", "esbuild"):
        ignored.add("node_modules")
    count = 0
    for parent, folders, files in os.walk(build.source, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in ignored)
        for name in sorted(files):
            if name in ignored:
                continue
            path = Path(parent, name)
            try:
                status = path.stat()
            except OSError:
                continue  # a link to nowhere, or a file that an editor just took away
            count += 1
            if count > _SOURCE_FILES_MAX:
                raise Failure(
                    f"{build.source} holds more than {_SOURCE_FILES_MAX} files.",
                    "Point the function's code to a smaller folder.",
                )
            yield str(path.relative_to(build.source)), (status.st_size, status.st_mtime_ns)


def _packages_key(build: Build) -> str:
    """Changes with whatever the installed packages depend on."""
    digest = hashlib.sha256(f"{build.method} {build.runtime} {build.prefix}".encode())
    digest.update(_stable(dict(build.options)).encode())
    if build.method == "python":
        digest.update(python_packages.manifest(build.source))
    elif build.method in ("node", "esbuild"):
        digest.update(node_packages.manifest(build.source))
    return digest.hexdigest()


def _read_record(path: Path) -> dict[str, Any]:
    try:
        record = orjson.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}
