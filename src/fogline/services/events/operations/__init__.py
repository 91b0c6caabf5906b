"""What one can ask of EventBridge, one file per resource."""
