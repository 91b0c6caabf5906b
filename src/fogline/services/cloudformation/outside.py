"""What templates fetch from outside: files in S3, parameters of Systems Manager, secrets, managed policies."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from fogline.aws.arn import find_arn
from fogline.aws.call import Call
from fogline.aws.errors import AwsError, NotImplementedByFogline
from fogline.ports.api import Api
from fogline.services.cloudformation.errors import ValidationError
from fogline.services.cloudformation.limits import LIMITS

_S3_HOST = re.compile(
    r"(?:(?P<bucket>.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.(?:amazonaws\.com(?:\.cn)?|localhost(?:\..+)?)\Z"
)
_NESTED_URL = re.compile(
    r"(?P<member>\b(?:TemplateURL|Location)\"?\s{0,9}:\s{0,9}[\"']?)(?P<url>http://[^\s\"',}]{1,2000})"
)


class Outside:
    """Asks other services on behalf of a caller."""

    def __init__(self, api: Api, call: Call) -> None:
        self._api = api
        self._call = call

    def parameter(self, name: str, *, decrypt: bool = False) -> str | None:
        """The value of an SSM parameter, None if there is none."""
        try:
            answer = self._api.call(
                "ssm", "GetParameter", {"Name": name, "WithDecryption": decrypt}, self._call
            )
        except NotImplementedByFogline as missing:
            raise ValidationError(missing.text) from None
        except AwsError:
            return None
        return str(answer["Parameter"]["Value"])

    def secret(self, secret_id: str, stage: str, version_id: str) -> str | None:
        """The text of a secret, None if there is none."""
        request = {"SecretId": secret_id}
        if stage:
            request["VersionStage"] = stage
        if version_id:
            request["VersionId"] = version_id
        try:
            answer = self._api.call("secretsmanager", "GetSecretValue", request, self._call)
        except NotImplementedByFogline as missing:
            raise ValidationError(missing.text) from None
        except AwsError:
            return None
        found = answer.get("SecretString")
        return None if found is None else str(found)

    def template(self, url: str) -> str:
        """The template behind a TemplateURL."""
        parts = urlsplit(url)
        if parts.scheme == "s3":
            raise ValidationError(
                f"S3 error: Domain name specified in {parts.netloc} is not a valid S3 domain"
            )
        if parts.scheme not in ("http", "https") or find_object(url) is None:
            raise ValidationError("TemplateURL must be a supported URL.")
        return self.fetch(url)

    def fetch(self, location: str) -> str:
        """The text of an object, by its `s3://` URI or URL."""
        found = find_object(location)
        if found is None:
            raise ValidationError(f"The location {location} is not in S3.")
        bucket, key, version = found
        request = {"Bucket": bucket, "Key": key}
        if version:
            request["VersionId"] = version
        try:
            body = self._api.call("s3", "GetObject", request, self._call)["Body"]
        except AwsError as refusal:
            if refusal.code == "NoSuchBucket":
                raise ValidationError(f"S3 bucket [{bucket}] does not exist.") from None
            raise ValidationError(f"S3 error: {refusal.text}") from None
        content = body if isinstance(body, bytes) else body.read(LIMITS.template_url_bytes_max + 1)
        try:
            return str(content, "utf-8")
        except UnicodeDecodeError:
            raise ValidationError(f"The object {location} is not text.") from None

    def may_assume(self, role_arn: str) -> bool:
        """Whether CloudFormation may act as a role: it is there, and its trust policy says so."""
        arn = find_arn(role_arn)
        if arn is None or arn.service != "iam" or not arn.resource.startswith("role/"):
            return False
        name = arn.resource.rpartition("/")[2]
        try:
            role = self._api.call("iam", "GetRole", {"RoleName": name}, self._call)["Role"]
        except AwsError:
            return False
        policy = json.loads(unquote(role["AssumeRolePolicyDocument"]))
        statements = policy.get("Statement") or []
        return any(
            statement.get("Effect") == "Allow" and _names_us(statement.get("Principal"))
            for statement in (statements if isinstance(statements, list) else [statements])
        )


def _names_us(principal: Any) -> bool:
    if not isinstance(principal, dict):
        return bool(principal == "*")
    services = principal.get("Service", [])
    return "cloudformation.amazonaws.com" in (
        services if isinstance(services, list) else [services]
    )


def with_public_urls(template: str, region: str) -> str:
    """A template's text, whose nested templates are at URLs of S3 and not of this server.

    SAM CLI writes the URL of the endpoint it uses into the templates that it deploys. Its `sam delete` reads
    them back and stumbles over every URL that does not begin like those of S3; on AWS, all of them do.
    """

    def respelled(match: re.Match[str]) -> str:
        found = find_object(match["url"])
        if found is None:
            return match[0]
        bucket, key, version = found
        query = f"?versionId={quote(version)}" if version else ""
        return f"{match['member']}https://s3.{region}.amazonaws.com/{bucket}/{quote(key)}{query}"

    return _NESTED_URL.sub(respelled, template)


def find_object(location: str) -> tuple[str, str, str] | None:
    """Bucket, key and version that a location names, in any of the forms of S3 and of this server."""
    parts = urlsplit(location)
    if parts.scheme == "s3":
        return (parts.netloc, unquote(parts.path.lstrip("/")), "")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    version = (parse_qs(parts.query).get("versionId") or [""])[0]
    path = unquote(parts.path.lstrip("/"))
    match = _S3_HOST.match(parts.hostname)
    if match is not None and match["bucket"]:
        return (match["bucket"], path, version) if path else None
    is_here = parts.hostname in ("localhost", "127.0.0.1", "::1") or parts.hostname.startswith(
        "localhost."
    )
    if match is None and not is_here and parts.port is None:
        return None
    bucket, _, key = path.partition("/")
    return (bucket, key, version) if bucket and key else None
