"""The configurations of buckets: kept and returned, checked where S3 checks them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.aws.errors import AwsError
from fogline.services.s3.errors import (
    InvalidArgument,
    InvalidRequest,
    MalformedPolicy,
    MalformedXML,
    NoSuchBucketPolicy,
    NoSuchCORSConfiguration,
    NoSuchLifecycleConfiguration,
    NoSuchPublicAccessBlockConfiguration,
    NoSuchTagSet,
    NoSuchWebsiteConfiguration,
    NotBuilt,
    OwnershipControlsNotFoundError,
)
from fogline.services.s3.lookup import Request, Result, owner_of, require_bucket
from fogline.services.s3.names import check_own_tags, checked_tags
from fogline.services.s3.service import S3
from fogline.store.store import Tx

Rules = Sequence[Mapping[str, Any]]

if TYPE_CHECKING:
    from types_boto3_s3 import type_defs as types

_METHODS = ("GET", "PUT", "HEAD", "POST", "DELETE")
_DEFAULT_ENCRYPTION = {
    "Rules": [
        {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": False,
        }
    ]
}


def _save(s3: S3, request: Request, name: str, value: Any) -> Result:
    """Keep a configuration; None removes it."""
    with s3.store.write() as tx:
        tx.lock(f"s3:{request['Bucket']}")
        bucket = require_bucket(s3, tx, request)
        settings = {**bucket.settings, name: value}
        s3.tables.save_bucket(
            tx,
            bucket.changed(
                settings={key: each for key, each in settings.items() if each is not None}
            ),
        )
    return {}


def _find(s3: S3, request: Request, name: str) -> Any:
    with s3.store.read() as tx:
        return require_bucket(s3, tx, request).settings.get(name)


def _require(s3: S3, request: Request, name: str, missing: type[AwsError]) -> Any:
    found = _find(s3, request, name)
    if found is None:
        raise missing(members={"BucketName": request["Bucket"]})
    return found


# ---- policy


def put_bucket_policy(s3: S3, call: Call, request: types.PutBucketPolicyRequestTypeDef) -> Result:
    given: Request = request
    text = given.get("Policy") or ""
    _find(s3, request, "Policy")
    _check_policy(text)
    return _save(s3, request, "Policy", text)


def _check_policy(text: str) -> None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        raise MalformedPolicy("Policies must be valid JSON and the first byte must be '{'")
    if "Statement" not in document:
        raise MalformedPolicy("Missing required field Statement")
    given = document["Statement"]
    for statement in given if isinstance(given, list) else [given]:
        if not isinstance(statement, dict):
            raise MalformedPolicy("Policy has invalid Statement")
        for field in ("Effect", "Principal", "Action", "Resource"):
            if field not in statement and f"Not{field}" not in statement:
                raise MalformedPolicy(f"Missing required field {field}")
        if statement.get("Effect") not in ("Allow", "Deny"):
            raise MalformedPolicy(f"Invalid effect: {statement.get('Effect')}")


def get_bucket_policy(s3: S3, call: Call, request: types.GetBucketPolicyRequestTypeDef) -> Result:
    return {"Policy": _require(s3, request, "Policy", NoSuchBucketPolicy)}


def delete_bucket_policy(
    s3: S3, call: Call, request: types.DeleteBucketPolicyRequestTypeDef
) -> Result:
    return _save(s3, request, "Policy", None)


# ---- encryption


def put_bucket_encryption(
    s3: S3, call: Call, request: types.PutBucketEncryptionRequestTypeDef
) -> Result:
    given: Request = request
    _find(s3, request, "Encryption")
    rules: Rules = (given.get("ServerSideEncryptionConfiguration") or {}).get("Rules") or ()
    if len(rules) != 1:
        raise MalformedXML()
    default = rules[0].get("ApplyServerSideEncryptionByDefault")
    if default is not None:
        algorithm = default.get("SSEAlgorithm")
        if algorithm not in ("AES256", "aws:kms", "aws:kms:dsse"):
            raise MalformedXML()
        if algorithm == "AES256" and default.get("KMSMasterKeyID"):
            raise InvalidArgument(
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                "ApplyServerSideEncryptionByDefault",
            )
    rule = {"BucketKeyEnabled": False, **rules[0]}
    return _save(s3, request, "Encryption", {"Rules": [rule]})


def get_bucket_encryption(
    s3: S3, call: Call, request: types.GetBucketEncryptionRequestTypeDef
) -> Result:
    # Every bucket is encrypted, whether anyone asked for it or not.
    found = _find(s3, request, "Encryption")
    return {"ServerSideEncryptionConfiguration": found or _DEFAULT_ENCRYPTION}


def delete_bucket_encryption(
    s3: S3, call: Call, request: types.DeleteBucketEncryptionRequestTypeDef
) -> Result:
    return _save(s3, request, "Encryption", None)


# ---- public access, ownership


def put_public_access_block(
    s3: S3, call: Call, request: types.PutPublicAccessBlockRequestTypeDef
) -> Result:
    given: Request = request
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    configuration = given.get("PublicAccessBlockConfiguration") or {}
    value = {name: bool(configuration.get(name)) for name in names}
    return _save(s3, request, "PublicAccessBlock", value)


def get_public_access_block(
    s3: S3, call: Call, request: types.GetPublicAccessBlockRequestTypeDef
) -> Result:
    found = _require(s3, request, "PublicAccessBlock", NoSuchPublicAccessBlockConfiguration)
    return {"PublicAccessBlockConfiguration": found}


def delete_public_access_block(
    s3: S3, call: Call, request: types.DeletePublicAccessBlockRequestTypeDef
) -> Result:
    return _save(s3, request, "PublicAccessBlock", None)


def put_bucket_ownership_controls(
    s3: S3, call: Call, request: types.PutBucketOwnershipControlsRequestTypeDef
) -> Result:
    given: Request = request
    rules: Rules = (given.get("OwnershipControls") or {}).get("Rules") or ()
    known = ("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced")
    if len(rules) != 1 or rules[0].get("ObjectOwnership") not in known:
        raise MalformedXML()
    return _save(s3, request, "OwnershipControls", {"Rules": list(rules)})


def get_bucket_ownership_controls(
    s3: S3, call: Call, request: types.GetBucketOwnershipControlsRequestTypeDef
) -> Result:
    found = _require(s3, request, "OwnershipControls", OwnershipControlsNotFoundError)
    return {"OwnershipControls": found}


def delete_bucket_ownership_controls(
    s3: S3, call: Call, request: types.DeleteBucketOwnershipControlsRequestTypeDef
) -> Result:
    return _save(s3, request, "OwnershipControls", None)


def get_bucket_acl(s3: S3, call: Call, request: types.GetBucketAclRequestTypeDef) -> Result:
    with s3.store.read() as tx:
        owner = owner_of(require_bucket(s3, tx, request))
    grantee = {**owner, "Type": "CanonicalUser"}
    return {"Owner": owner, "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}


# ---- versioning


def put_bucket_versioning(
    s3: S3, call: Call, request: types.PutBucketVersioningRequestTypeDef
) -> Result:
    given: Request = request
    configuration = given.get("VersioningConfiguration") or {}
    status = configuration.get("Status")
    if configuration.get("MFADelete") == "Enabled":
        raise NotBuilt(what="deletes guarded by MFA")
    if status not in ("Enabled", "Suspended"):
        raise MalformedXML()
    with s3.store.write() as tx:
        tx.lock(f"s3:{request['Bucket']}")
        bucket = require_bucket(s3, tx, request)
        s3.tables.save_bucket(tx, bucket.changed(versioning=status))
    return {}


def get_bucket_versioning(
    s3: S3, call: Call, request: types.GetBucketVersioningRequestTypeDef
) -> Result:
    with s3.store.read() as tx:
        bucket = require_bucket(s3, tx, request)
    return {"Status": bucket.versioning} if bucket.versioning else {}


# ---- lifecycle


def put_bucket_lifecycle_configuration(
    s3: S3, call: Call, request: types.PutBucketLifecycleConfigurationRequestTypeDef
) -> Result:
    given: Request = request
    rules: Rules = (given.get("LifecycleConfiguration") or {}).get("Rules") or ()
    if not rules:
        raise MalformedXML()
    kept = [_checked_rule(s3, rule) for rule in rules]
    if len({rule["ID"] for rule in kept}) < len(kept):
        raise InvalidArgument("Rule ID must be unique. Found same ID for one or more rules", "ID")
    minimum = given.get("TransitionDefaultMinimumObjectSize")
    if minimum not in (None, "all_storage_classes_128K", "varies_by_storage_class"):
        raise InvalidRequest(f"Invalid TransitionDefaultMinimumObjectSize found: {minimum}")
    minimum = minimum or "all_storage_classes_128K"
    _save(s3, request, "Lifecycle", {"Rules": kept, "Minimum": minimum})
    return {"TransitionDefaultMinimumObjectSize": minimum}


def _checked_rule(s3: S3, rule: Request) -> dict[str, Any]:
    if rule.get("Status") not in ("Enabled", "Disabled"):
        raise MalformedXML()
    date = (rule.get("Expiration") or {}).get("Date")
    if date is not None and date % 86_400_000:
        raise InvalidArgument("'Date' must be at midnight GMT", "Date", date)
    tags = ((rule.get("Filter") or {}).get("And") or {}).get("Tags") or ()
    keys = [tag.get("Key") for tag in tags]
    if len(set(keys)) < len(keys):
        raise InvalidRequest("Duplicate Tag Keys are not allowed.")
    return {**rule, "ID": rule.get("ID") or s3.ids.uuid()}


def get_bucket_lifecycle_configuration(
    s3: S3, call: Call, request: types.GetBucketLifecycleConfigurationRequestTypeDef
) -> Result:
    found = _require(s3, request, "Lifecycle", NoSuchLifecycleConfiguration)
    return {"Rules": found["Rules"], "TransitionDefaultMinimumObjectSize": found["Minimum"]}


def delete_bucket_lifecycle(
    s3: S3, call: Call, request: types.DeleteBucketLifecycleRequestTypeDef
) -> Result:
    return _save(s3, request, "Lifecycle", None)


# ---- CORS


def put_bucket_cors(s3: S3, call: Call, request: types.PutBucketCorsRequestTypeDef) -> Result:
    given: Request = request
    rules: Rules = (given.get("CORSConfiguration") or {}).get("CORSRules") or ()
    if not rules:
        raise MalformedXML()
    for rule in rules:
        if not rule.get("AllowedMethods") or not rule.get("AllowedOrigins"):
            raise MalformedXML()
        for method in rule["AllowedMethods"]:
            if method not in _METHODS:
                raise InvalidRequest(
                    f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
                )
    return _save(s3, request, "Cors", list(rules))


def get_bucket_cors(s3: S3, call: Call, request: types.GetBucketCorsRequestTypeDef) -> Result:
    return {"CORSRules": _require(s3, request, "Cors", NoSuchCORSConfiguration)}


def delete_bucket_cors(s3: S3, call: Call, request: types.DeleteBucketCorsRequestTypeDef) -> Result:
    return _save(s3, request, "Cors", None)


# ---- tags


def put_bucket_tagging(s3: S3, call: Call, request: types.PutBucketTaggingRequestTypeDef) -> Result:
    given: Request = request
    tags = checked_tags((given.get("Tagging") or {}).get("TagSet") or (), s3.limits, of_bucket=True)
    if call.protocol:
        check_own_tags(tags)

    def save(tx: Tx) -> None:
        bucket = require_bucket(s3, tx, request)
        system = {key: each for key, each in bucket.document["tags"].items() if key[:4] == "aws:"}
        s3.tables.save_bucket(tx, bucket.changed(tags={**system, **tags}))

    with s3.store.write() as tx:
        tx.lock(f"s3:{request['Bucket']}")
        save(tx)
    return {}


def get_bucket_tagging(s3: S3, call: Call, request: types.GetBucketTaggingRequestTypeDef) -> Result:
    with s3.store.read() as tx:
        tags: Mapping[str, str] = require_bucket(s3, tx, request).document["tags"]
    if not tags:
        raise NoSuchTagSet(members={"BucketName": request["Bucket"]})
    return {"TagSet": [{"Key": key, "Value": value} for key, value in tags.items()]}


def delete_bucket_tagging(
    s3: S3, call: Call, request: types.DeleteBucketTaggingRequestTypeDef
) -> Result:
    with s3.store.write() as tx:
        tx.lock(f"s3:{request['Bucket']}")
        s3.tables.save_bucket(tx, require_bucket(s3, tx, request).changed(tags={}))
    return {}


# ---- what no bucket here has


def get_bucket_website(s3: S3, call: Call, request: types.GetBucketWebsiteRequestTypeDef) -> Result:
    _require(s3, request, "Website", NoSuchWebsiteConfiguration)
    return {}


def delete_bucket_website(
    s3: S3, call: Call, request: types.DeleteBucketWebsiteRequestTypeDef
) -> Result:
    return _save(s3, request, "Website", None)


def get_bucket_logging(s3: S3, call: Call, request: types.GetBucketLoggingRequestTypeDef) -> Result:
    _find(s3, request, "Logging")
    return {}


def get_bucket_accelerate_configuration(
    s3: S3, call: Call, request: types.GetBucketAccelerateConfigurationRequestTypeDef
) -> Result:
    _find(s3, request, "Accelerate")
    return {}


def get_bucket_request_payment(
    s3: S3, call: Call, request: types.GetBucketRequestPaymentRequestTypeDef
) -> Result:
    _find(s3, request, "RequestPayment")
    return {"Payer": "BucketOwner"}
