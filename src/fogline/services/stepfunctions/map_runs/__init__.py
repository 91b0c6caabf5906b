"""Map runs: how the children of a distributed Map are begun, watched, stopped and gathered."""
