"""What services may ask of one another, as small protocols."""
