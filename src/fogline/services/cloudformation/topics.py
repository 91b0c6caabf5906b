"""What stirs in CloudFormation: work to carry on, an answer from a resource, a step done."""

from __future__ import annotations

WORK_TOPIC = "cloudformation-work"
RESOURCE_TOPIC = "stack-resource"
STEPPED_TOPIC = "cloudformation-stepped"
