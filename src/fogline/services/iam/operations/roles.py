"""Roles: created, looked up, changed, tagged and deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from fogline.aws.access_keys import make_unique_id
from fogline.aws.call import Call
from fogline.services.iam.entities import (
    ROLE,
    Request,
    Result,
    checked_path,
    checked_tags,
    encoded,
    page,
    tag_list,
    under_path,
)
from fogline.services.iam.errors import DeleteConflict, EntityAlreadyExists, InvalidInput
from fogline.services.iam.policies import boundary_shown, require_policy_name
from fogline.services.iam.policy_documents import check_trust_policy
from fogline.services.iam.service import Iam
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_iam import type_defs as types


def create_role(iam: Iam, call: Call, request: types.CreateRoleRequestTypeDef) -> Result:
    name, trust = request["RoleName"], request["AssumeRolePolicyDocument"]
    path = checked_path(request.get("Path"))
    tags = checked_tags(iam, call, request.get("Tags"))
    check_trust_policy(trust)
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        if iam.tables.roles.find(tx, call.account, name) is not None:
            raise EntityAlreadyExists(kind="Role", name=name)
        boundary = request.get("PermissionsBoundary")
        if boundary is not None:
            require_policy_name(iam, tx, call.account, boundary)
        role = {
            "name": name,
            "id": make_unique_id("AROA", iam.ids.bytes(11)),
            "path": path,
            "arn": f"arn:aws:iam::{call.account}:role{path}{name}",
            "created_at": call.now,
            "trust": trust,
            "description": request.get("Description"),
            "session_seconds": request.get("MaxSessionDuration")
            or iam.limits.session_seconds_default,
            "boundary": boundary,
            "tags": tags,
            "inline": {},
            "attached": {},
        }
        iam.tables.roles.save(tx, call.account, role)
    return {"Role": _briefly(role)}


def _shown(role: Document) -> dict[str, Any]:
    """A role as the lists answer it, with its tags."""
    return {
        "Path": role["path"],
        "RoleName": role["name"],
        "RoleId": role["id"],
        "Arn": role["arn"],
        "CreateDate": role["created_at"],
        "AssumeRolePolicyDocument": encoded(role["trust"]),
        "Description": role["description"],
        "MaxSessionDuration": role["session_seconds"],
        "PermissionsBoundary": boundary_shown(role["boundary"]),
        "Tags": tag_list(role["tags"]) or None,
    }


def _briefly(role: Document) -> dict[str, Any]:
    """A role as it is answered to whoever has just changed it, as recorded from AWS."""
    return {**_shown(role), "Description": None, "MaxSessionDuration": None}


def get_role(iam: Iam, call: Call, request: types.GetRoleRequestTypeDef) -> Result:
    with iam.store.read() as tx:
        role = ROLE.require(iam, tx, call, request)
    return {"Role": {**_shown(role), "RoleLastUsed": {}}}


def list_roles(iam: Iam, call: Call, request: types.ListRolesRequestTypeDef) -> Result:
    with iam.store.read() as tx:
        roles = under_path(iam.tables.roles.every(tx, call.account), request)
    result = page(iam, request, "Roles", roles, lambda role: role["name"])
    # Lists leave out what needs a look of its own: tags, the boundary, the last use.
    omitted = {"Tags": None, "PermissionsBoundary": None}
    return {**result, "Roles": [{**_shown(role), **omitted} for role in result["Roles"]]}


def delete_role(iam: Iam, call: Call, request: types.DeleteRoleRequestTypeDef) -> Result:
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        role = ROLE.require(iam, tx, call, request)
        name = role["name"]
        if any(name in profile["roles"] for profile in iam.tables.profiles.every(tx, call.account)):
            raise DeleteConflict(remedy="remove roles from instance profile")
        if role["attached"]:
            raise DeleteConflict(remedy="detach all policies")
        if role["inline"]:
            raise DeleteConflict(remedy="delete policies")
        iam.tables.roles.remove(tx, call.account, name)
    return {}


def update_role(iam: Iam, call: Call, request: types.UpdateRoleRequestTypeDef) -> Result:
    def update(tx: Tx, role: Document) -> Document:
        return {
            **role,
            "description": request.get("Description", role["description"]),
            "session_seconds": request.get("MaxSessionDuration") or role["session_seconds"],
        }

    return ROLE.change(iam, call, request, update)


def update_role_description(
    iam: Iam, call: Call, request: types.UpdateRoleDescriptionRequestTypeDef
) -> Result:
    ROLE.change(
        iam, call, request, lambda tx, role: {**role, "description": request["Description"]}
    )
    with iam.store.read() as tx:
        role = ROLE.require(iam, tx, call, request)
    return {"Role": {**_briefly(role), "Description": role["description"]}}


def update_assume_role_policy(
    iam: Iam, call: Call, request: types.UpdateAssumeRolePolicyRequestTypeDef
) -> Result:
    trust = request["PolicyDocument"]

    def update(tx: Tx, role: Document) -> Document:
        check_trust_policy(trust)
        return {**role, "trust": trust}

    return ROLE.change(iam, call, request, update)


def tag_role(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.tag(iam, call, request)


def untag_role(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.untag(iam, call, request)


def list_role_tags(iam: Iam, call: Call, request: Request) -> Result:
    return ROLE.list_tags(iam, call, request)


# Names that do not follow from the service's own. Others: `AWSServiceRoleFor` and the first label.
_LINKED_ROLE_NAMES: Mapping[str, str] = {
    "autoscaling.amazonaws.com": "AutoScaling",
    "ecs.amazonaws.com": "ECS",
    "elasticloadbalancing.amazonaws.com": "ElasticLoadBalancing",
    "es.amazonaws.com": "AmazonElasticsearchService",
    "events.amazonaws.com": "CloudWatchEvents",
    "lambda.amazonaws.com": "Lambda",
    "ops.apigateway.amazonaws.com": "APIGateway",
    "rds.amazonaws.com": "RDS",
    "replication.dynamodb.amazonaws.com": "DynamoDBReplication",
}
_TAKES_SUFFIX = ("autoscaling.amazonaws.com", "connect.amazonaws.com", "lex.amazonaws.com")


def create_service_linked_role(
    iam: Iam, call: Call, request: types.CreateServiceLinkedRoleRequestTypeDef
) -> Result:
    service, suffix = request["AWSServiceName"], request.get("CustomSuffix")
    if suffix and service not in _TAKES_SUFFIX:
        raise InvalidInput(f"Custom suffix is not allowed for {service}")
    name = (
        f"AWSServiceRoleFor{_LINKED_ROLE_NAMES.get(service) or service.split('.')[0].capitalize()}"
    )
    name += f"_{suffix}" if suffix else ""
    path = f"/aws-service-role/{service}/"
    with iam.store.write() as tx:
        tx.lock(f"iam:{call.account}")
        if iam.tables.roles.find(tx, call.account, name) is not None:
            raise InvalidInput(
                f"Service role name {name} has been taken in this account, please try a different suffix."
            )
        role = {
            "name": name,
            "id": make_unique_id("AROA", iam.ids.bytes(11)),
            "path": path,
            "arn": f"arn:aws:iam::{call.account}:role{path}{name}",
            "created_at": call.now,
            "trust": '{"Version":"2012-10-17","Statement":[{"Action":["sts:AssumeRole"],"Effect":"Allow",'
            f'"Principal":{{"Service":["{service}"]}}}}]}}',
            "description": request.get("Description"),
            "session_seconds": iam.limits.session_seconds_default,
            "boundary": None,
            "tags": {},
            "inline": {},
            "attached": {},
        }
        iam.tables.roles.save(tx, call.account, role)
    return {"Role": _shown(role)}
