"""EventBridge Schemas: registries of event schemas, discovered, written, enforced and turned into code."""
