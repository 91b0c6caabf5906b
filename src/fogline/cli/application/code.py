"""What a template points to on this machine: functions' code, layers, definitions, nested templates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fogline.cli.application.template import Template
from fogline.cli.exits import Failure

# Type: the property that may be a local path, and what it becomes (the members of bucket and key, or a URL).
_SAM = "AWS::Serverless::"
_CODE = {
    "AWS::Serverless::Function": ("CodeUri", ("Bucket", "Key")),
    "AWS::Lambda::Function": ("Code", ("S3Bucket", "S3Key")),
}
_LAYERS = {
    "AWS::Serverless::LayerVersion": ("ContentUri", ("Bucket", "Key")),
    "AWS::Lambda::LayerVersion": ("Content", ("S3Bucket", "S3Key")),
}
_FILES = {
    "AWS::Serverless::StateMachine": ("DefinitionUri", ("Bucket", "Key")),
    "AWS::Serverless::Api": ("DefinitionUri", ("Bucket", "Key")),
    "AWS::Serverless::HttpApi": ("DefinitionUri", ("Bucket", "Key")),
    "AWS::StepFunctions::StateMachine": ("DefinitionS3Location", ("Bucket", "Key")),
    "AWS::ApiGateway::RestApi": ("BodyS3Location", ("Bucket", "Key")),
    "AWS::ApiGatewayV2::Api": ("BodyS3Location", ("Bucket", "Key")),
}
_TEMPLATES = {
    "AWS::CloudFormation::Stack": "TemplateURL",
    "AWS::Serverless::Application": "Location",
}


@dataclass(frozen=True)
class Artifact:
    """One local path of a template. `kind` is code, layer, file or template."""

    logical_id: str
    kind: str
    property: str
    members: tuple[str, str] | None
    """The members that name bucket and key; None where a URL stands."""
    path: Path
    runtime: str = ""
    handler: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


def find_artifacts(template: Template, parameters: Mapping[str, str]) -> list[Artifact]:
    """Every local path, in the template's order. Raises Failure for paths where nothing is."""
    artifacts = []
    for logical_id, resource in template.resources().items():
        kind = str(resource.get("Type", ""))
        properties = resource.get("Properties")
        if not isinstance(properties, dict):
            properties = {}
        merged = {**_globals(template, kind), **properties}
        artifact = None
        if kind in _CODE:
            artifact = _code(template, logical_id, resource, kind, merged, parameters)
        elif kind in _LAYERS:
            artifact = _layer(template, logical_id, resource, kind, merged)
        elif kind in _FILES:
            name, members = _FILES[kind]
            if (path := _local(template, merged.get(name), logical_id, name)) is not None:
                artifact = Artifact(logical_id, "file", name, members, path)
        elif kind in _TEMPLATES:
            name = _TEMPLATES[kind]
            if (path := _local(template, merged.get(name), logical_id, name)) is not None:
                artifact = Artifact(logical_id, "template", name, None, path)
        if artifact is not None:
            artifacts.append(artifact)
    return artifacts


def _globals(template: Template, kind: str) -> dict[str, Any]:
    """What the template says once for all resources of a type of SAM's."""
    found = template.document.get("Globals")
    if not kind.startswith(_SAM) or not isinstance(found, dict):
        return {}
    common = found.get(kind.removeprefix(_SAM))
    return common if isinstance(common, dict) else {}


def _code(
    template: Template,
    logical_id: str,
    resource: Mapping[str, Any],
    kind: str,
    properties: Mapping[str, Any],
    parameters: Mapping[str, str],
) -> Artifact | None:
    name, members = _CODE[kind]
    value = properties.get(name)
    if properties.get("PackageType") == "Image" or properties.get("InlineCode") is not None:
        return None
    if value is None and kind == "AWS::Serverless::Function":
        value = "."
    path = _local(template, value, logical_id, name)
    if path is None:
        return None
    return Artifact(
        logical_id,
        "code",
        name,
        members,
        path,
        _plain(template, properties.get("Runtime"), parameters),
        _plain(template, properties.get("Handler"), parameters),
        _metadata(resource),
    )


def _layer(
    template: Template,
    logical_id: str,
    resource: Mapping[str, Any],
    kind: str,
    properties: Mapping[str, Any],
) -> Artifact | None:
    name, members = _LAYERS[kind]
    path = _local(template, properties.get(name), logical_id, name)
    if path is None:
        return None
    runtimes = properties.get("CompatibleRuntimes")
    runtime = runtimes[0] if isinstance(runtimes, list) and runtimes else ""
    return Artifact(logical_id, "layer", name, members, path, str(runtime), "", _metadata(resource))


def _metadata(resource: Mapping[str, Any]) -> Mapping[str, Any]:
    found = resource.get("Metadata")
    return found if isinstance(found, dict) else {}


def _local(template: Template, value: object, logical_id: str, name: str) -> Path | None:
    """The absolute path that a property names; None when it names something else."""
    if not isinstance(value, str) or "://" in value:
        return None
    path = (template.folder / value).resolve()
    if path.exists():
        return path
    raise Failure(
        f"{logical_id}: {name} is {value}, and there is nothing at {path}.",
        f"Correct it in {template.path.name}.",
    )


def _plain(template: Template, value: object, parameters: Mapping[str, str]) -> str:
    """Text, or what a parameter stands for; "" for anything that only the server can resolve."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(name := value.get("Ref"), str):
        default = template.parameters().get(name, {}).get("Default", "")
        return parameters.get(name, str(default))
    return ""
