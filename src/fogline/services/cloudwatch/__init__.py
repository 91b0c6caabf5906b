"""CloudWatch: numbers about what runs here, and about what users count themselves."""
