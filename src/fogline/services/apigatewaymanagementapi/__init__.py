"""`@connections`: what a backend may do with the clients of a WebSocket API."""
