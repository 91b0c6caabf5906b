"""Buckets, as a client sees them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from fogline.services.s3.errors import InvalidBucketName
from fogline.services.s3.names import check_bucket_name
from fogline.testing.plugin import Account


def code(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def members(error: pytest.ExceptionInfo[ClientError]) -> dict[str, Any]:
    return dict(error.value.response["Error"])


def test_a_bucket_is_made_found_listed_and_deleted(s3: Any) -> None:
    made = s3.create_bucket(Bucket="a-bucket.of-mine")
    assert made["Location"] == "/a-bucket.of-mine"
    assert s3.head_bucket(Bucket="a-bucket.of-mine")["BucketRegion"] == "us-east-1"
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["a-bucket.of-mine"]
    s3.delete_bucket(Bucket="a-bucket.of-mine")
    with pytest.raises(ClientError) as refused:
        s3.head_bucket(Bucket="a-bucket.of-mine")
    assert code(refused) == "404"


@pytest.mark.parametrize("name", ["ab", "Capital", "a..b", "-front", "192.168.0.1", "a" * 64])
def test_names_that_s3_does_not_allow(name: str) -> None:
    with pytest.raises(InvalidBucketName):
        check_bucket_name(name)


def test_only_the_first_region_forgives_a_repetition(fogline: Account) -> None:
    first, west = fogline.client("s3"), fogline.client("s3", region="us-west-2")
    first.create_bucket(Bucket="repeated-first")
    first.create_bucket(Bucket="repeated-first")
    here = {"LocationConstraint": "us-west-2"}
    west.create_bucket(Bucket="repeated-west", CreateBucketConfiguration=here)
    with pytest.raises(ClientError) as refused:
        west.create_bucket(Bucket="repeated-west", CreateBucketConfiguration=here)
    assert code(refused) == "BucketAlreadyOwnedByYou"
    assert members(refused)["BucketName"] == "repeated-west"
    location = west.get_bucket_location(Bucket="repeated-west")["LocationConstraint"]
    assert location == "us-west-2"
    assert first.get_bucket_location(Bucket="repeated-first")["LocationConstraint"] is None


def test_a_region_makes_only_buckets_of_its_own(fogline: Account) -> None:
    west = fogline.client("s3", region="us-west-2")
    with pytest.raises(ClientError) as refused:
        west.create_bucket(
            Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
    assert code(refused) == "IllegalLocationConstraintException"
    with pytest.raises(ClientError) as refused:
        west.create_bucket(Bucket="elsewhere")
    assert "unspecified location constraint" in str(refused.value)
    with pytest.raises(ClientError) as refused:
        fogline.client("s3").create_bucket(
            Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "us-east-1"}
        )
    assert code(refused) == "InvalidLocationConstraint"


def test_a_name_belongs_to_one_account(fogline: Account, bucket: str) -> None:
    other = fogline.platform.client("s3", "999999999999")
    with pytest.raises(ClientError) as refused:
        other.create_bucket(Bucket=bucket)
    assert code(refused) == "BucketAlreadyExists"
    assert other.list_buckets()["Buckets"] == []


def test_a_bucket_with_objects_is_not_deleted(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    with pytest.raises(ClientError) as refused:
        s3.delete_bucket(Bucket=bucket)
    assert code(refused) == "BucketNotEmpty"


def test_the_expected_owner_must_be_the_owner(fogline: Account, s3: Any, bucket: str) -> None:
    s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=fogline.id)
    with pytest.raises(ClientError) as refused:
        s3.list_objects_v2(Bucket=bucket, ExpectedBucketOwner="999999999999")
    assert code(refused) == "AccessDenied"


def test_settings_are_kept_and_removed(s3: Any, bucket: str) -> None:
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    default = encryption["Rules"][0]["ApplyServerSideEncryptionByDefault"]
    assert default == {"SSEAlgorithm": "AES256"}
    policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*",'
    policy += f'"Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*"}}]}}'
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    assert s3.get_bucket_policy(Bucket=bucket)["Policy"] == policy
    s3.delete_bucket_policy(Bucket=bucket)
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_policy(Bucket=bucket)
    assert code(refused) == "NoSuchBucketPolicy"
    assert s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"][
        "BlockPublicAcls"
    ]
    s3.delete_public_access_block(Bucket=bucket)
    with pytest.raises(ClientError) as refused:
        s3.get_public_access_block(Bucket=bucket)
    assert code(refused) == "NoSuchPublicAccessBlockConfiguration"


def test_cors_and_lifecycle_rules_come_back(s3: Any, bucket: str) -> None:
    cors = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 5}]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": cors})
    assert s3.get_bucket_cors(Bucket=bucket)["CORSRules"] == cors
    rules = [
        {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "a/"}, "Expiration": {"Days": 3}}
    ]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules


def test_tags_of_a_bucket(s3: Any, bucket: str) -> None:
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_tagging(Bucket=bucket)
    assert code(refused) == "NoSuchTagSet"
    tags = [{"Key": "team", "Value": "a"}]
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    with pytest.raises(ClientError) as refused:
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "aws:x", "Value": "a"}]})
    assert code(refused) == "InvalidTag"


def test_encryption_and_ownership_are_set_and_go_back(s3: Any, bucket: str) -> None:
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k"},
        "BucketKeyEnabled": True,
    }
    configuration = {"Rules": [rule]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=configuration)
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"")
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", "k")
    s3.delete_bucket_encryption(Bucket=bucket)
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"")["ServerSideEncryption"] == "AES256"
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)
    assert s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"] == rules
    s3.delete_bucket_ownership_controls(Bucket=bucket)
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_ownership_controls(Bucket=bucket)
    assert code(refused) == "OwnershipControlsNotFoundError"
    s3.put_public_access_block(
        Bucket=bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True}
    )
    found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert (found["BlockPublicAcls"], found["BlockPublicPolicy"]) == (True, False)


def test_what_a_bucket_has_of_itself(s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"")
    for acl in (s3.get_bucket_acl(Bucket=bucket), s3.get_object_acl(Bucket=bucket, Key="k")):
        assert acl["Grants"][0]["Permission"] == "FULL_CONTROL"
        assert acl["Grants"][0]["Grantee"]["ID"] == acl["Owner"]["ID"]
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    answer = s3.get_bucket_notification_configuration(Bucket=bucket)
    assert "QueueConfigurations" not in answer
    s3.delete_bucket_website(Bucket=bucket)
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_website(Bucket=bucket)
    assert code(refused) == "NoSuchWebsiteConfiguration"


def test_what_was_set_is_removed(s3: Any, bucket: str) -> None:
    rules = [{"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 3}}]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    s3.delete_bucket_lifecycle(Bucket=bucket)
    s3.delete_bucket_cors(Bucket=bucket)
    s3.delete_bucket_tagging(Bucket=bucket)
    for find, name in (
        (s3.get_bucket_lifecycle_configuration, "NoSuchLifecycleConfiguration"),
        (s3.get_bucket_cors, "NoSuchCORSConfiguration"),
        (s3.get_bucket_tagging, "NoSuchTagSet"),
    ):
        with pytest.raises(ClientError) as refused:
            find(Bucket=bucket)
        assert code(refused) == name
