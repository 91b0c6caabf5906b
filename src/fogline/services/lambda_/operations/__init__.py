"""What clients can ask of Lambda, one file per resource."""
