"""How REST APIs answer requests: from an address to the snapshot of a deployment, its method, and its integration."""
