"""Signature Version 4: who signed a request, and whether they did.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""
