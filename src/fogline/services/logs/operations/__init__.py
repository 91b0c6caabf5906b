"""What clients can ask of CloudWatch Logs, one file per resource."""
