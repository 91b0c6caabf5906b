"""The CloudFormation types that SNS owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SNS.html
"""

from __future__ import annotations

from fogline.ports.resources import ResourceType

RESOURCES: tuple[ResourceType, ...] = ()
