"""The application's template and settings as they lie in a folder: which file, what it says, what samconfig adds."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fogline.cli.exits import USAGE, Failure

NAMES = ("template.yaml", "template.yml", "template.json")
_SETTINGS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
_PAIR = re.compile(r'(?:ParameterKey=)?([A-Za-z0-9]+)(?:=|,ParameterValue=)("[^"]*"|\S*)')


@dataclass(frozen=True)
class Settings:
    """What samconfig.toml says that matters here; empty without one."""

    template: str = ""
    stack_name: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None


@dataclass(frozen=True)
class Template:
    """A template that was read. `document` holds plain values, short tags in their long form."""

    path: Path
    document: dict[str, Any]

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def is_built(self) -> bool:
        """True for what `sam build` left: its code needs no building."""
        return (self.folder / "../build.toml").is_file() or self.folder.parent.name == ".aws-sam"

    def resources(self) -> dict[str, dict[str, Any]]:
        found = self.document.get("Resources")
        if not isinstance(found, dict):
            return {}
        return {str(name): each for name, each in found.items() if isinstance(each, dict)}

    def parameters(self) -> dict[str, dict[str, Any]]:
        found = self.document.get("Parameters")
        return found if isinstance(found, dict) else {}


def read_settings(folder: Path) -> Settings:
    """The `default` environment of samconfig, read as `sam deploy` reads it."""
    path = next((folder / name for name in _SETTINGS if (folder / name).is_file()), None)
    if path is None:
        return Settings()
    try:
        if path.suffix == ".toml":
            document = tomllib.loads(path.read_text("utf-8"))
        else:
            import yaml

            document = yaml.safe_load(path.read_text("utf-8")) or {}
    except (OSError, ValueError) as error:
        raise Failure(f"{path} cannot be read: {error}", "Correct it, or take it away.") from None
    except Exception as error:
        if type(error).__module__.startswith("yaml"):
            raise Failure(f"{path} is not YAML: {error}") from None
        raise
    values: dict[str, Any] = {}
    default = document.get("default", {})
    for command in ("global", "build", "deploy"):
        part = default.get(command, {}).get("parameters", {}) if isinstance(default, dict) else {}
        values |= part if isinstance(part, dict) else {}
    given = values.get("parameter_overrides", "")
    return Settings(
        str(values.get("template_file") or values.get("template") or ""),
        str(values.get("stack_name") or ""),
        parse_overrides(given),
        path,
    )


def parse_overrides(given: object) -> dict[str, str]:
    """Parameter overrides in the forms samconfig allows: one text, a list of texts, a table."""
    if isinstance(given, dict):
        return {str(name): str(value) for name, value in given.items()}
    text = " ".join(str(each) for each in given) if isinstance(given, list) else str(given)
    return {name: value.strip('"') for name, value in _PAIR.findall(text)}


def find_template(folder: Path, given: str | None, settings: Settings) -> Path:
    """The template's file. Raises Failure, saying where it was looked for."""
    if given:
        path = Path(given)
        if path.is_file():
            return path.absolute()
        raise Failure(f"There is no template at {given}.", code=USAGE)
    # What `sam build` left may be older than the sources, and is built from them here anyway.
    is_build = ".aws-sam" in Path(settings.template).parts
    if settings.template and not is_build and (folder / settings.template).is_file():
        return (folder / settings.template).absolute()
    for name in NAMES:
        if (folder / name).is_file():
            return (folder / name).absolute()
    raise Failure(
        f"There is no template in {folder} (looked for {', '.join(NAMES)}).",
        "Go to the application's folder, or name the file with --template.",
        USAGE,
    )


def read_template(path: Path) -> Template:
    """Read a template. Raises Failure when it is none."""
    from fogline.aws.errors import AwsError
    from fogline.services.cloudformation.document import read_document

    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} cannot be read: {error}") from None
    try:
        if "*" in text and not text.lstrip().startswith("{"):
            text = _without_aliases(text)
        document = read_document(text)
    except AwsError as refusal:
        raise Failure(f"{path.name}: {refusal.text}", "Correct the template.") from None
    if not isinstance(document.get("Resources"), dict):
        raise Failure(f"{path.name} has no Resources.", "Is it a CloudFormation or SAM template?")
    return Template(path, document)


def _without_aliases(text: str) -> str:
    """YAML with anchors and merge keys written out, as SAM's tools do before they deploy.

    CloudFormation itself refuses aliases.
    """
    import yaml

    class Dumper(yaml.SafeDumper):
        def anchor_node(self, node: yaml.Node) -> None:
            self.anchors: dict[yaml.Node, None] = {}

        def serialize_node(self, node: yaml.Node, parent: Any, index: Any) -> None:
            self.anchors = {node: None}
            self.serialized_nodes: dict[yaml.Node, bool] = {}
            super().serialize_node(node, parent, index)

    try:
        if not any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text)):
            return text
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        _flatten(loader, node, set())
        return str(yaml.serialize(node, Dumper=Dumper))
    except (yaml.YAMLError, RecursionError):
        return text  # the reader says what is wrong with it


def _flatten(loader: Any, node: Any, seen: set[int]) -> None:
    import yaml

    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            loader.flatten_mapping(node)
        for _, value in node.value:
            _flatten(loader, value, seen)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _flatten(loader, value, seen)


def stack_name_of(folder: Path) -> str:
    """A stack's name made from a folder's."""
    name = re.sub(r"[^A-Za-z0-9]+", "-", folder.resolve().name).strip("-")[:100]
    if not name or not name[0].isalpha():
        name = f"app-{name}".rstrip("-")
    return name


def parse_parameters(pairs: tuple[str, ...]) -> dict[str, str]:
    """`NAME=VALUE` pairs of the command line. Raises Failure."""
    parameters = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise Failure(f"'{pair}' is not a parameter; write --parameter Name=value.", code=USAGE)
        parameters[name] = value
    return parameters
