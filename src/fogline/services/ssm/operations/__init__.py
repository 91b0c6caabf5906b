"""What clients can ask of Parameter Store, one file per resource."""
