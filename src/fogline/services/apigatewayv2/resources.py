"""The CloudFormation types that HTTP and WebSocket APIs own.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGatewayV2.html
"""

from __future__ import annotations

from fogline.ports.resources import ResourceType
from fogline.services.apigatewayv2.resources_apis import APIS
from fogline.services.apigatewayv2.resources_domains import DOMAINS
from fogline.services.apigatewayv2.resources_overrides import OVERRIDES
from fogline.services.apigatewayv2.resources_routes import ROUTES
from fogline.services.apigatewayv2.resources_rules import RULES
from fogline.services.apigatewayv2.resources_stages import STAGES

RESOURCES: tuple[ResourceType, ...] = (
    *APIS,
    *ROUTES,
    *STAGES,
    *DOMAINS,
    *OVERRIDES,
    *RULES,
)
