"""Distributed Map: where items come from, how they are batched, and where results go."""
