"""The CloudFormation types that API Gateway owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
"""

from __future__ import annotations

from fogline.ports.resources import ResourceType
from fogline.services.apigateway.resources_apis import APIS
from fogline.services.apigateway.resources_holdings import HOLDINGS
from fogline.services.apigateway.resources_parts import PARTS
from fogline.services.apigateway.resources_plans import PLANS
from fogline.services.apigateway.resources_private_domains import PRIVATE_DOMAINS
from fogline.services.apigateway.resources_stages import STAGES

RESOURCES: tuple[ResourceType, ...] = (*APIS, *PARTS, *STAGES, *PLANS, *HOLDINGS, *PRIVATE_DOMAINS)
