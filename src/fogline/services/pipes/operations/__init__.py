"""What clients can ask of EventBridge Pipes, one file per resource."""
