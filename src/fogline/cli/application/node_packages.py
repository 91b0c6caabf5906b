"""package.json by npm, and TypeScript (or modern JavaScript) by the project's own esbuild."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import orjson

from fogline.cli.exits import Failure
from fogline.cli.programs import find_program

_SECONDS_MAX = 900
_LINES_SHOWN = 15
_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
_PARENTS_MAX = 8


def _package(source: Path) -> dict[str, Any]:
    try:
        package = orjson.loads((source / "package.json").read_bytes())
    except OSError:
        return {}
    except ValueError as error:
        raise Failure(f"{source / 'package.json'} is not JSON: {error}") from None
    return package if isinstance(package, dict) else {}


def has_dependencies(source: Path) -> bool:
    """True when package.json asks for anything at run time."""
    return bool(_package(source).get("dependencies"))


def manifest(source: Path) -> bytes:
    """What the installed packages depend on."""
    parts = []
    for name in ("package.json", *_LOCKS, ".npmrc"):
        path = source / name
        parts.append(path.read_bytes() if path.is_file() else b"")
    return b"\0".join(parts)


def install(source: Path, target: Path, *, with_development: bool = False) -> None:
    """Install into `target/node_modules`; `target` holds package.json and its lock already.

    Without a network, what lies in the source's own node_modules serves.
    """
    npm = find_program("npm")
    own = source / "node_modules"
    if npm is None:
        if own.is_dir():
            shutil.copytree(own, target / "node_modules", symlinks=True, dirs_exist_ok=True)
            return
        raise Failure(
            f"{source / 'package.json'} asks for packages, and there is no npm.",
            "Install Node.js with npm: https://nodejs.org.",
        )
    is_locked = any((target / name).is_file() for name in _LOCKS)
    command = [npm, "ci"] if is_locked else [npm, "install", "--no-package-lock", "--install-links"]
    if not with_development:
        command.append("--omit=dev")
    code, words = _run([*command, "--no-audit", "--no-fund", "--loglevel=error"], target)
    if code and own.is_dir():
        shutil.rmtree(target / "node_modules", ignore_errors=True)
        shutil.copytree(own, target / "node_modules", symlinks=True)
        return
    if code:
        raise Failure(
            f"{source / 'package.json'} was not installed:\n{words}",
            "Correct package.json, or check the network.",
        )


def typescript_entry(source: Path, handler: str) -> str:
    """The TypeScript file behind a handler that has no JavaScript file, "" when it has one."""
    stem = handler.rpartition(".")[0]
    if not stem or any((source / f"{stem}{end}").is_file() for end in (".js", ".mjs", ".cjs")):
        return ""
    return next(
        (f"{stem}{end}" for end in (".ts", ".mts") if (source / f"{stem}{end}").is_file()), ""
    )


def find_esbuild(source: Path) -> str | None:
    """The project's esbuild: in node_modules here or above, else on the PATH."""
    for folder in (source, *list(source.parents)[:_PARENTS_MAX]):
        program = folder / "node_modules" / ".bin" / "esbuild"
        if program.exists():
            return str(program)
    return find_program("esbuild")


def bundle(
    source: Path, target: Path, folder: Path, properties: dict[str, Any], runtime: str
) -> None:
    """Bundle the entry points into `target`. Raises Failure with esbuild's own words."""
    work = source
    needs = _package(source)
    if (needs.get("dependencies") or needs.get("devDependencies")) and not _finds_packages(source):
        work = _work_copy(source, folder.with_name(f".{folder.name}.work"))
    program = find_esbuild(work) or find_esbuild(source)
    if program is None:
        raise Failure(
            f"{source} asks for esbuild, and the project has none.",
            "Add it: `npm install --save-dev esbuild`.",
        )
    entries = properties.get("EntryPoints") or [
        "app.ts" if (work / "app.ts").is_file() else "app.js"
    ]
    command = [program, *(str(entry) for entry in _listed(entries)), f"--outdir={target}"]
    code, words = _run([*command, *_flags(properties, runtime)], work)
    if code:
        raise Failure(f"esbuild failed in {source}:\n{words}", "Correct the code it names.")


def _finds_packages(source: Path) -> bool:
    return any(
        (folder / "node_modules").is_dir()
        for folder in (source, *list(source.parents)[:_PARENTS_MAX])
    )


def _work_copy(source: Path, work: Path) -> Path:
    """A copy of the sources with all packages installed; kept for the next time."""
    record = work / ".manifest"
    wanted = manifest(source)
    if not (record.is_file() and record.read_bytes() == wanted):
        shutil.rmtree(work, ignore_errors=True)
    ignore = shutil.ignore_patterns("node_modules", ".git", ".fogline", ".aws-sam")
    shutil.copytree(source, work, ignore=ignore, dirs_exist_ok=True)
    if not record.is_file():
        install(source, work, with_development=True)
        record.write_bytes(wanted)
    return work


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _flags(properties: dict[str, Any], runtime: str) -> list[str]:
    """esbuild's flags for SAM's BuildProperties, with SAM's defaults."""
    major = "".join(each for each in runtime if each.isdigit()) or "20"
    given = dict(properties)
    flags = ["--platform=node", "--log-level=warning", "--legal-comments=none"]
    if given.pop("Bundle", True) not in (False, "false"):
        flags.append("--bundle")
    flags.append(f"--target={given.pop('Target', f'node{major}')}")
    flags.append(f"--format={given.pop('Format', 'cjs')}")
    if given.pop("Minify", False) in (True, "true"):
        flags.append("--minify")
    if given.pop("Sourcemap", False) in (True, "true"):
        flags.append("--sourcemap")
    if given.pop("KeepNames", False) in (True, "true"):
        flags.append("--keep-names")
    if "SourcesContent" in given:
        flags.append(f"--sources-content={str(given.pop('SourcesContent')).lower()}")
    if fields := given.pop("MainFields", None):
        names = ",".join(str(each) for each in _listed(fields))
        flags.append(f"--main-fields={names}")
    # AWS's runtime brings the SDK, this machine's Node.js does not: what the project has is bundled.
    for name in _listed(given.pop("External", [])):
        if not str(name).startswith(("@aws-sdk/", "@smithy/")):
            flags.append(f"--external:{name}")
    for name in _listed(given.pop("Loader", [])):
        flags.append(f"--loader:{name}")
    for name in _listed(given.pop("OutExtension", [])):
        flags.append(f"--out-extension:{name}")
    for name in _listed(given.pop("Banner", [])):
        flags.append(f"--banner:{name}")
    return flags


def _run(command: list[str], folder: Path) -> tuple[int, str]:
    """Exit code and last words."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_SECONDS_MAX,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "NO_COLOR": "1"},
        )
    except (OSError, subprocess.SubprocessError) as error:
        return 1, f"  {error}"
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()[-_LINES_SHOWN:]
    return done.returncode, "\n".join(f"  {line}" for line in lines)
