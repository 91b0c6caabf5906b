"""OpenAPI 2.0 and 3.0 documents as API Gateway imports them: read into one description, bounded, without a service."""

from fogline.aws.openapi.api import Api, path_in_api, schema_with_urls
from fogline.aws.openapi.errors import InvalidDocument
from fogline.aws.openapi.reader import read_api

__all__ = ["Api", "InvalidDocument", "path_in_api", "read_api", "schema_with_urls"]
