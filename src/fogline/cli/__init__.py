"""The command line: one file per command, no rules of its own."""
