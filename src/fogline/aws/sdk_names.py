"""Services as the SDK for Java names them, in the ARNs of universal targets and of tasks: `sfn`, `cloudwatchlogs`."""

from __future__ import annotations

_NAMES = {
    "applicationautoscaling": "application-autoscaling",
    "cloudwatchevents": "events",
    "cloudwatchlogs": "logs",
    "cognitoidentity": "cognito-identity",
    "cognitoidentityprovider": "cognito-idp",
    "databasemigration": "dms",
    "elasticloadbalancing": "elb",
    "elasticloadbalancingv2": "elbv2",
    "eventbridge": "events",
    "iotdataplane": "iot-data",
    "rdsdata": "rds-data",
    "serverlessapplicationrepository": "serverlessrepo",
    "sfn": "stepfunctions",
}


def boto3_name(service: str) -> str:
    """What boto3 calls the service."""
    name = service.lower()
    return _NAMES.get(name, name)
