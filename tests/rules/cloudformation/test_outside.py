"""Where a location leads: bucket, key and version, in every form of S3 and of this server."""

import pytest

from fogline.services.cloudformation.outside import find_object, with_public_urls


@pytest.mark.parametrize(
    ("location", "found"),
    [
        ("s3://b/a/k.yaml", ("b", "a/k.yaml", "")),
        ("https://s3.amazonaws.com/b/a/k", ("b", "a/k", "")),
        ("https://s3.eu-west-1.amazonaws.com/b/k?versionId=v1", ("b", "k", "v1")),
        ("https://s3-eu-west-1.amazonaws.com/b/k", ("b", "k", "")),
        ("https://b.s3.amazonaws.com/k", ("b", "k", "")),
        ("https://my.b.s3.eu-west-1.amazonaws.com/k%20k", ("my.b", "k k", "")),
        ("http://localhost:4566/b/k", ("b", "k", "")),
        ("http://127.0.0.1:4566/b/k", ("b", "k", "")),
        ("http://b.s3.localhost:4566/k", ("b", "k", "")),
        ("http://b.s3.localhost.localstack.cloud:4566/k", ("b", "k", "")),
        ("http://fogline:4566/b/k", ("b", "k", "")),
        ("https://example.com/b/k", None),
        ("https://s3.amazonaws.com/b", None),
        ("ftp://s3.amazonaws.com/b/k", None),
        ("nothing", None),
    ],
)
def test_a_location_names_an_object(location: str, found: tuple[str, str, str] | None) -> None:
    assert find_object(location) == found


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "TemplateURL: http://localhost:4566/b/a%20k.template?versionId=v1",
            "TemplateURL: https://s3.eu-west-1.amazonaws.com/b/a%20k.template?versionId=v1",
        ),
        (
            '{"Location":"http://127.0.0.1:4566/b/k"}',
            '{"Location":"https://s3.eu-west-1.amazonaws.com/b/k"}',
        ),
        (
            "Location: 'http://b.s3.localhost:4566/k'",
            "Location: 'https://s3.eu-west-1.amazonaws.com/b/k'",
        ),
        ("Location: http://example.com/b/k", "Location: http://example.com/b/k"),
        ("Location: s3://b/k", "Location: s3://b/k"),
        ("Url: http://localhost:4566/b/k", "Url: http://localhost:4566/b/k"),
    ],
)
def test_urls_of_nested_templates_are_shown_as_those_of_s3(written: str, shown: str) -> None:
    assert with_public_urls(written, "eu-west-1") == shown
