"""Functions: made, changed, shown, listed and removed."""

from __future__ import annotations

import base64
import hashlib
import json
import urllib.request
from typing import Any

import pytest
from tests.services.lambda_.conftest import ECHO, ROLE, MakeFunction, make_zip, make_zip_of

from fogline.testing.plugin import Account


def test_a_new_function_is_shown_with_all_its_defaults(
    fogline: Account, make_function: MakeFunction
) -> None:
    code = make_zip(index=ECHO)
    made = make_function("f", Code={"ZipFile": code}, Timeout=None)
    for name in ("ResponseMetadata", "RevisionId", "LastModified", "RuntimeVersionConfig"):
        del made[name]
    assert made == {
        "FunctionName": "f",
        "FunctionArn": f"arn:aws:lambda:us-east-1:{fogline.id}:function:f",
        "Runtime": "python3.11",
        "Handler": "index.handler",
        "Role": ROLE.format(account=fogline.id),
        "CodeSize": len(code),
        "CodeSha256": base64.b64encode(hashlib.sha256(code).digest()).decode(),
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "Version": "$LATEST",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/f"},
        "State": "Pending",
        "StateReason": "The function is being created.",
        "StateReasonCode": "Creating",
    }


def test_a_function_becomes_active_with_another_revision(
    client: Any, make_function: MakeFunction
) -> None:
    made = make_function("f")
    found = client.get_function_configuration(FunctionName="f")
    assert (found["State"], found["LastUpdateStatus"]) == ("Active", "Successful")
    assert found["RevisionId"] != made["RevisionId"]


def test_the_code_can_be_downloaded(client: Any, make_function: MakeFunction) -> None:
    code = make_zip(index=ECHO)
    make_function("f", Code={"ZipFile": code})
    found = client.get_function(FunctionName="f")["Code"]
    assert found["RepositoryType"] == "S3"
    with urllib.request.urlopen(found["Location"]) as response:
        assert response.read() == code
    forged = found["Location"][:-1] + ("0" if found["Location"][-1] != "0" else "1")
    with pytest.raises(urllib.error.HTTPError, match="403") as refused:
        urllib.request.urlopen(forged)
    refused.value.close()


