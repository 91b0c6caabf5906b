"""`@connections`: clients are sent messages, looked at, and disconnected by their backends."""

from __future__ import annotations

import json

import boto3
import pytest
import urllib3
from botocore.config import Config
from botocore.exceptions import ClientError

IDENTIFY = {
    "IntegrationResponseKey": "$default",
    "ResponseTemplates": {"$default": "$context.connectionId"},
}


@pytest.fixture
def api(make_api):
    """An API that tells each client its id."""
    api = make_api()
    api.route("$default", answers=True, responses=[IDENTIFY])
    return api


def _connect(api):
    client = api.connect(user_agent_header="browser/1")
    client.send("who am I?")
    return client, client.text()


def _refusal(operation, **request):
    with pytest.raises(ClientError) as refused:
        operation(**request)
    answer = refused.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def _client(endpoint, account):
    return boto3.client(
        "apigatewaymanagementapi",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 1}),
    )


def test_post_to_connection_sends_a_client_a_message(api):
    client, id = _connect(api)

    answer = api.management().post_to_connection(ConnectionId=id, Data=b'{"hello": "you"}')

    assert client.text() == '{"hello": "you"}'
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_connections_are_reached_without_the_address_of_their_api(api):
    client, id = _connect(api)

    anywhere = api.management(api.account.platform.endpoint)
    anywhere.post_to_connection(ConnectionId=id, Data="hello")

    assert client.text() == "hello"
    assert anywhere.get_connection(ConnectionId=id)["Identity"]["UserAgent"] == "browser/1"
    anywhere.delete_connection(ConnectionId=id)
    assert client.ended()[0] == 1000


@pytest.mark.parametrize("path", ["@connections", "%40connections"])
def test_connections_are_reached_by_the_host_of_their_api(api, path):
    client, id = _connect(api)
    scope = f"Credential={api.account.id}/20260101/us-east-1/execute-api/aws4_request"
    headers = {"Host": api.host, "Authorization": f"AWS4-HMAC-SHA256 {scope}, Signature=0"}
    url = f"{api.account.platform.endpoint}/dev/{path}/{id.replace('=', '%3D')}"

    answer = urllib3.request("POST", url, body=b"hello", headers=headers)

    assert (answer.status, client.text()) == (200, "hello")
    shown = json.loads(urllib3.request("GET", url, headers=headers).data)
    assert set(shown) == {"connectedAt", "identity", "lastActiveAt"}
    assert urllib3.request("DELETE", url, headers=headers).status == 204
    assert urllib3.request("GET", url, headers=headers).status == 410


def test_who_does_not_sign_may_not_use_connections(api):
    _, id = _connect(api)
    url = f"{api.account.platform.endpoint}/dev/@connections/{id}"

    answer = urllib3.request("POST", url, body=b"hello", headers={"Host": api.host})

    assert answer.status == 403
    assert json.loads(answer.data) == {"message": "Missing Authentication Token"}


def test_bytes_that_are_no_text_come_as_a_binary_message(api):
    client, id = _connect(api)

    api.management().post_to_connection(ConnectionId=id, Data=b"\xff\x00")

    assert client.text() == b"\xff\x00"


def test_messages_come_in_the_order_in_which_they_were_posted(api):
    client, id = _connect(api)
    management = api.management()

    for number in range(20):
        management.post_to_connection(ConnectionId=id, Data=str(number))

    assert [client.text() for _ in range(20)] == [str(number) for number in range(20)]


def test_get_connection_tells_who_is_connected_and_since_when(api):
    _, id = _connect(api)
    platform = api.account.platform
    platform.advance(seconds=3)

    shown = api.management().get_connection(ConnectionId=id)

    assert shown["Identity"] == {"SourceIp": "127.0.0.1", "UserAgent": "browser/1"}
    assert round(shown["ConnectedAt"].timestamp() * 1000) == platform.now() - 3_000
    assert shown["LastActiveAt"] == shown["ConnectedAt"]


def test_delete_connection_disconnects_a_client(api):
    client, id = _connect(api)
    management = api.management()

    management.delete_connection(ConnectionId=id)

    assert client.ended()[0] == 1000
    assert _refusal(management.delete_connection, ConnectionId=id) == ("GoneException", 410)


def test_a_client_that_has_gone_is_gone(api):
    client, id = _connect(api)
    client.close()
    api.account.platform.settle()
    management = api.management()

    assert _refusal(management.post_to_connection, ConnectionId=id, Data=b"x") == (
        "GoneException",
        410,
    )
    assert _refusal(management.get_connection, ConnectionId=id) == ("GoneException", 410)
    nobody = "L0SM9cOFvHcCIhw="
    assert _refusal(management.get_connection, ConnectionId=nobody) == ("GoneException", 410)


@pytest.mark.parametrize("id", ["nobody", "L0SM9cOFvHcCIhw=x", "cjy8i76bx002884le6n17d49b"])
def test_what_is_no_id_of_a_connection_is_a_bad_request(api, id):
    _connect(api)
    for endpoint in (None, api.account.platform.endpoint):
        management = api.management(endpoint)

        with pytest.raises(ClientError, match=f"Invalid connectionId: {id}") as refused:
            management.post_to_connection(ConnectionId=id, Data=b"x")

        assert refused.value.response["Error"]["Code"] == "BadRequestException"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_message_may_be_128_kilobytes_long_and_no_longer(api):
    client, id = _connect(api)
    for endpoint in (None, api.account.platform.endpoint):
        management = api.management(endpoint)

        management.post_to_connection(ConnectionId=id, Data=b"x" * 128 * 1024)
        assert len(client.text()) == 128 * 1024
        assert _refusal(
            management.post_to_connection, ConnectionId=id, Data=b"x" * (128 * 1024 + 1)
        ) == ("PayloadTooLargeException", 413)


