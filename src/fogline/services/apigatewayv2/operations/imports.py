"""HTTP APIs from OpenAPI documents, and documents from HTTP APIs."""

from __future__ import annotations

import orjson
import yaml

from fogline.apis.deployments import require_stage, snapshot_of
from fogline.aws.call import Call
from fogline.services.apigatewayv2.api_settings import new_api, shown_api
from fogline.services.apigatewayv2.errors import BadRequestException
from fogline.services.apigatewayv2.exporting import Export
from fogline.services.apigatewayv2.importing import Import, read_described
from fogline.services.apigatewayv2.lookup import Request, Result, changed_api, require_api
from fogline.services.apigatewayv2.operations.apis import add_api
from fogline.services.apigatewayv2.service import ApiGatewayV2
from fogline.store.documents import Document

_OUTPUTS = ("JSON", "YAML")


def import_api(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    described = read_described(request, call)
    api = new_api(gateway.ids, call, "HTTP", {"Name": described.name})
    Import(gateway, call, api, request).bring(described)
    with gateway.store.write() as tx:
        add_api(gateway, tx, call, api)
    return shown_api(gateway, call, api)


def reimport_api(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    described = read_described(request, call)
    with changed_api(gateway, call, request["ApiId"]) as api:
        if api["api"]["ProtocolType"] != "HTTP":
            raise BadRequestException("Only HTTP APIs can be imported")
        Import(gateway, call, api, request).bring(described)
    return shown_api(gateway, call, api)


def export_api(gateway: ApiGatewayV2, call: Call, request: Request) -> Result:
    kind, output = request["Specification"], request["OutputType"]
    if kind != "OAS30":
        raise BadRequestException(f"Invalid specification '{kind[:50]}'. Valid options are [OAS30]")
    if output not in _OUTPUTS:
        raise BadRequestException(
            f"Invalid output type '{output[:50]}'. Valid options are [{', '.join(_OUTPUTS)}]"
        )
    if request.get("ExportVersion", "1.0") != "1.0":
        raise BadRequestException("Invalid export version. Valid options are [1.0]")
    api = _exported(gateway, call, request)
    document = Export(
        api,
        request.get("StageName") or "",
        call.region,
        has_extensions=request.get("IncludeExtensions") is not False,
    ).document()
    # What stands in it twice is written twice, not referred to.
    text = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    if output == "YAML":
        text = yaml.safe_dump(orjson.loads(text), sort_keys=False, allow_unicode=True).encode()
    return {"body": text}


def _exported(gateway: ApiGatewayV2, call: Call, request: Request) -> Document:
    """The API as it is, or as the stage that is asked for serves it."""
    id, stage_name = request["ApiId"], request.get("StageName")
    with gateway.store.read() as tx:
        api = require_api(gateway, tx, call, id)
        if api["api"]["ProtocolType"] != "HTTP":
            raise BadRequestException("Only HTTP APIs can be exported")
        if not stage_name:
            return api
        stage = require_stage(gateway.tables, tx, call, id, stage_name)
        deployment = stage.get("DeploymentId")
        snapshot = snapshot_of(gateway.tables, tx, call, id, deployment) if deployment else None
        if snapshot is None:
            raise BadRequestException("The stage serves no deployment that could be exported")
        return snapshot
