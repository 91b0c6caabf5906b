"""What clients can ask of CloudWatch, one file per resource."""
