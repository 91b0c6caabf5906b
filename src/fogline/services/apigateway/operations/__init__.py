"""What clients can ask of API Gateway, one file per resource."""
