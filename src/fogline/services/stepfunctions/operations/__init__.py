"""What clients can ask of Step Functions, one file per resource."""
