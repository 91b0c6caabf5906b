"""SNS: topics, and what becomes of what is published to them."""
