"""What clients can ask of EventBridge Schemas, one file per resource."""
