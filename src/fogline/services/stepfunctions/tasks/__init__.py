"""Tasks: how each kind of resource is asked to do its work, and how it answers."""
