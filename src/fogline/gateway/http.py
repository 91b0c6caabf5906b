"""An HTTP request that has arrived whole, and an answer about to leave."""

from fogline.ports.http import HttpRequest, HttpResponse

__all__ = ["HttpRequest", "HttpResponse"]
