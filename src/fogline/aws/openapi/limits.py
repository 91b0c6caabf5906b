"""What one document may hold."""

DOCUMENT_BYTES_MAX = 6 * 1024 * 1024
"""AWS's quota for a definition that is imported."""
NODES_MAX = 500_000
"""Values in a document, those that aliases repeat counted each time."""
DEPTH_MAX = 100
MEDIA_TYPES_MAX = 100
"""Kinds of bodies that one method, or all of them, may say to take or give."""
REFERENCES_MAX = 16
"""How many references may lead from one to the next."""