def test_connections_of_another_account_are_forbidden(api):
    client, id = _connect(api)
    stranger = _client(api.account.platform.endpoint, "999999999999")

    assert _refusal(stranger.post_to_connection, ConnectionId=id, Data=b"x") == (
        "ForbiddenException",
        403,
    )
    assert client.has_nothing()


def test_connections_are_not_reached_by_the_address_of_another_api(api, make_api):
    _, id = _connect(api)
    other = make_api()
    other.route("$default")
    other.deploy()

    assert _refusal(other.management().get_connection, ConnectionId=id) == ("GoneException", 410)


def test_a_function_answers_by_the_address_that_its_event_tells(make_api, make_function):
    api = make_api()
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    about = event['requestContext']\n"
        "    url = f\"https://{about['domainName']}/{about['stage']}\"\n"
        "    client = boto3.client('apigatewaymanagementapi', endpoint_url=url)\n"
        "    client.post_to_connection(ConnectionId=about['connectionId'], Data=b'from ' + event['body'].encode())\n"
        "    return {'statusCode': 200}\n"
    )
    api.route("$default", "AWS_PROXY", make_function(code))
    client = api.connect()

    client.send("me")

    assert client.text() == "from me"


def test_a_function_answers_by_the_endpoint_of_all_sdks(make_api, make_function):
    api = make_api()
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    client = boto3.client('apigatewaymanagementapi')\n"
        "    id = event['requestContext']['connectionId']\n"
        "    client.post_to_connection(ConnectionId=id, Data=event['body'])\n"
        "    return {'statusCode': 200}\n"
    )
    api.route("$default", "AWS_PROXY", make_function(code))
    client = api.connect()

    client.send("me")

    assert client.text() == "me"


def test_nobody_is_there_while_connect_runs(make_api, make_function):
    api = make_api()
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    client = boto3.client('apigatewaymanagementapi')\n"
        "    try:\n"
        "        client.get_connection(ConnectionId=event['requestContext']['connectionId'])\n"
        "    except client.exceptions.GoneException:\n"
        "        return {'statusCode': 418}\n"
        "    return {'statusCode': 200}\n"
    )
    api.route("$connect", "AWS_PROXY", make_function(code))

    assert api.refused().status_code == 418


def test_a_workflow_answers_by_an_address_of_the_api(api):
    client, id = _connect(api)
    account = api.account
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::apigateway:invoke",
        "Parameters": {
            "ApiEndpoint": f"{api.id}.execute-api.us-east-1.amazonaws.com",
            "Method": "POST",
            "Stage": "dev",
            "Path.$": "States.Format('/@connections/{}', $.id)",
            "RequestBody": {"Message": "done"},
            "AuthType": "IAM_ROLE",
        },
        "End": True,
    }
    states = account.client("stepfunctions")
    machine = states.create_state_machine(
        name="tell",
        definition=json.dumps({"StartAt": "Tell", "States": {"Tell": task}}),
        roleArn=f"arn:aws:iam::{account.id}:role/r",
    )["stateMachineArn"]

    states.start_execution(stateMachineArn=machine, input=json.dumps({"id": id}))

    assert json.loads(client.text()) == {"Message": "done"}


def test_a_client_that_came_by_a_path_is_answered_by_the_name_of_its_api(make_api, make_function):
    api = make_api()
    code = (
        "def handler(event, context):\n    return {'body': event['requestContext']['domainName']}\n"
    )
    api.route("$default", "AWS_PROXY", make_function(code), answers=True)
    api.deploy()

    client = api.connect_by_path()
    client.send("x")

    assert client.text() == api.host


def test_what_connect_sets_off_finds_the_client_connected(make_api, make_function):
    make_function(
        "import boto3\n"
        "client = boto3.client('apigatewaymanagementapi')\n"
        "def handler(event, context):\n"
        "    client.post_to_connection(ConnectionId=event['id'], Data=b'welcome')\n",
        "welcome",
    )
    connect = make_function(
        "import boto3, json, time\n"
        "client = boto3.client('lambda')\n"
        "def handler(event, context):\n"
        "    told = json.dumps({'id': event['requestContext']['connectionId']})\n"
        "    client.invoke(FunctionName='welcome', InvocationType='Event', Payload=told)\n"
        "    time.sleep(0.2)\n"
        "    return {'statusCode': 200}\n",
        "connect",
    )
    api = make_api()
    api.route("$connect", "AWS_PROXY", connect)

    for _ in range(2):
        assert api.connect().text() == "welcome"


def test_an_id_that_is_no_text_is_refused(fogline):
    scope = f"Credential={fogline.id}/20260101/us-east-1/execute-api/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"}

    answer = urllib3.request(
        "GET", f"{fogline.platform.endpoint}/@connections/%FF", headers=headers
    )

    assert answer.status == 400
