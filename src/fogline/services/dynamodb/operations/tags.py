"""Tags of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.services.dynamodb.errors import ResourceNotFoundException, ValidationException
from fogline.services.dynamodb.limits import Limits
from fogline.services.dynamodb.lookup import find_table, require_writable
from fogline.services.dynamodb.service import DynamoDb
from fogline.services.dynamodb.table import Table
from fogline.store.store import Tx

Request = Mapping[str, Any]
Result = Mapping[str, Any]


def tags_of(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Tags as a map."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def check_tags(tags: Mapping[str, str], limits: Limits, call: Call) -> None:
    """Refuse tags that AWS refuses."""
    if len(tags) > limits.tags_max:
        raise ValidationException("One or more parameter values were invalid: Too many tags")
    # CloudFormation marks what it makes; it calls from within and speaks no protocol.
    if call.protocol and any(key.lower().startswith("aws:") for key in tags):
        raise ValidationException(
            "One or more parameter values were invalid: Tag keys cannot start with aws:"
        )


def tag_resource(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    given = tags_of(request["Tags"])
    check_tags(given, dynamodb.limits, call)
    with dynamodb.store.write() as tx:
        table = _writable(dynamodb, tx, call, request["ResourceArn"])
        tags = {**table.document["Tags"], **given}
        if len(tags) > dynamodb.limits.tags_max:
            raise ValidationException("One or more parameter values were invalid: Too many tags")
        document = {**table.document, "Tags": tags}
        dynamodb.tables.save_table(tx, table.account, table.region, document)
    return {}


def untag_resource(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    gone = set(request["TagKeys"])
    with dynamodb.store.write() as tx:
        table = _writable(dynamodb, tx, call, request["ResourceArn"])
        tags = {key: value for key, value in table.document["Tags"].items() if key not in gone}
        document = {**table.document, "Tags": tags}
        dynamodb.tables.save_table(tx, table.account, table.region, document)
    return {}


def list_tags_of_resource(dynamodb: DynamoDb, call: Call, request: Request) -> Result:
    with dynamodb.store.read() as tx:
        table = find_table(dynamodb, tx, call, _arn(request["ResourceArn"]))
    if table is None:
        raise _not_found(request["ResourceArn"])
    return {"Tags": [{"Key": key, "Value": value} for key, value in table.document["Tags"].items()]}


def _writable(dynamodb: DynamoDb, tx: Tx, call: Call, arn: str) -> Table:
    if find_table(dynamodb, tx, call, _arn(arn)) is None:
        raise _not_found(arn)
    return require_writable(dynamodb, tx, call, arn)


def _arn(text: str) -> str:
    arn = find_arn(text)
    if arn is None or arn.service != "dynamodb":
        raise ValidationException(f"Invalid TableArn: Invalid ResourceArn provided as input {text}")
    return text


def _not_found(arn: str) -> ResourceNotFoundException:
    return ResourceNotFoundException(f"Requested resource not found: ResourcArn: {arn} not found")
