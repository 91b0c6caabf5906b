"""From a template with local paths to one that the server can deploy: code as a live folder, or zipped and uploaded."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fogline.cli.application.builds import IGNORED, Build, Say, plan_builds, run_build
from fogline.cli.application.code import Artifact, find_artifacts
from fogline.cli.application.template import Template, read_template
from fogline.cli.client import Client
from fogline.cli.exits import Failure, ServerRefused

LIVE_BUCKET = "hot-reload"
"""A bucket that does not exist: its keys are folders of this machine, run as they lie there."""
_ZIP_DATE = (2020, 1, 1, 0, 0, 0)
_NESTED_MAX = 10


@dataclass
class Package:
    """A template ready to be deployed, and what it was made from."""

    body: str
    builds: list[Build] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    """Logical ids whose code changed with this run."""
    watched: set[Path] = field(default_factory=set)
    """The files and folders it was made from."""


class Packager:
    """Builds and packages a template. One is kept while an application is watched: what it has uploaded, it knows."""

    def __init__(self, client: Client, state: Path, *, is_live: bool, say: Say) -> None:
        self._client, self._state, self._is_live, self._say = client, state.absolute(), is_live, say
        self._room = self._state / "build"
        self._bucket = f"fogline-packages-{client.account}-{client.region}"
        self._has_bucket = False
        self._uploaded: set[str] = set()

    def package(self, template: Template, parameters: Mapping[str, str], depth: int = 0) -> Package:
        """Build what changed and write the template that names the results. Raises Failure."""
        if depth > _NESTED_MAX:
            raise Failure(f"{template.path} is nested in itself.")
        artifacts = find_artifacts(template, parameters)
        builds = plan_builds(artifacts, self._room_of(template), self._state, template.is_built)
        result = Package("", builds, watched={template.path})
        result.watched |= {each.path for each in artifacts}
        folders: dict[str, Path] = {}
        for build in builds:
            if run_build(build, self._say):
                result.changed += build.logical_ids
            folders.update(dict.fromkeys(build.logical_ids, build.folder))
        document = copy.deepcopy(template.document)
        for artifact in artifacts:
            self._place(document, artifact, folders, parameters, result, depth)
        self._place_includes(document, template, result)
        result.body = json.dumps(document, separators=(",", ":"), default=str)
        return result

    def _room_of(self, template: Template) -> Path:
        """A room for each template: two may use the same logical ids."""
        if template.folder == self._state.parent:
            return self._room
        return self._room / hashlib.sha256(str(template.path).encode()).hexdigest()[:12]

    def _place(
        self,
        document: dict[str, Any],
        artifact: Artifact,
        folders: Mapping[str, Path],
        parameters: Mapping[str, str],
        result: Package,
        depth: int,
    ) -> None:
        """Put what the server understands where a local path stands."""
        resource = document["Resources"][artifact.logical_id]
        if not isinstance(resource.get("Properties"), dict):
            resource["Properties"] = {}
        properties = resource["Properties"]
        if artifact.kind == "template":
            inner = self.package(read_template(artifact.path), parameters, depth + 1)
            result.builds += inner.builds
            result.changed += inner.changed
            result.watched |= inner.watched
            properties[artifact.property] = self._url(self._upload_text(inner.body, "template"))
            return
        assert artifact.members is not None
        bucket_member, key_member = artifact.members
        folder = folders.get(artifact.logical_id)
        if artifact.kind == "code" and self._is_live and folder is not None:
            bucket, key = LIVE_BUCKET, str(folder)
        elif folder is not None:
            bucket, key = self._bucket, self._upload_folder(folder)
        elif artifact.kind in ("code", "layer") and not zipfile.is_zipfile(artifact.path):
            bucket, key = self._bucket, self._upload_single(artifact.path)
        else:
            bucket, key = self._bucket, self._upload_file(artifact.path, artifact.path.suffix)
        properties[artifact.property] = {bucket_member: bucket, key_member: key}

    def _place_includes(self, value: Any, template: Template, result: Package) -> None:
        """Upload what `AWS::Include` names by a local path."""
        if isinstance(value, list):
            for item in value:
                self._place_includes(item, template, result)
        elif isinstance(value, dict):
            call: Any = value.get("Fn::Transform")
            if isinstance(call, dict) and call.get("Name") == "AWS::Include":
                arguments: Any = call.get("Parameters")
                location = arguments.get("Location") if isinstance(arguments, dict) else None
                if isinstance(location, str) and "://" not in location:
                    path = template.folder / location
                    if not path.is_file():
                        raise Failure(f"AWS::Include names {location}, and there is no such file.")
                    result.watched.add(path)
                    key = self._upload_file(path, path.suffix)
                    arguments["Location"] = f"s3://{self._bucket}/{key}"
            for item in value.values():
                self._place_includes(item, template, result)

    # ---- uploads: objects are named by what they hold, so nothing is sent twice

    def upload_template(self, body: str) -> str:
        """The URL of a template that is too large to be sent in a request."""
        return self._url(self._upload_text(body, "template"))

    def _url(self, key: str) -> str:
        return f"https://s3.amazonaws.com/{self._bucket}/{key}"

    def _upload_text(self, text: str, suffix: str) -> str:
        draft = self._draft()
        draft.write_text(text, "utf-8")
        return self._upload_draft(draft, f".{suffix}")

    def _upload_file(self, path: Path, suffix: str) -> str:
        return self._upload(path, _digest(path) + suffix)

    def _upload_single(self, path: Path) -> str:
        draft = self._draft()
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, path, path.name)
        return self._upload_draft(draft, ".zip")

    def _upload_folder(self, folder: Path) -> str:
        draft = self._draft()
        zip_folder(folder, draft)
        return self._upload_draft(draft, ".zip")

    def _draft(self) -> Path:
        self._room.mkdir(parents=True, exist_ok=True)
        return self._room / f".package.{os.getpid()}"

    def _upload_draft(self, draft: Path, suffix: str) -> str:
        try:
            return self._upload(draft, _digest(draft) + suffix)
        finally:
            draft.unlink(missing_ok=True)

    def _upload(self, path: Path, key: str) -> str:
        if key in self._uploaded:
            return key
        if not self._has_bucket:
            self._make_bucket()
        self._client.put_object(self._bucket, key, path)
        self._uploaded.add(key)
        return key

    def _make_bucket(self) -> None:
        location: dict[str, Any] = (
            {}
            if self._client.region == "us-east-1"
            else {"CreateBucketConfiguration": {"LocationConstraint": self._client.region}}
        )
        try:
            self._client.call("s3", "CreateBucket", Bucket=self._bucket, **location)
        except ServerRefused as refusal:
            if refusal.error not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise
        self._has_bucket = True


def zip_folder(folder: Path, target: Path) -> None:
    """A folder as a zip: the same bytes for the same content."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for parent, folders, files in os.walk(folder, followlinks=True):
            folders[:] = sorted(name for name in folders if name not in IGNORED)
            for name in sorted(files):
                path = Path(parent, name)
                if name not in IGNORED and path.is_file():
                    _add(archive, path, str(path.relative_to(folder)))


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    entry = zipfile.ZipInfo(name, _ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    is_program = bool(path.stat().st_mode & stat.S_IXUSR)
    entry.external_attr = (stat.S_IFREG | (0o755 if is_program else 0o644)) << 16
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
        while block := source.read(1 << 20):
            target.write(block)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
