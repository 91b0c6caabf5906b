"""The CloudFormation types that S3 owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_S3.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from fogline.aws.errors import AwsError
from fogline.ports.resources import (
    Context,
    Done,
    Properties,
    ResourceRefused,
    ResourceType,
    integer,
)
from fogline.services.s3.notification_property import notification_configuration

_NAME_CHARACTERS_MAX = 63
_FIRST_REGION = "us-east-1"


class AlreadyExists(ResourceRefused):
    """A bucket that somebody else made."""

    code = "AlreadyExists"
    message = "{name} already exists"


# ---- AWS::S3::Bucket


def _create_bucket(context: Context, properties: Properties) -> Done:
    name = properties.get("BucketName") or context.name(_NAME_CHARACTERS_MAX, lower=True)
    region = context.call.region
    try:
        context.ask("s3", "HeadBucket", {"Bucket": name})
    except AwsError as refused:
        if refused.code != "NoSuchBucket":
            raise
    else:
        # In the first region CreateBucket would find nothing wrong with that.
        raise AlreadyExists(name=name)
    elsewhere = {"LocationConstraint": region} if region != _FIRST_REGION else None
    context.ask("s3", "CreateBucket", {"Bucket": name, "CreateBucketConfiguration": elsewhere})
    _set_tags(context, name, properties)
    for member in _SETTINGS:
        if properties.get(member) is not None:
            _SETTINGS[member](context, name, properties[member])
    return _bucket(context, name)


def _bucket(context: Context, name: str) -> Done:
    region = context.call.region
    return Done(
        name,
        {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
            "WebsiteURL": f"http://{name}.s3-website-{region}.amazonaws.com",
        },
    )


def _update_bucket(context: Context, name: str, old: Properties, new: Properties) -> Done:
    _set_tags(context, name, new)
    for member, configure in _SETTINGS.items():
        if new.get(member) == old.get(member):
            continue
        if new.get(member) is not None:
            configure(context, name, new[member])
        elif member == "VersioningConfiguration":
            # Versioning never goes away again.
            configure(context, name, {"Status": "Suspended"})
        elif member == "NotificationConfiguration":
            configure(context, name, {})
        else:
            context.ask("s3", _REMOVALS[member], {"Bucket": name})
    return _bucket(context, name)


def _delete_bucket(context: Context, name: str, properties: Properties) -> None:
    context.ask("s3", "DeleteBucket", {"Bucket": name})


def _set_tags(context: Context, name: str, properties: Properties) -> None:
    tags = context.tag_list(properties.get("Tags"))
    context.ask("s3", "PutBucketTagging", {"Bucket": name, "Tagging": {"TagSet": tags}})


def _set_versioning(context: Context, name: str, value: Mapping[str, Any]) -> None:
    context.ask(
        "s3",
        "PutBucketVersioning",
        {"Bucket": name, "VersioningConfiguration": {"Status": value.get("Status")}},
    )


def _set_encryption(context: Context, name: str, value: Mapping[str, Any]) -> None:
    rules = [
        _renamed(rule, {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"})
        for rule in value.get("ServerSideEncryptionConfiguration") or ()
    ]
    context.ask(
        "s3",
        "PutBucketEncryption",
        {"Bucket": name, "ServerSideEncryptionConfiguration": {"Rules": rules}},
    )


def _set_public_access(context: Context, name: str, value: Mapping[str, Any]) -> None:
    context.ask(
        "s3",
        "PutPublicAccessBlock",
        {"Bucket": name, "PublicAccessBlockConfiguration": value},
    )


def _set_ownership(context: Context, name: str, value: Mapping[str, Any]) -> None:
    context.ask("s3", "PutBucketOwnershipControls", {"Bucket": name, "OwnershipControls": value})


def _set_cors(context: Context, name: str, value: Mapping[str, Any]) -> None:
    names = {"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"}
    rules = [_renamed(rule, names) for rule in value.get("CorsRules") or ()]
    context.ask("s3", "PutBucketCors", {"Bucket": name, "CORSConfiguration": {"CORSRules": rules}})


def _set_lifecycle(context: Context, name: str, value: Mapping[str, Any]) -> None:
    rules = [_lifecycle_rule(rule) for rule in value.get("Rules") or ()]
    context.ask(
        "s3",
        "PutBucketLifecycleConfiguration",
        {
            "Bucket": name,
            "LifecycleConfiguration": {"Rules": rules},
            "TransitionDefaultMinimumObjectSize": value.get("TransitionDefaultMinimumObjectSize"),
        },
    )


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as the API has it: templates spell many members flatter."""
    expiration = {
        "Days": _number(rule.get("ExpirationInDays")),
        "Date": rule.get("ExpirationDate"),
        "ExpiredObjectDeleteMarker": rule.get("ExpiredObjectDeleteMarker"),
    }
    noncurrent = dict(rule.get("NoncurrentVersionExpiration") or {})
    if rule.get("NoncurrentVersionExpirationInDays") is not None:
        noncurrent["NoncurrentDays"] = _number(rule["NoncurrentVersionExpirationInDays"])
    transitions = [*(rule.get("Transitions") or ()), *_one(rule.get("Transition"))]
    older = [
        *(rule.get("NoncurrentVersionTransitions") or ()),
        *_one(rule.get("NoncurrentVersionTransition")),
    ]
    made = {
        "ID": rule.get("Id"),
        "Status": rule.get("Status"),
        "Filter": _lifecycle_filter(rule),
        "Expiration": _present(expiration) or None,
        "NoncurrentVersionExpiration": noncurrent or None,
        "AbortIncompleteMultipartUpload": rule.get("AbortIncompleteMultipartUpload"),
        "Transitions": [
            _renamed(each, {"TransitionInDays": "Days", "TransitionDate": "Date"})
            for each in transitions
        ]
        or None,
        "NoncurrentVersionTransitions": [
            _renamed(each, {"TransitionInDays": "NoncurrentDays"}) for each in older
        ]
        or None,
    }
    return _present(made)


