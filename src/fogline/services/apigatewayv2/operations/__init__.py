"""What clients can ask of HTTP and WebSocket APIs, one file per resource."""
