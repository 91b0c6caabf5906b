"""PartiQL: statements read into the same trees as expressions, and performed as the same operations."""
