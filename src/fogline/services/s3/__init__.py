"""The Simple Storage Service: buckets and objects."""
