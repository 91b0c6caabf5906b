"""Running WebSocket APIs: connections, the messages that come over them, and what is sent back."""
