"""Fogline: serverless, event-driven AWS applications, run for real on your own machines."""

__version__ = "0.1.0"
