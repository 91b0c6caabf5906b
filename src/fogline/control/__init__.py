"""Fogline's own HTTP: what the command line, scripts and older wrappers ask of a running server."""
