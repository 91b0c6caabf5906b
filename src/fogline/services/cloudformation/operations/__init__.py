"""What clients can ask of CloudFormation, one file per resource."""
