"""Bytes to operation and back: knows AWS's protocols, knows no service."""
