import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from fogline.cli.application.builds import Build, plan_builds, run_build
from fogline.cli.application.code import find_artifacts
from fogline.cli.application.packaging import zip_folder
from fogline.cli.application.template import Template
from fogline.cli.exits import Failure

FUNCTION = "AWS::Serverless::Function"


class Application:
    """An application's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / ".fogline"
        self.said: list[str] = []

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def plan(self, resources: dict, globals_: dict | None = None) -> list[Build]:
        document = {"Resources": resources, "Globals": {"Function": globals_ or {}}}
        template = Template(self.folder / "template.yaml", document)
        artifacts = find_artifacts(template, {})
        return plan_builds(artifacts, self.state / "build", self.state, template.is_built)

    def build(self, resources: dict) -> tuple[Build, bool]:
        (build,) = self.plan(resources)
        return build, run_build(build, self.said.append)


@pytest.fixture
def application(tmp_path: Path) -> Application:
    return Application(tmp_path / "application")


def function(**properties: object) -> dict:
    metadata = properties.pop("Metadata", {})
    defaults = {"CodeUri": "src", "Runtime": "python3.12", "Handler": "app.handler"}
    return {"F": {"Type": FUNCTION, "Metadata": metadata, "Properties": {**defaults, **properties}}}


def add_wheel(application: Application, version: str) -> str:
    """A package that needs no network; gives the line that asks for it."""
    name = f"wheels/tiny-{version}-py3-none-any.whl"
    path = application.write(f"src/{name}", "")
    info = f"tiny-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tiny.py", f"VERSION = '{version}'\n")
        wheel.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n"
        )
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{info}/RECORD", "")
    return f"./{name}\n"


def test_a_function_without_manifest_runs_from_its_own_folder(application):
    application.write("src/app.py", "")
    build, changed = application.build(function())
    assert (build.method, build.folder, changed) == ("as-is", application.folder / "src", False)


def test_code_that_holds_the_state_folder_is_copied_without_it(application):
    application.write("app.py", "")
    application.write(".fogline/fogline.db", "secret")
    build, changed = application.build(function(CodeUri="."))
    assert changed
    assert (build.folder / "app.py").exists()
    assert not (build.folder / ".fogline").exists()


def test_requirements_are_installed_beside_the_sources_once(application):
    application.write("src/app.py", "import tiny")
    application.write("src/requirements.txt", add_wheel(application, "1.0"))
    build, changed = application.build(function())
    assert changed
    assert (build.folder / "tiny.py").read_text() == "VERSION = '1.0'\n"
    assert (build.folder / "app.py").read_text() == "import tiny"
    assert application.build(function())[1] is False


def test_an_edit_is_copied_and_nothing_is_installed_again(application):
    application.write("src/app.py", "one")
    application.write("src/old.py", "")
    application.write("src/requirements.txt", add_wheel(application, "1.0"))
    build, _ = application.build(function())
    application.said.clear()
    application.write("src/app.py", "two, and longer")
    (application.folder / "src/old.py").unlink()
    assert application.build(function())[1] is True
    assert (build.folder / "app.py").read_text() == "two, and longer"
    assert not (build.folder / "old.py").exists()
    assert application.said == []


def test_other_requirements_are_installed_anew(application):
    application.write("src/requirements.txt", add_wheel(application, "1.0"))
    build, _ = application.build(function())
    application.write("src/requirements.txt", add_wheel(application, "2.0"))
    assert application.build(function())[1] is True
    assert (build.folder / "tiny.py").read_text() == "VERSION = '2.0'\n"


def test_requirements_that_cannot_be_had_fail_with_the_installers_words(application):
    application.write("src/requirements.txt", "./wheels/missing-1.0-py3-none-any.whl\n")
    with pytest.raises(Failure, match="was not installed") as failure:
        application.build(function())
    assert "missing" in failure.value.text


def test_functions_of_one_folder_share_a_build(application):
    application.write("src/requirements.txt", add_wheel(application, "1.0"))
    two = function() | {"G": function()["F"]}
    (build,) = application.plan(two)
    assert build.logical_ids == ("F", "G")


def test_a_python_layer_gets_its_packages_where_lambda_looks(application):
    application.write("src/requirements.txt", add_wheel(application, "1.0"))
    layer = {
        "L": {
            "Type": "AWS::Serverless::LayerVersion",
            "Metadata": {"BuildMethod": "python3.12"},
            "Properties": {"ContentUri": "src"},
        }
    }
    build, _ = application.build(layer)
    assert (build.folder / "python" / "tiny.py").exists()


def test_package_json_is_installed_by_npm(application):
    application.write("src/app.js", "")
    application.write("src/package.json", json.dumps({"dependencies": {"tiny": "file:./tiny"}}))
    application.write("src/tiny/package.json", json.dumps({"name": "tiny", "version": "1.0.0"}))
    application.write("src/tiny/index.js", "")
    if shutil.which("npm") is None:
        with pytest.raises(Failure, match="there is no npm"):
            application.build(function(Runtime="nodejs20.x"))
        return
    build, _ = application.build(function(Runtime="nodejs20.x"))
    assert build.method == "node"
    assert (build.folder / "node_modules" / "tiny" / "index.js").exists()


def test_esbuild_is_the_projects_own_and_gets_the_templates_properties(application):
    program = application.write(
        "node_modules/.bin/esbuild",
        '#!/bin/sh\nfor word; do case "$word" in --outdir=*) out="${word#--outdir=}";; esac; done\n'
        'echo "$@" > "$out/app.js"\n',
    )
    os.chmod(program, 0o755)
    application.write("src/app.ts", "")
    properties = {"EntryPoints": ["app.ts"], "Minify": True, "External": ["@aws-sdk/*", "sharp"]}
    metadata = {"BuildMethod": "esbuild", "BuildProperties": properties}
    build, _ = application.build(function(Runtime="nodejs20.x", Metadata=metadata))
    words = (build.folder / "app.js").read_text().split()
    assert "--minify" in words
    assert "--target=node20" in words
    assert "--external:sharp" in words
    assert "--external:@aws-sdk/*" not in words


def test_esbuild_that_is_missing_is_asked_for(application, monkeypatch):
    monkeypatch.setenv("PATH", "")
    application.write("src/app.ts", "")
    with pytest.raises(Failure, match="has none") as failure:
        application.build(function(Runtime="nodejs20.x", Metadata={"BuildMethod": "esbuild"}))
    assert "npm install --save-dev esbuild" in failure.value.advice


@pytest.mark.parametrize("method", ["makefile", "rust-cargolambda"])
def test_other_build_methods_are_refused_with_a_way_out(application, method):
    application.write("src/app.py", "")
    with pytest.raises(Failure, match="not supported yet") as failure:
        application.plan(function(Metadata={"BuildMethod": method}))
    assert "sam build" in failure.value.advice


def test_code_that_is_not_there_is_named(application):
    with pytest.raises(Failure, match="F: CodeUri is src, and there is nothing at"):
        application.plan(function())


def test_globals_count(application):
    application.write("code/app.py", "")
    resources = {"F": {"Type": FUNCTION, "Properties": {"Handler": "app.handler"}}}
    (build,) = application.plan(resources, {"CodeUri": "code", "Runtime": "python3.12"})
    assert (build.source, build.runtime) == (application.folder / "code", "python3.12")


def test_globals_give_all_apis_their_definition(tmp_path):
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1")
    document = {
        "Globals": {"Api": {"DefinitionUri": "api.yaml"}},
        "Resources": {"A": {"Type": "AWS::Serverless::Api"}, "Q": {"Type": "AWS::SQS::Queue"}},
    }
    [artifact] = find_artifacts(Template(tmp_path / "template.yaml", document), {})
    assert (artifact.logical_id, artifact.path) == ("A", tmp_path / "api.yaml")


@pytest.mark.parametrize(
    "properties",
    [
        {"CodeUri": "s3://bucket/key"},
        {"CodeUri": {"Bucket": "b", "Key": "k"}},
        {"InlineCode": "pass"},
        {"PackageType": "Image"},
    ],
)
def test_code_from_elsewhere_is_left_alone(application, properties):
    assert application.plan(function(**properties)) == []


def test_the_same_folder_gives_the_same_zip(tmp_path):
    source = tmp_path / "source"
    (source / "__pycache__").mkdir(parents=True)
    (source / "b.py").write_text("b")
    (source / "a.py").write_text("a")
    first, second = tmp_path / "1.zip", tmp_path / "2.zip"
    zip_folder(source, first)
    os.utime(source / "a.py", (0, 0))
    zip_folder(source, second)
    assert first.read_bytes() == second.read_bytes()
    assert zipfile.ZipFile(first).namelist() == ["a.py", "b.py"]
