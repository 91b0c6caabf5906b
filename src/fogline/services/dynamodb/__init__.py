"""DynamoDB: tables of items, their expressions, and what they cost."""
