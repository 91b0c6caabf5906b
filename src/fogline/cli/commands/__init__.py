"""The commands, one file each; `command` is what `main.py` loads."""
