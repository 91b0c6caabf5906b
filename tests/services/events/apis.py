"""An API of API Gateway that writes what it is asked into a queue: for tests of what sends to APIs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from fogline.testing.plugin import Account

_HEADERS = (
    "Content-Type",
    "User-Agent",
    "X-Kind",
    "X-Amz-Source-Arn",
    "X-Amz-Source-Account",
    "Via",
)
_TOLD = {
    "method": "$context.httpMethod",
    "path": "$context.path",
    "id": "$input.params('id')",
    "page": "$input.params('page')",
    "user": "$context.identity.userArn",
    "body": "$input.body",
    **{name: f"$input.params().header.get('{name}')" for name in _HEADERS},
}
_TEMPLATE = "Action=SendMessage&MessageBody=" + "%0A".join(
    f"{name}%3D$!util.urlEncode({value})" for name, value in _TOLD.items()
)


class AskedApi:
    """`ANY /in` and `ANY /in/{id}` in the stage `prod`, answered 200 with the body `{"name": "Ada"}`."""

    def __init__(self, account: Account, auth: str = "NONE", policy: Any = None) -> None:
        self.account = account
        self.sqs = account.client("sqs")
        self.url = self.sqs.create_queue(QueueName="asked")["QueueUrl"]
        self.client = account.client("apigateway")
        more = {} if policy is None else {"policy": json.dumps(policy)}
        api = self.client.create_rest_api(name="in", **more)
        self.id = api["id"]
        parent = self._add(api["rootResourceId"], "in", auth)
        self._add(parent, "{id}", auth)
        self.deploy()

    def deploy(self) -> None:
        self.client.create_deployment(restApiId=self.id, stageName="prod")

    def arn(self, rest: str = "prod/POST/in") -> str:
        return f"arn:aws:execute-api:us-east-1:{self.account.id}:{self.id}/{rest}"

    def _add(self, parent: str, part: str, auth: str) -> str:
        resource = self.client.create_resource(
            restApiId=self.id, parentId=parent, pathPart=part
        )["id"]  # fmt: skip
        place = {"restApiId": self.id, "resourceId": resource, "httpMethod": "ANY"}
        self.client.put_method(**place, authorizationType=auth)
        self.client.put_integration(
            **place,
            type="AWS",
            integrationHttpMethod="POST",
            uri=f"arn:aws:apigateway:us-east-1:sqs:path/{self.account.id}/asked",
            credentials=f"arn:aws:iam::{self.account.id}:role/api",
            requestParameters={
                "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
            },
            requestTemplates={"application/json": _TEMPLATE},
        )
        self.client.put_method_response(**place, statusCode="200")
        self.client.put_integration_response(
            **place, statusCode="200", responseTemplates={"application/json": '{"name": "Ada"}'}
        )
        return str(resource)

    def answer(self, status: int) -> None:
        """From now on answer with that status, by a mock."""
        for each in self.client.get_resources(restApiId=self.id)["items"]:
            if "ANY" not in each.get("resourceMethods", {}):
                continue
            place = {"restApiId": self.id, "resourceId": each["id"], "httpMethod": "ANY"}
            said = json.dumps({"statusCode": status})
            self.client.put_integration(
                **place, type="MOCK", requestTemplates={"application/json": said}
            )
            self.client.put_method_response(**place, statusCode=str(status))
            self.client.put_integration_response(**place, statusCode=str(status))
        self.deploy()

    def asked(self) -> list[Mapping[str, str]]:
        """What it was asked since the last time, with `body` and headers."""
        self.account.platform.settle()
        found = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10)
        told: list[Mapping[str, str]] = []
        for each in found.get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
            told.append(dict(line.split("=", 1) for line in each["Body"].split("\n")))
        return told
