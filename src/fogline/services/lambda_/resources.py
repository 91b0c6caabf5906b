"""The CloudFormation types that Lambda owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
"""

from __future__ import annotations

from fogline.ports.resources import ResourceType
from fogline.services.lambda_.resources_access import ACCESS
from fogline.services.lambda_.resources_events import EVENTS
from fogline.services.lambda_.resources_functions import FUNCTIONS
from fogline.services.lambda_.resources_layers import LAYERS
from fogline.services.lambda_.resources_versions import VERSIONS

RESOURCES: tuple[ResourceType, ...] = (
    *FUNCTIONS,
    *VERSIONS,
    *LAYERS,
    *ACCESS,
    *EVENTS,
)
