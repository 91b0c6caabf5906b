"""IAM's operations, by the resource they act on."""