def _lifecycle_filter(rule: Mapping[str, Any]) -> dict[str, Any]:
    tags = list(rule.get("TagFilters") or ())
    bounds = {
        "Prefix": rule.get("Prefix"),
        "ObjectSizeGreaterThan": _number(rule.get("ObjectSizeGreaterThan")),
        "ObjectSizeLessThan": _number(rule.get("ObjectSizeLessThan")),
    }
    conditions = _present(bounds)
    if len(conditions) + len(tags) > 1:
        return {"And": {**conditions, **({"Tags": tags} if tags else {})}}
    if tags:
        return {"Tag": tags[0]}
    return conditions or {"Prefix": ""}


def _set_notifications(context: Context, name: str, value: Mapping[str, Any]) -> None:
    context.ask(
        "s3",
        "PutBucketNotificationConfiguration",
        {"Bucket": name, "NotificationConfiguration": notification_configuration(value)},
    )


def _number(value: Any) -> int | None:
    return None if value is None else integer(value)


def _one(value: Any) -> Iterable[Any]:
    return () if value is None else (value,)


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def _renamed(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): each for name, each in value.items()}


_SETTINGS = {
    "VersioningConfiguration": _set_versioning,
    "BucketEncryption": _set_encryption,
    "PublicAccessBlockConfiguration": _set_public_access,
    "OwnershipControls": _set_ownership,
    "CorsConfiguration": _set_cors,
    "LifecycleConfiguration": _set_lifecycle,
    "NotificationConfiguration": _set_notifications,
}
_REMOVALS = {
    "BucketEncryption": "DeleteBucketEncryption",
    "PublicAccessBlockConfiguration": "DeletePublicAccessBlock",
    "OwnershipControls": "DeleteBucketOwnershipControls",
    "CorsConfiguration": "DeleteBucketCors",
    "LifecycleConfiguration": "DeleteBucketLifecycle",
}


# ---- AWS::S3::BucketPolicy


def _put_policy(context: Context, properties: Properties) -> Done:
    document = properties["PolicyDocument"]
    text = document if isinstance(document, str) else orjson.dumps(document).decode()
    bucket = properties["Bucket"]
    context.ask("s3", "PutBucketPolicy", {"Bucket": bucket, "Policy": text})
    return Done(bucket)


def _update_policy(context: Context, bucket: str, old: Properties, new: Properties) -> Done:
    return _put_policy(context, new)


def _delete_policy(context: Context, bucket: str, properties: Properties) -> None:
    context.ask("s3", "DeleteBucketPolicy", {"Bucket": bucket})


RESOURCES = (
    ResourceType(
        name="AWS::S3::Bucket",
        properties=frozenset(("AccessControl", "BucketName", "Tags", *_SETTINGS)),
        create=_create_bucket,
        update=_update_bucket,
        delete=_delete_bucket,
        create_only=frozenset(("BucketName",)),
        not_built=frozenset(
            (
                "AbacStatus",
                "AccelerateConfiguration",
                "AnalyticsConfigurations",
                "IntelligentTieringConfigurations",
                "InventoryConfigurations",
                "LoggingConfiguration",
                "MetadataConfiguration",
                "MetadataTableConfiguration",
                "MetricsConfigurations",
                "ObjectLockConfiguration",
                "ObjectLockEnabled",
                "ReplicationConfiguration",
                "WebsiteConfiguration",
            )
        ),
        attributes=frozenset(
            ("Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL")
        ),
        primary_identifier="BucketName",
    ),
    ResourceType(
        name="AWS::S3::BucketPolicy",
        properties=frozenset(("Bucket", "PolicyDocument")),
        required=frozenset(("Bucket", "PolicyDocument")),
        create_only=frozenset(("Bucket",)),
        create=_put_policy,
        update=_update_policy,
        delete=_delete_policy,
    ),
)
