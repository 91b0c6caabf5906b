"""What clients can ask of EventBridge Scheduler, one file per resource."""
