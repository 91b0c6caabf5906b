"""What one can ask of SNS, one file per resource."""
