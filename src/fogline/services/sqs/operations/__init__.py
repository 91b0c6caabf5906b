"""What clients can ask of SQS, one file per resource."""
