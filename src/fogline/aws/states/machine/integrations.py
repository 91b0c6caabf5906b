"""Which services AWS has tuned for workflows, with their actions and the patterns each allows.

Source: the developer guide, "Integrating optimized services" (the table of patterns) and the page of each service.
"""

from __future__ import annotations

from collections.abc import Mapping

from fogline.aws.states.machine.resources import Kind, Pattern, Resource

_ASK = frozenset({Pattern.REQUEST_RESPONSE})
_JOB = _ASK | {Pattern.SYNC}
_TOKEN = _ASK | {Pattern.WAIT_FOR_TASK_TOKEN}
_ANY = _JOB | _TOKEN

OPTIMIZED: Mapping[str, Mapping[str, frozenset[Pattern]]] = {
    "apigateway": {"invoke": _TOKEN},
    "athena": {
        "startQueryExecution": _JOB,
        "stopQueryExecution": _ASK,
        "getQueryExecution": _ASK,
        "getQueryResults": _ASK,
    },
    "batch": {"submitJob": _JOB},
    "bedrock": {
        "invokeModel": _TOKEN,
        "createModelCustomizationJob": _JOB,
    },
    "bedrockagentcore": {"invokeHarness": _TOKEN},
    "codebuild": {
        "startBuild": _JOB,
        "stopBuild": _ASK,
        "batchDeleteBuilds": _ASK,
        "batchGetReports": _ASK,
        "startBuildBatch": _JOB,
        "stopBuildBatch": _ASK,
        "retryBuildBatch": _JOB,
        "deleteBuildBatch": _ASK,
    },
    "databrew": {"startJobRun": _JOB},
    "dynamodb": {"getItem": _ASK, "putItem": _ASK, "deleteItem": _ASK, "updateItem": _ASK},
    "ecs": {"runTask": _ANY},
    "eks": {
        "createCluster": _JOB,
        "deleteCluster": _JOB,
        "createFargateProfile": _JOB,
        "deleteFargateProfile": _JOB,
        "createNodegroup": _JOB,
        "deleteNodegroup": _JOB,
        "runJob": _ANY,
        "call": _ASK,
    },
    "elasticmapreduce": {
        "createCluster": _JOB,
        "setClusterTerminationProtection": _ASK,
        "terminateCluster": _JOB,
        "addStep": _JOB,
        "cancelStep": _ASK,
        "modifyInstanceFleetByName": _ASK,
        "modifyInstanceGroupByName": _ASK,
    },
    "emr-containers": {
        "createVirtualCluster": _ASK,
        "deleteVirtualCluster": _JOB,
        "startJobRun": _JOB,
    },
    "emr-serverless": {
        "createApplication": _JOB,
        "startApplication": _JOB,
        "stopApplication": _JOB,
        "deleteApplication": _JOB,
        "startJobRun": _JOB,
        "cancelJobRun": _JOB,
    },
    "events": {"putEvents": _TOKEN},
    "glue": {"startJobRun": _JOB},
    "http": {"invoke": _ASK},
    "lambda": {"invoke": _TOKEN},
    "mediaconvert": {"createJob": _JOB},
    "sagemaker": {
        "createEndpoint": _ASK,
        "createEndpointConfig": _ASK,
        "createHyperParameterTuningJob": _JOB,
        "createLabelingJob": _JOB,
        "createModel": _ASK,
        "createProcessingJob": _JOB,
        "createTrainingJob": _JOB,
        "createTransformJob": _JOB,
        "updateEndpoint": _ASK,
    },
    "sns": {"publish": _TOKEN},
    "sqs": {"sendMessage": _TOKEN},
    "states": {"startExecution": _ANY | {Pattern.SYNC_2}},
}

READERS = frozenset({"getObject", "listObjectsV2"})
"""What an ItemReader may ask of `s3` ("ItemReader (Map)")."""
WRITERS = frozenset({"putObject"})
"""What a ResultWriter may ask of `s3` ("ResultWriter (Map)")."""


def is_offered(resource: Resource) -> bool:
    """Whether AWS has such a task: a tuned action in a pattern it allows, or any of the SDK without `.sync`.

    Which SDK services and actions exist is known by whoever calls them; the name alone is not refused here.
    """
    if resource.kind is Kind.OPTIMIZED:
        return resource.pattern in OPTIMIZED.get(resource.service, {}).get(resource.action, ())
    if resource.kind is Kind.SDK:
        return resource.pattern in _TOKEN
    return True


def is_reader(resource: Resource) -> bool:
    return _is_object_action(resource, READERS)


def is_writer(resource: Resource) -> bool:
    return _is_object_action(resource, WRITERS)


def _is_object_action(resource: Resource, actions: frozenset[str]) -> bool:
    if resource.kind is not Kind.OPTIMIZED or resource.pattern.waits:
        return False
    return resource.service == "s3" and resource.action in actions
