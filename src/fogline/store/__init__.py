"""The durable transactional store, on SQLite or PostgreSQL, and the files of large bodies."""