def test_code_may_come_from_a_bucket(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    s3 = fogline.client("s3")
    bucket = f"code-{fogline.id}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="code.zip", Body=make_zip(index=ECHO))
    make_function("f", Code={"S3Bucket": bucket, "S3Key": "code.zip"})
    assert client.invoke(FunctionName="f", Payload=b"1")["Payload"].read() == b"1"
    with pytest.raises(client.exceptions.InvalidParameterValueException) as refused:
        client.update_function_code(FunctionName="f", S3Bucket=bucket, S3Key="other.zip")
    assert refused.value.response["Error"]["Message"] == (
        "Error occurred while GetObject. S3 Error Code: NoSuchKey. "
        "S3 Error Message: The specified key does not exist."
    )


def test_an_update_changes_what_it_names_and_nothing_else(
    client: Any, make_function: MakeFunction
) -> None:
    made = make_function("f", Description="before", Timeout=9)
    changed = client.update_function_configuration(FunctionName="f", Timeout=10)
    assert (changed["Timeout"], changed["Description"]) == (10, "before")
    assert changed["LastUpdateStatus"] == "InProgress"
    assert changed["CodeSha256"] == made["CodeSha256"]


def test_a_stale_revision_is_refused(client: Any, make_function: MakeFunction) -> None:
    stale = make_function("f")["RevisionId"]
    with pytest.raises(client.exceptions.PreconditionFailedException):
        client.update_function_configuration(FunctionName="f", Timeout=10, RevisionId=stale)


def test_a_second_function_of_the_same_name_is_refused(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("f")
    with pytest.raises(client.exceptions.ResourceConflictException) as refused:
        make_function("f")
    assert refused.value.response["Error"]["Message"] == "Function already exist: f"


def test_a_deleted_function_is_gone_with_all_that_hangs_on_it(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("f", Publish=True)
    client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    client.delete_function(FunctionName="f")
    for qualifier in ("$LATEST", "1", "live"):
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.get_function(FunctionName="f", Qualifier=qualifier)
    make_function("f")
    assert client.list_aliases(FunctionName="f")["Aliases"] == []


def test_functions_are_listed_page_by_page(client: Any, make_function: MakeFunction) -> None:
    for name in ("c", "a", "b"):
        make_function(name, Publish=name == "a")
    first = client.list_functions(MaxItems=2)
    second = client.list_functions(MaxItems=2, Marker=first["NextMarker"])
    assert [each["FunctionName"] for each in first["Functions"]] == ["a", "b"]
    assert [each["FunctionName"] for each in second["Functions"]] == ["c"]
    assert "NextMarker" not in second
    every = client.list_functions(FunctionVersion="ALL")["Functions"]
    assert [each["Version"] for each in every] == ["$LATEST", "1", "$LATEST", "$LATEST"]


@pytest.mark.parametrize(
    ("options", "code", "text"),
    [
        ({"Runtime": "cobol"}, "InvalidParameterValueException", "Value cobol at 'runtime'"),
        ({"Role": "nobody"}, "ValidationException", "Value 'nobody' at 'role'"),
        ({"Timeout": 901}, "ValidationException", "less than or equal to 900"),
        ({"MemorySize": 10_241}, "ValidationException", "less than or equal to 10240"),
        (
            {"FunctionName": "a" * 65},
            "InvalidParameterValueException",
            "Member must have length less than or equal to 64",
        ),
        (
            {"Code": {"ZipFile": b"text"}},
            "InvalidParameterValueException",
            "Could not unzip uploaded file.",
        ),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x"}}},
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            {"Environment": {"Variables": {"LONG": "x" * 4096}}},
            "InvalidParameterValueException",
            "exceeded the 4KB limit",
        ),
        (
            {"PackageType": "Image", "Code": {"ImageUri": "x"}},
            "NotImplemented",
            "container images",
        ),
        (
            {"Code": {"S3Bucket": "hot-reload", "S3Key": "relative"}},
            "InvalidParameterValueException",
            "absolute path",
        ),
        (
            {"LoggingConfig": {"ApplicationLogLevel": "DEBUG"}},
            "InvalidParameterValueException",
            "Log level is not supported when LogFormat is set to Text",
        ),
    ],
)
def test_what_cannot_be_is_refused(
    client: Any, make_function: MakeFunction, options: Any, code: str, text: str
) -> None:
    with pytest.raises(client.exceptions.ClientError) as refused:
        make_function("f", **options)
    error = refused.value.response["Error"]
    assert error["Code"] == code
    assert text in error["Message"]


def test_accounts_do_not_see_each_others_functions(
    fogline: Account, make_function: MakeFunction
) -> None:
    make_function("f")
    other = fogline.platform.client("lambda", "999999999999")
    with pytest.raises(other.exceptions.ResourceNotFoundException):
        other.get_function(FunctionName="f")


def test_no_function_has_its_code_signed(client: Any, make_function: MakeFunction) -> None:
    make_function("f")
    found = client.get_function_code_signing_config(FunctionName="f")
    assert "CodeSigningConfigArn" not in found


# Versions and aliases.


def test_a_version_is_published_once_for_each_change(
    client: Any, make_function: MakeFunction
) -> None:
    arn = make_function("f")["FunctionArn"]
    first = client.publish_version(FunctionName="f")
    assert (first["Version"], first["FunctionArn"]) == ("1", f"{arn}:1")
    assert client.publish_version(FunctionName="f")["Version"] == "1"
    client.update_function_configuration(FunctionName="f", Description="other")
    assert client.publish_version(FunctionName="f")["Version"] == "2"
    versions = client.list_versions_by_function(FunctionName="f")["Versions"]
    assert [each["FunctionArn"] for each in versions] == [f"{arn}:$LATEST", f"{arn}:1", f"{arn}:2"]


def test_a_version_keeps_the_code_it_was_published_with(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("f", Publish=True)
    code = make_zip(index="def handler(event, context):\n    return 'new'\n")
    client.update_function_code(FunctionName="f", ZipFile=code)
    assert client.invoke(FunctionName="f:1", Payload=b"1")["Payload"].read() == b"1"
    assert client.invoke(FunctionName="f", Payload=b"1")["Payload"].read() == b'"new"'


def test_an_alias_may_share_its_invocations_between_two_versions(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("f", Publish=True)
    client.update_function_configuration(FunctionName="f", Description="other")
    client.publish_version(FunctionName="f")
    client.create_alias(
        FunctionName="f",
        Name="live",
        FunctionVersion="1",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}},
    )
    ran = {client.invoke(FunctionName="f:live")["ExecutedVersion"] for _ in range(40)}
    assert ran == {"1", "2"}
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.delete_function(FunctionName="f", Qualifier="2")


def test_an_alias_is_shown_and_removed(client: Any, make_function: MakeFunction) -> None:
    arn = make_function("f", Publish=True)["FunctionArn"]
    made = client.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    found = client.get_alias(FunctionName="f", Name="live")
    assert (found["AliasArn"], found["RevisionId"]) == (f"{arn}:live", made["RevisionId"])
    client.delete_alias(FunctionName="f", Name="live")
    with pytest.raises(client.exceptions.ResourceNotFoundException) as refused:
        client.get_alias(FunctionName="f", Name="live")
    assert refused.value.response["Error"]["Message"] == f"Cannot find alias arn: {arn}:live"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"FunctionVersion": "9"}, "ResourceNotFoundException"),
        ({"Name": "2024"}, "ValidationException"),
        (
            {"RoutingConfig": {"AdditionalVersionWeights": {"1": 0.5}}},
            "InvalidParameterValueException",
        ),
        (
            {"RoutingConfig": {"AdditionalVersionWeights": {"2": 0.5, "3": 0.1}}},
            "InvalidParameterValueException",
        ),
    ],
)
def test_an_alias_that_leads_nowhere_is_refused(
    client: Any, make_function: MakeFunction, options: Any, code: str
) -> None:
    make_function("f", Publish=True)
    settings = {"FunctionName": "f", "Name": "live", "FunctionVersion": "1", **options}
    with pytest.raises(client.exceptions.ClientError) as refused:
        client.create_alias(**settings)
    assert refused.value.response["Error"]["Code"] == code


