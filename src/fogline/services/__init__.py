"""One folder per AWS service, named as boto3 names its client."""
