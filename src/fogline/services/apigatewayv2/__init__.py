"""HTTP and WebSocket APIs of API Gateway."""
