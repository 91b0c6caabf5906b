"""Running HTTP APIs: from a request to the answer of a route's integration."""
