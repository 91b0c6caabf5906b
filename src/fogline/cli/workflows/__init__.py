"""What the commands of `fogline workflow` share: finding machines and executions, reading histories, showing both."""
