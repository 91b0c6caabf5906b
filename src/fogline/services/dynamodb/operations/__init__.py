"""What clients can ask of DynamoDB, one file per resource."""
