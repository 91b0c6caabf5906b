"""APIs that are wired straight to services."""

from __future__ import annotations

from typing import Any

ROLE = "arn:aws:iam::{account}:role/api"


def action(service: str, name: str) -> str:
    return f"arn:aws:apigateway:us-east-1:{service}:action/{name}"


def path(service: str, rest: str) -> str:
    return f"arn:aws:apigateway:us-east-1:{service}:path/{rest}"


def test_a_form_is_sent_to_a_queue_by_its_path(
    fogline: Any, api: Any, integrate: Any, call: Any
) -> None:
    sqs = fogline.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    integrate(
        "AWS",
        verb="POST",
        uri=path("sqs", f"{fogline.id}/q"),
        credentials=ROLE.format(account=fogline.id),
        requestParameters={
            "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"
        },
        requestTemplates={
            "application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"
        },
        responses=[
            {
                "responseTemplates": {
                    "application/json": '#set($r = $input.path("$").SendMessageResponse)'
                    "$r.SendMessageResult.MessageId"
                }
            }
        ],
    )
    api.deploy()
    answer = call("POST", body='{"a": "b c"}')
    assert answer.status == 200
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == '{"a": "b c"}'
    assert answer.body.decode() == message["MessageId"]


def test_a_queue_answers_xml_to_who_wants_it(
    fogline: Any, api: Any, integrate: Any, call: Any
) -> None:
    fogline.client("sqs").create_queue(QueueName="q")
    integrate(
        "AWS",
        uri=action("sqs", "SendMessage"),
        requestParameters={
            "integration.request.header.Accept": "'application/xml'",
            "integration.request.querystring.QueueUrl": f"'http://localhost/{fogline.id}/q'",
            "integration.request.querystring.MessageBody": "method.request.querystring.text",
        },
        method={"requestParameters": {"method.request.querystring.text": True}},
    )
    api.deploy()
    answer = call("GET", "/?text=hi")
    assert b"<MessageId>" in answer.body
    assert answer.headers["Content-Type"] == "application/json"


def test_what_an_action_is_told_by_its_query_counts_whatever_the_body(
    fogline: Any, api: Any, integrate: Any, call: Any
) -> None:
    sqs = fogline.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    integrate(
        "AWS",
        verb="POST",
        uri=action("sqs", "SendMessage"),
        requestParameters={
            "integration.request.querystring.QueueUrl": f"'{url}'",
            "integration.request.querystring.MessageBody": "method.request.body",
        },
    )
    api.deploy()
    assert call("POST", body='{"a": 1}').status == 200
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == '{"a": 1}'


