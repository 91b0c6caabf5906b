"""What APIs of every kind share while they answer: addresses, domains, callers, limits, functions and logs."""