# What hangs on a function.


def test_tags_are_kept_with_the_function(client: Any, make_function: MakeFunction) -> None:
    arn = make_function("f", Tags={"a": "1"})["FunctionArn"]
    client.tag_resource(Resource=arn, Tags={"b": "2"})
    client.untag_resource(Resource=arn, TagKeys=["a"])
    assert client.list_tags(Resource=arn)["Tags"] == {"b": "2"}
    assert client.get_function(FunctionName="f")["Tags"] == {"b": "2"}
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="limit"):
        client.tag_resource(Resource=arn, Tags={str(at): "" for at in range(50)})


def test_a_permission_is_a_statement_of_the_policy(
    client: Any, make_function: MakeFunction
) -> None:
    arn = make_function("f")["FunctionArn"]
    client.add_permission(
        FunctionName="f",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::bucket",
    )
    assert client.get_policy(FunctionName="f")["Policy"] == (
        '{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s","Effect":"Allow",'
        '"Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction",'
        f'"Resource":"{arn}","Condition":{{"ArnLike":{{"AWS:SourceArn":"arn:aws:s3:::bucket"}}}}}}]}}'
    )
    client.remove_permission(FunctionName="f", StatementId="s")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_policy(FunctionName="f")


def test_layers_lie_under_opt_and_later_ones_win(client: Any, make_function: MakeFunction) -> None:
    arns = []
    for word in ("first", "second"):
        content = make_zip_of({"python/shared.py": f"WORD = {word!r}\n", f"{word}.txt": word})
        made = client.publish_layer_version(LayerName=word, Content={"ZipFile": content})
        arns.append(made["LayerVersionArn"])
    code = """import os, shared
def handler(event, context):
    return [shared.WORD, sorted(name for name in os.listdir("/opt") if name.endswith("txt"))]
"""
    make_function("f", code, Layers=arns)
    answer = client.invoke(FunctionName="f")["Payload"].read()
    assert answer == b'["second", ["first.txt", "second.txt"]]'
    with pytest.raises(client.exceptions.InvalidParameterValueException):
        client.update_function_configuration(FunctionName="f", Layers=[arns[0] + "9"])


def test_provisioned_concurrency_is_ready_at_once(client: Any, make_function: MakeFunction) -> None:
    arn = make_function("f", Publish=True)["FunctionArn"]
    asked = client.put_provisioned_concurrency_config(
        FunctionName="f", Qualifier="1", ProvisionedConcurrentExecutions=2
    )
    assert asked["Status"] == "IN_PROGRESS"
    (found,) = client.list_provisioned_concurrency_configs(FunctionName="f")[
        "ProvisionedConcurrencyConfigs"
    ]
    assert (found["FunctionArn"], found["Status"]) == (f"{arn}:1", "READY")
    with pytest.raises(client.exceptions.InvalidParameterValueException):
        client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=1)
    client.delete_provisioned_concurrency_config(FunctionName="f", Qualifier="1")
    with pytest.raises(client.exceptions.ProvisionedConcurrencyConfigNotFoundException):
        client.get_provisioned_concurrency_config(FunctionName="f", Qualifier="1")


def test_event_invoke_configs_are_put_whole_and_updated_in_part(
    client: Any, make_function: MakeFunction
) -> None:
    arn = make_function("f")["FunctionArn"]
    client.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=1)
    changed = client.update_function_event_invoke_config(
        FunctionName="f", MaximumEventAgeInSeconds=60
    )
    assert (changed["MaximumRetryAttempts"], changed["MaximumEventAgeInSeconds"]) == (1, 60)
    assert changed["FunctionArn"] == f"{arn}:$LATEST"
    put = client.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=0)
    assert "MaximumEventAgeInSeconds" not in put
    listed = client.list_function_event_invoke_configs(FunctionName="f")
    assert [each["FunctionArn"] for each in listed["FunctionEventInvokeConfigs"]] == [
        f"{arn}:$LATEST"
    ]
    client.delete_function_event_invoke_config(FunctionName="f")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="doesn't have an Event"):
        client.get_function_event_invoke_config(FunctionName="f")


