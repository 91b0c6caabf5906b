"""Systems Manager, as far as its Parameter Store."""
