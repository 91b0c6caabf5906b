"""Policies of IAM's language: read, and asked what they say of a request. Pure: values in, values out."""
