"""S3's operations, by the resource they act on."""
