"""The CloudFormation types Step Functions owns."""
