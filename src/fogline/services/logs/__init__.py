"""CloudWatch Logs: groups, streams, events, and the patterns that find them."""
