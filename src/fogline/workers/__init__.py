"""Processes that run users' code: interpreters, pools, sandboxes."""
