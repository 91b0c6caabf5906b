"""What S3 refuses, by the codes S3 gives.

Texts: recorded answers, and https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

from collections.abc import Sequence

from fogline.aws.errors import AwsError


class NoSuchBucket(AwsError):
    message = "The specified bucket does not exist"
    status = 404

    def __init__(self, bucket: str) -> None:
        super().__init__(members={"BucketName": bucket})


class NoSuchKey(AwsError):
    message = "The specified key does not exist."
    status = 404

    def __init__(self, key: str) -> None:
        super().__init__(members={"Key": key})


class NoSuchVersion(AwsError):
    message = "The specified version does not exist."
    status = 404

    def __init__(self, key: str, version: str) -> None:
        super().__init__(members={"Key": key, "VersionId": version})


class NoSuchUpload(AwsError):
    message = (
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or"
        " completed."
    )
    status = 404

    def __init__(self, upload: str) -> None:
        super().__init__(members={"UploadId": upload})


class MethodNotAllowed(AwsError):
    """What is asked of a delete marker that only an object can do."""

    message = "The specified method is not allowed against this resource."
    status = 405


class NotModified(AwsError):
    """Not a fault: the client's copy is still good. Its answer has no body."""

    code = "304"
    message = "Not Modified"
    status = 304


class PreconditionFailed(AwsError):
    message = "At least one of the pre-conditions you specified did not hold"
    status = 412

    def __init__(self, condition: str) -> None:
        super().__init__(members={"Condition": condition})


class ConditionalRequestConflict(AwsError):
    message = "The conditional request cannot succeed due to a conflicting operation against this resource."
    status = 409


class InvalidRange(AwsError):
    message = "The requested range is not satisfiable"
    status = 416

    def __init__(self, asked: str, size: int) -> None:
        super().__init__(members={"RangeRequested": asked, "ActualObjectSize": size})


class InvalidPartNumber(AwsError):
    message = "The requested partnumber is not satisfiable"
    status = 416


class BucketAlreadyOwnedByYou(AwsError):
    message = "Your previous request to create the named bucket succeeded and you already own it."
    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__(members={"BucketName": bucket})


class BucketAlreadyExists(AwsError):
    message = (
        "The requested bucket name is not available. The bucket namespace is shared by all users of the system."
        " Please select a different name and try again."
    )
    status = 409

    def __init__(self, bucket: str) -> None:
        super().__init__(members={"BucketName": bucket})


class BucketNotEmpty(AwsError):
    message = "The bucket you tried to delete is not empty"
    status = 409


class InvalidBucketName(AwsError):
    message = "The specified bucket is not valid."

    def __init__(self, bucket: str) -> None:
        super().__init__(members={"BucketName": bucket})


class InvalidLocationConstraint(AwsError):
    message = "The specified location-constraint is not valid"


class IllegalLocationConstraintException(AwsError):
    message = (
        "The {constraint} location constraint is incompatible for the region specific endpoint this request was"
        " sent to."
    )


class InvalidBucketOwnerAWSAccountID(AwsError):
    message = (
        "The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]"
    )


class AccessDenied(AwsError):
    message = "Access Denied"
    status = 403


class InvalidDigest(AwsError):
    message = "The Content-MD5 you specified was invalid."


class BadDigest(AwsError):
    message = "The {name} you specified did not match the calculated checksum."


class InvalidRequest(AwsError):
    pass


class InvalidArgument(AwsError):
    """Members tell which argument: `ArgumentName` and `ArgumentValue`."""

    def __init__(self, text: str, name: str = "", value: object = None) -> None:
        members = {"ArgumentName": name, "ArgumentValue": value} if name else {}
        super().__init__(text, members=members)


class InvalidDestinations(AwsError):
    """Destinations of notifications that cannot be reached: pairs of an ARN and the reason, numbered if many."""

    code = "InvalidArgument"
    message = "Unable to validate the following destination configurations"

    def __init__(self, failed: Sequence[tuple[str, str]]) -> None:
        members: dict[str, str] = {}
        for number, (arn, reason) in enumerate(failed, 1):
            place = number if len(failed) > 1 else ""
            members |= {f"ArgumentName{place}": arn, f"ArgumentValue{place}": reason}
        super().__init__(members=members)


class InvalidTag(AwsError):
    pass


class InvalidStorageClass(AwsError):
    message = "The storage class you specified is not valid"


class InvalidBucketState(AwsError):
    status = 409


class InvalidPart(AwsError):
    message = (
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the"
        " specified entity tag may not match the part's entity tag."
    )


class InvalidPartOrder(AwsError):
    message = "The list of parts was not in ascending order. Parts must be ordered by part number."


class EntityTooSmall(AwsError):
    message = "Your proposed upload is smaller than the minimum allowed size"


class KeyTooLongError(AwsError):
    message = "Your key is too long"


class MetadataTooLarge(AwsError):
    message = "Your metadata headers exceed the maximum allowed metadata size"


class MissingContentLength(AwsError):
    message = "You must provide the Content-Length HTTP header."
    status = 411


class MalformedXML(AwsError):
    message = (
        "The XML you provided was not well-formed or did not validate against our published schema"
    )


class MalformedPolicy(AwsError):
    pass


class NotImplementedHeader(AwsError):
    code = "NotImplemented"
    message = "A header you provided implies functionality that is not implemented"
    status = 501


class NotBuilt(AwsError):
    """A part of S3 that an operation has on AWS and not here."""

    code = "NotImplemented"
    message = "Fogline does not implement {what} of S3 yet."
    status = 501


class NoSuchBucketPolicy(AwsError):
    message = "The bucket policy does not exist"
    status = 404


class NoSuchLifecycleConfiguration(AwsError):
    message = "The lifecycle configuration does not exist"
    status = 404


class NoSuchCORSConfiguration(AwsError):
    message = "The CORS configuration does not exist"
    status = 404


class NoSuchPublicAccessBlockConfiguration(AwsError):
    message = "The public access block configuration was not found"
    status = 404


class OwnershipControlsNotFoundError(AwsError):
    message = "The bucket ownership controls were not found"
    status = 404


class NoSuchTagSet(AwsError):
    message = "The TagSet does not exist"
    status = 404


class NoSuchWebsiteConfiguration(AwsError):
    message = "The specified bucket does not have a website configuration"
    status = 404


class ServerSideEncryptionConfigurationNotFoundError(AwsError):
    message = "The server side encryption configuration was not found"
    status = 404


class BadRequest(AwsError):
    pass
