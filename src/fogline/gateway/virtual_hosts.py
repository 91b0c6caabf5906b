"""Buckets named by the host: `bucket.s3.localhost...`, `bucket.s3.us-east-1.amazonaws.com`."""

from __future__ import annotations

from functools import lru_cache

from fogline.gateway.guard import host_name

_DOMAINS = ("localhost", "localhost.localstack.cloud", "amazonaws.com", "amazonaws.com.cn")
_SEPARATORS = (".s3.", ".s3-")


@lru_cache(1_024)
def bucket_of_host(host: str) -> str:
    """The bucket that a Host header names; "" when it names none."""
    name = host_name(host)
    if not name.endswith(_DOMAINS):
        return ""
    for separator in _SEPARATORS:
        bucket, found, rest = name.rpartition(separator)
        # What stands between `s3` and the domain can only be a region, or `dualstack` and a region.
        if found and bucket and _is_endpoint(rest):
            return bucket
    return ""


def _is_endpoint(rest: str) -> bool:
    for domain in _DOMAINS:
        if rest == domain:
            return True
        if rest.endswith(f".{domain}"):
            return rest.removesuffix(f".{domain}").count(".") <= 1
    return False


def with_bucket(target: str, bucket: str) -> str:
    """A request's target as it would be if the bucket stood in its path."""
    return f"/{bucket}{target if target.startswith('/') else '/' + target}"
