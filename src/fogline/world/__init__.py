"""Time, identifiers and chance: the only code that asks the machine for them."""
