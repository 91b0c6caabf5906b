"""Exports, and the stacks that import them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.cloudformation import tables
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.foundation import Cloudformation
from fogline.services.cloudformation.local_values import for_caller
from fogline.services.cloudformation.pages import position_of, token_of

if TYPE_CHECKING:
    from types_boto3_cloudformation import type_defs as t

Result = Mapping[str, Any]

_PAGE = 100


def list_exports(cf: Cloudformation, call: Call, request: t.ListExportsInputTypeDef) -> Result:
    position = position_of(request.get("NextToken"), str)
    with cf.store.read() as tx:
        found = tables.list_exports(
            tx, call.account, call.region, position[0] if position else "", _PAGE + 1
        )
        local = for_caller(cf, tx, call)
        shown = [
            {"ExportingStackId": stack_id, "Name": name, "Value": local.of(value)}
            for name, value, stack_id in found[:_PAGE]
        ]
    result: dict[str, Any] = {"Exports": shown}
    if len(found) > _PAGE:
        result["NextToken"] = token_of(found[_PAGE - 1][0])
    return result


def list_imports(cf: Cloudformation, call: Call, request: t.ListImportsInputTypeDef) -> Result:
    name = request["ExportName"]
    with cf.store.read() as tx:
        if tables.find_export(tx, call.account, call.region, name) is None:
            raise ValidationError(f"Export '{name}' does not exist.")
        names = tables.importers(tx, call.account, call.region, name)
    if not names:
        raise ValidationError(f"Export '{name}' is not imported by any stack.")
    return {"Imports": names}
