"""Notifications of buckets, as queues, topics, functions and buses get them."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.testing.plugin import Account

CODE = """
import json, boto3, os
def handler(event, context):
    boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=json.dumps(event))
"""


@pytest.fixture
def sqs(fogline: Account) -> Any:
    return fogline.client("sqs")


@pytest.fixture
def queue(sqs: Any) -> str:
    return str(sqs.create_queue(QueueName="news")["QueueUrl"])


def arn_of(sqs: Any, queue: str) -> str:
    found = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
    return str(found["Attributes"]["QueueArn"])


def notify(
    s3: Any, bucket: str, arn: str, *events: str, kind: str = "Queue", test: bool = False
) -> None:
    member = f"{kind}Arn"
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={
            f"{kind}Configurations": [{"Id": "mine", member: arn, "Events": list(events)}]
        },
        SkipDestinationValidation=not test,
    )


def bodies(sqs: Any, queue: str) -> list[Any]:
    """What has come to the queue, removed from it."""
    found = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def records(sqs: Any, queue: str) -> list[Any]:
    return [record for body in bodies(sqs, queue) for record in body["Records"]]


def names(sqs: Any, queue: str) -> list[str]:
    return [record["eventName"] for record in records(sqs, queue)]


def refusal(error: pytest.ExceptionInfo[ClientError]) -> dict[str, Any]:
    return dict(error.value.response["Error"])


# ---- configurations


def test_a_configuration_is_found_again_until_it_is_emptied(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    rules = [{"Name": "suffix", "Value": ""}]
    configuration = {
        "QueueConfigurations": [
            {
                "QueueArn": arn_of(sqs, queue),
                "Events": ["s3:ObjectCreated:*"],
                "Filter": {"Key": {"FilterRules": rules}},
            }
        ],
        "EventBridgeConfiguration": {},
    }
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration)
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    entry = found["QueueConfigurations"][0]
    assert entry["Filter"]["Key"]["FilterRules"] == [{"Name": "Suffix", "Value": ""}]
    assert entry["Id"]
    assert found["EventBridgeConfiguration"] == {}
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert found.keys() == {"ResponseMetadata"}


def test_a_new_configuration_is_tested_on_queues_and_topics(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    notify(s3, bucket, arn_of(sqs, queue), "s3:ObjectCreated:*", test=True)
    (told,) = bodies(sqs, queue)
    assert (told["Service"], told["Event"], told["Bucket"]) == ("Amazon S3", "s3:TestEvent", bucket)
    notify(s3, bucket, arn_of(sqs, queue), "s3:ObjectCreated:*")
    assert bodies(sqs, queue) == []


def test_destinations_that_are_not_there_are_named(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    here = arn_of(sqs, queue)
    with pytest.raises(ClientError) as refused:
        notify(s3, bucket, f"{here}-1", "s3:ObjectCreated:*", test=True)
    error = refusal(refused)
    assert error["Message"] == "Unable to validate the following destination configurations"
    assert error["ArgumentName"] == f"{here}-1"
    assert error["ArgumentValue"] == "The destination queue does not exist"
    entries = [
        {"QueueArn": here, "Events": ["s3:ObjectTagging:Put"]},
        {"QueueArn": f"{here}-1", "Events": ["s3:ObjectCreated:*"]},
        {"QueueArn": f"{here}-2", "Events": ["s3:ObjectRemoved:*"]},
    ]
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": entries}
        )
    error = refusal(refused)
    assert (error["ArgumentName1"], error["ArgumentName2"]) == (f"{here}-1", f"{here}-2")
    assert bodies(sqs, queue) == []


def test_a_fifo_queue_is_no_destination(s3: Any, bucket: str, sqs: Any) -> None:
    fifo = sqs.create_queue(QueueName="n.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    with pytest.raises(ClientError) as refused:
        notify(s3, bucket, arn_of(sqs, fifo), "s3:ObjectCreated:*", test=True)
    assert refusal(refused)["Code"] == "InvalidArgument"


def test_a_bucket_that_does_not_exist_notifies_nobody(s3: Any) -> None:
    with pytest.raises(ClientError) as refused:
        notify(s3, "no-such-bucket", "arn:aws:sqs:us-east-1:000000000000:q", "s3:Nonsense")
    assert refusal(refused)["Code"] == "NoSuchBucket"
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_notification_configuration(Bucket="no-such-bucket")
    assert refusal(refused)["Code"] == "NoSuchBucket"


# ---- records


def test_a_record_tells_who_did_what_to_which_object(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    notify(s3, bucket, arn_of(sqs, queue), "s3:ObjectCreated:*")
    put = s3.put_object(Bucket=bucket, Key="in/a b@c", Body=b"something")
    (record,) = records(sqs, queue)
    assert record["eventVersion"] == "2.1"
    assert record["eventSource"] == "aws:s3"
    assert record["awsRegion"] == "us-east-1"
    assert record["eventName"] == "ObjectCreated:Put"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["eventTime"])
    assert record["userIdentity"]["principalId"].startswith("AWS:")
    assert record["requestParameters"] == {"sourceIPAddress": "127.0.0.1"}
    headers = put["ResponseMetadata"]["HTTPHeaders"]
    assert record["responseElements"] == {
        name: headers[name] for name in ("x-amz-request-id", "x-amz-id-2")
    }
    told = record["s3"]
    assert (told["s3SchemaVersion"], told["configurationId"]) == ("1.0", "mine")
    assert (told["bucket"]["name"], told["bucket"]["arn"]) == (bucket, f"arn:aws:s3:::{bucket}")
    sequencer = told["object"].pop("sequencer")
    assert re.fullmatch(r"[0-9A-F]{18}", sequencer)
    assert told["object"] == {
        "key": "in/a+b%40c",
        "size": 9,
        "eTag": put["ETag"].strip('"'),
    }


def test_each_way_to_make_an_object_has_its_own_name(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    notify(s3, bucket, arn_of(sqs, queue), "s3:ObjectCreated:*")
    s3.put_object(Bucket=bucket, Key="a", Body=b"a")
    s3.copy_object(Bucket=bucket, Key="b", CopySource=f"{bucket}/a")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="c")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="c", UploadId=upload, PartNumber=1, Body=b"abc")
    s3.complete_multipart_upload(
        Bucket=bucket,
        Key="c",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )
    found = {record["eventName"]: record["s3"]["object"] for record in records(sqs, queue)}
    assert found.keys() == {
        "ObjectCreated:Put",
        "ObjectCreated:Copy",
        "ObjectCreated:CompleteMultipartUpload",
    }
    assert found["ObjectCreated:CompleteMultipartUpload"]["size"] == 3


def test_an_object_that_goes_is_told_of_and_none_that_never_was(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    for key in "abc":
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    notify(s3, bucket, arn_of(sqs, queue), "s3:ObjectRemoved:*")
    s3.delete_object(Bucket=bucket, Key="never")
    s3.delete_object(Bucket=bucket, Key="a")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in ("b", "c", "d")]})
    found = records(sqs, queue)
    assert {record["eventName"] for record in found} == {"ObjectRemoved:Delete"}
    assert sorted(record["s3"]["object"]["key"] for record in found) == ["a", "b", "c"]
    assert found[0]["s3"]["object"].keys() == {"key", "sequencer"}


def test_versions_and_delete_markers_are_named(s3: Any, bucket: str, sqs: Any, queue: str) -> None:
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    notify(s3, bucket, arn_of(sqs, queue), "s3:ObjectCreated:*", "s3:ObjectRemoved:*")
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"")["VersionId"]
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker)
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "k", "VersionId": version}]})
    found = sorted(records(sqs, queue), key=lambda each: each["s3"]["object"]["sequencer"])
    assert [(each["eventName"], each["s3"]["object"]["versionId"]) for each in found] == [
        ("ObjectCreated:Put", version),
        ("ObjectRemoved:DeleteMarkerCreated", marker),
        ("ObjectRemoved:Delete", marker),
        ("ObjectRemoved:Delete", version),
    ]
    assert found[1]["s3"]["object"]["eTag"] == "d41d8cd98f00b204e9800998ecf8427e"


def test_tags_that_change_are_told_of(s3: Any, bucket: str, sqs: Any, queue: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    notify(s3, bucket, arn_of(sqs, queue), "s3:ObjectTagging:*")
    tags = [{"Key": "a", "Value": "b"}]
    s3.put_object_tagging(Bucket=bucket, Key="k", Tagging={"TagSet": tags})
    s3.delete_object_tagging(Bucket=bucket, Key="k")
    found = records(sqs, queue)
    assert {record["eventName"] for record in found} == {
        "ObjectTagging:Put",
        "ObjectTagging:Delete",
    }
    assert {record["eventVersion"] for record in found} == {"2.3"}
    assert found[0]["s3"]["object"].keys() == {"key", "eTag"}


def test_a_filter_lets_through_what_has_its_prefix_and_its_suffix(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    rules = [{"Name": "prefix", "Value": "in/"}, {"Name": "Suffix", "Value": ".png"}]
    entry = {
        "QueueArn": arn_of(sqs, queue),
        "Events": ["s3:ObjectCreated:Put"],
        "Filter": {"Key": {"FilterRules": rules}},
    }
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={"QueueConfigurations": [entry]},
        SkipDestinationValidation=True,
    )
    for key in ("in/a.png", "in/a.txt", "out/a.png"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"")
    assert [record["s3"]["object"]["key"] for record in records(sqs, queue)] == ["in/a.png"]


def test_a_destination_that_is_gone_does_not_stop_an_upload(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    here = arn_of(sqs, queue)
    entries = [
        {"QueueArn": f"{here}-gone", "Events": ["s3:ObjectCreated:*"]},
        {"QueueArn": here, "Events": ["s3:ObjectRemoved:*"]},
    ]
    s3.put_bucket_notification_configuration(
        Bucket=bucket,
        NotificationConfiguration={"QueueConfigurations": entries},
        SkipDestinationValidation=True,
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"b")
    assert s3.head_object(Bucket=bucket, Key="k")["ContentLength"] == 1
    s3.delete_object(Bucket=bucket, Key="k")
    assert names(sqs, queue) == ["ObjectRemoved:Delete"]


def test_an_upload_that_is_refused_is_not_told_of(
    s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    notify(s3, bucket, arn_of(sqs, queue), "s3:ObjectCreated:*")
    with pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="k", Body=b"b", IfMatch='"other"')
    assert records(sqs, queue) == []


# ---- other destinations


def test_a_topic_passes_records_on(
    fogline: Account, s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    sns = fogline.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(sqs, queue))
    notify(s3, bucket, topic, "s3:ObjectCreated:*", kind="Topic", test=True)
    (tested,) = bodies(sqs, queue)
    assert json.loads(tested["Message"])["Event"] == "s3:TestEvent"
    s3.put_object(Bucket=bucket, Key="k", Body=b"first")
    (message,) = bodies(sqs, queue)
    assert message["Subject"] == "Amazon S3 Notification"
    (record,) = json.loads(message["Message"])["Records"]
    assert record["s3"]["object"]["size"] == 5


def make_function(fogline: Account, queue: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", CODE)
    document = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    role = fogline.client("iam").create_role(
        RoleName="role", AssumeRolePolicyDocument=json.dumps({"Statement": [document]})
    )
    made = fogline.client("lambda").create_function(
        FunctionName="listener",
        Runtime="python3.12",
        Handler="app.handler",
        Role=role["Role"]["Arn"],
        Code={"ZipFile": packed.getvalue()},
        Timeout=20,  # real time, and the machine may be busy
        Environment={"Variables": {"QUEUE": queue}},
    )
    return str(made["FunctionArn"])


def test_a_function_runs_when_an_object_comes(
    fogline: Account, s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    function = make_function(fogline, queue)
    notify(s3, bucket, function, "s3:ObjectCreated:*", kind="LambdaFunction", test=True)
    s3.put_object(Bucket=bucket, Key="k", Body=b"body")
    fogline.platform.settle()
    assert names(sqs, queue) == ["ObjectCreated:Put"]
    with pytest.raises(ClientError) as refused:
        notify(s3, bucket, f"{function}s", "s3:ObjectCreated:*", kind="LambdaFunction", test=True)
    assert refusal(refused)["ArgumentValue"] == "The destination Lambda does not exist"


def test_the_default_bus_gets_every_change_as_an_event(
    fogline: Account, s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    events = fogline.client("events")
    events.put_rule(Name="files", EventPattern=json.dumps({"source": ["aws.s3"]}))
    events.put_targets(Rule="files", Targets=[{"Id": "1", "Arn": arn_of(sqs, queue)}])
    s3.put_object(Bucket=bucket, Key="before", Body=b"")
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    put = s3.put_object(Bucket=bucket, Key="a b", Body=b"data")
    s3.put_object_tagging(Bucket=bucket, Key="a b", Tagging={"TagSet": []})
    s3.delete_object_tagging(Bucket=bucket, Key="a b")
    s3.delete_object(Bucket=bucket, Key="a b")
    fogline.platform.settle()
    found = {event["detail-type"]: event for event in bodies(sqs, queue)}
    assert found.keys() == {
        "Object Created",
        "Object Tags Added",
        "Object Tags Deleted",
        "Object Deleted",
    }
    created = found["Object Created"]
    assert created["resources"] == [f"arn:aws:s3:::{bucket}"]
    detail = created["detail"]
    sequencer = detail["object"].pop("sequencer")
    assert sequencer < found["Object Deleted"]["detail"]["object"].pop("sequencer")
    assert detail == {
        "version": "0",
        "bucket": {"name": bucket},
        "object": {"key": "a b", "size": 4, "etag": put["ETag"].strip('"')},
        "request-id": put["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"],
        "requester": created["account"],
        "source-ip-address": "127.0.0.1",
        "reason": "PutObject",
    }
    deleted = found["Object Deleted"]["detail"]
    assert deleted["object"] == {"key": "a b"}
    assert (deleted["reason"], deleted["deletion-type"]) == ("DeleteObject", "Permanently Deleted")
    assert found["Object Tags Added"]["detail"]["object"].keys() == {"key", "etag"}


def test_a_delete_marker_is_an_event_of_its_own_kind(
    fogline: Account, s3: Any, bucket: str, sqs: Any, queue: str
) -> None:
    events = fogline.client("events")
    pattern = {"detail": {"deletion-type": ["Delete Marker Created"]}}
    events.put_rule(Name="markers", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="markers", Targets=[{"Id": "1", "Arn": arn_of(sqs, queue)}])
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    marker = s3.delete_object(Bucket=bucket, Key="k")["VersionId"]
    fogline.platform.settle()
    (event,) = bodies(sqs, queue)
    assert event["detail"]["object"]["version-id"] == marker
