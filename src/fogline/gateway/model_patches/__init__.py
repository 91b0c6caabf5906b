"""What the published service models leave out, service by service."""
