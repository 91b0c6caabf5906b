"""What tests stand on: the in-process platform, the manual clock, the pytest plugin."""