def test_an_item_is_put_and_asked_for(fogline: Any, api: Any, integrate: Any, call: Any) -> None:
    fogline.client("dynamodb").create_table(
        TableName="items",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    one = api.resource("{id}")
    integrate(
        "AWS",
        verb="PUT",
        resource=one,
        uri=action("dynamodb", "PutItem"),
        requestTemplates={
            "application/json": '{"TableName": "items", "Item": {"id": {"S": "$input.params("id")"}}}'
        },
    )
    integrate(
        "AWS",
        resource=one,
        uri=action("dynamodb", "GetItem"),
        requestTemplates={
            "application/json": '{"TableName": "items", "Key": {"id": {"S": "$input.params("id")"}}}'
        },
        responses=[
            {
                "responseTemplates": {
                    "application/json": '#set($item = $input.path("$.Item"))'
                    '#if("$item" == "")#set($context.responseOverride.status = 404){}'
                    '#else{"id": "$item.id.S"}#end'
                }
            }
        ],
    )
    api.deploy()
    assert (call("PUT", "/a").status, call("PUT", "/a").json) == (200, {})
    assert call("GET", "/a").json == {"id": "a"}
    assert call("GET", "/b").status == 404


def test_a_refusal_of_a_service_selects_a_response(
    fogline: Any, api: Any, integrate: Any, call: Any
) -> None:
    integrate(
        "AWS",
        uri=action("dynamodb", "Scan"),
        requestTemplates={"application/json": '{"TableName": "nowhere"}'},
        responses=[
            {},
            {
                "statusCode": "404",
                "selectionPattern": "4\\d\\d",
                "responseTemplates": {"application/json": "$input.path('$.message')"},
            },
        ],
    )
    api.deploy()
    answer = call("GET")
    assert answer.status == 404
    assert b"not found" in answer.body


def test_an_event_a_message_and_an_execution_are_started(
    fogline: Any, api: Any, integrate: Any, call: Any
) -> None:
    topic = fogline.client("sns").create_topic(Name="t")["TopicArn"]
    machine = fogline.client("stepfunctions").create_state_machine(
        name="m", roleArn=ROLE.format(account=fogline.id), type="EXPRESS",
        definition='{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}',
    )["stateMachineArn"]  # fmt: skip
    integrate(
        "AWS", verb="POST", resource=api.resource("events"), uri=action("events", "PutEvents"),
        requestTemplates={
            "application/json": '{"Entries": [{"Source": "api", "DetailType": "t", '
            '"Detail": "$util.escapeJavaScript($input.json("$"))"}]}'
        },
    )  # fmt: skip
    integrate(
        "AWS", verb="POST", resource=api.resource("sns"), uri=action("sns", "Publish"),
        requestParameters={
            "integration.request.querystring.TopicArn": f"'{topic}'",
            "integration.request.querystring.Message": "method.request.body",
        },
    )  # fmt: skip
    integrate(
        "AWS", verb="POST", resource=api.resource("run"), uri=action("states", "StartSyncExecution"),
        requestTemplates={
            "application/json": f'{{"stateMachineArn": "{machine}", '
            '"input": "$util.escapeJavaScript($input.json("$"))"}'
        },
        responses=[{"responseTemplates": {"application/json": "$input.path('$.output')"}}],
    )  # fmt: skip
    integrate(
        "AWS", verb="POST", resource=api.resource("path"), uri=path("sns", "/"),
        requestParameters={
            "integration.request.querystring.Action": "'Publish'",
            "integration.request.querystring.TopicArn": f"'{topic}'",
            "integration.request.querystring.Message": "method.request.body.text",
        },
    )  # fmt: skip
    api.deploy()
    by_path = call("POST", "/path", body='{"text": "hi"}')
    assert by_path.json["PublishResponse"]["PublishResult"]["MessageId"]
    assert call("POST", "/events", body='{"a": 1}').json["FailedEntryCount"] == 0
    assert call("POST", "/sns", body="hi").json["PublishResponse"]["PublishResult"]["MessageId"]
    assert call("POST", "/run", body='{"a": 1}').json == {"a": 1}


def test_a_bucket_is_read_and_written_by_path(
    fogline: Any, api: Any, integrate: Any, call: Any
) -> None:
    s3 = fogline.client("s3")
    bucket = f"bucket-{fogline.id}"
    s3.create_bucket(Bucket=bucket)
    integrate(
        "AWS", verb="ANY", resource=api.resource("{key+}"), integrationHttpMethod="ANY",
        uri=path("s3", f"{bucket}/{{key}}"),
        method={"requestParameters": {"method.request.path.key": True}},
        requestParameters={
            "integration.request.path.key": "method.request.path.key",
            "integration.request.header.Content-Type": "method.request.header.Content-Type",
        },
    )  # fmt: skip
    api.deploy()
    key = "a%20b/c.txt"
    assert call("PUT", f"/{key}", body="hi", headers={"Content-Type": "text/plain"}).status == 200
    assert s3.get_object(Bucket=bucket, Key="a b/c.txt")["ContentType"] == "text/plain"
    assert call("GET", f"/{key}").body == b"hi"
    assert b"NoSuchKey" in call("GET", "/nothing").body


def test_services_and_actions_that_are_not_there_are_errors_of_the_api(
    api: Any, integrate: Any, call: Any
) -> None:
    for place, uri in (
        ("a", action("nonesuch", "Do")),
        ("b", action("dynamodb", "Fly")),
        ("c", path("nonesuch", "x")),
    ):
        integrate("AWS", resource=api.resource(place), uri=uri)
    api.deploy()
    for place in ("a", "b", "c"):
        answer = call("GET", f"/{place}")
        assert (answer.status, answer.json) == (500, {"message": "Internal server error"})