def test_a_layer_may_be_shared_by_its_policy(client: Any) -> None:
    content = {"ZipFile": make_zip_of({"a.txt": "a"})}
    arn = client.publish_layer_version(LayerName="shared", Content=content)["LayerVersionArn"]
    version = {"LayerName": "shared", "VersionNumber": 1}
    client.add_layer_version_permission(
        **version, StatementId="s", Action="lambda:GetLayerVersion", Principal="*"
    )
    policy = json.loads(client.get_layer_version_policy(**version)["Policy"])
    assert policy["Statement"][0]["Resource"] == arn
    client.remove_layer_version_permission(**version, StatementId="s")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_layer_version_policy(**version)
    assert client.get_layer_version_by_arn(Arn=arn)["Version"] == 1
    assert client.list_layer_versions(LayerName="shared")["LayerVersions"][0]["Version"] == 1
    location = client.get_layer_version(**version)["Content"]["Location"]
    with urllib.request.urlopen(location) as response:
        assert response.read() == content["ZipFile"]
    client.delete_layer_version(**version)
    assert client.list_layers()["Layers"] == []


def test_an_account_keeps_some_concurrency_unreserved(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("f")
    client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=900)
    reserved = client.get_function_concurrency(FunctionName="f")
    assert reserved["ReservedConcurrentExecutions"] == 900
    limits = client.get_account_settings()["AccountLimit"]
    assert limits["UnreservedConcurrentExecutions"] == 100
    with pytest.raises(client.exceptions.InvalidParameterValueException):
        client.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=901)


def test_a_function_url_answers_http(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    code = """def handler(event, context):
    http = event["requestContext"]["http"]
    return {"statusCode": 201, "headers": {"x-path": event["rawPath"]},
            "cookies": ["a=b"], "body": http["method"] + event["body"]
            + event["queryStringParameters"]["q"]}
"""
    make_function("f", code)
    url = client.create_function_url_config(FunctionName="f", AuthType="NONE")["FunctionUrl"]
    host = url.split("/")[2]
    request = urllib.request.Request(
        f"{fogline.platform.endpoint}/some%20path?q=1",
        data=b"body",
        headers={"host": host, "content-type": "text/plain"},
    )
    with urllib.request.urlopen(request) as response:
        assert (response.status, response.read()) == (201, b"POSTbody1")
        assert response.headers["x-path"] == "/some%20path"
        assert response.headers["set-cookie"] == "a=b"
    client.delete_function_url_config(FunctionName="f")
    with pytest.raises(urllib.error.HTTPError, match="403") as gone:
        urllib.request.urlopen(request)
    gone.value.close()


def test_a_streamed_answer_begins_with_its_status_and_headers(
    client: Any, fogline: Account, make_function: MakeFunction
) -> None:
    code = """
    export const handler = awslambda.streamifyResponse(async (event, stream) => {
      const prelude = {statusCode: 202, headers: {"Content-Type": "text/html"}, cookies: ["a=b"]};
      const out = awslambda.HttpResponseStream.from(stream, prelude);
      out.write("<p>");
      out.end("done");
    });
    """
    make_function("f", Runtime="nodejs22.x", Code={"ZipFile": make_zip_of({"index.mjs": code})})
    made = client.create_function_url_config(
        FunctionName="f", AuthType="NONE", InvokeMode="RESPONSE_STREAM"
    )
    host = made["FunctionUrl"].split("/")[2]
    request = urllib.request.Request(fogline.platform.endpoint, headers={"host": host})
    with urllib.request.urlopen(request) as response:
        assert (response.status, response.read()) == (202, b"<p>done")
        assert response.headers["content-type"] == "text/html"
        assert response.headers["set-cookie"] == "a=b"


def test_a_function_url_is_shown_changed_and_listed(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("f")
    made = client.create_function_url_config(FunctionName="f", AuthType="AWS_IAM")
    changed = client.update_function_url_config(FunctionName="f", AuthType="NONE")
    assert changed["FunctionUrl"] == made["FunctionUrl"]
    assert client.get_function_url_config(FunctionName="f")["AuthType"] == "NONE"
    (listed,) = client.list_function_url_configs(FunctionName="f")["FunctionUrlConfigs"]
    assert listed["InvokeMode"] == "BUFFERED"
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.create_function_url_config(FunctionName="f", AuthType="NONE")


def test_a_version_is_shown_without_the_tags_of_its_function(
    client: Any, make_function: MakeFunction
) -> None:
    make_function("f", Tags={"a": "1"}, Publish=True)
    assert "Tags" not in client.get_function(FunctionName="f", Qualifier="1")
    assert client.get_function(FunctionName="f", Qualifier="$LATEST")["Tags"] == {"a": "1"}
