"""Amazon SQS: queues."""
