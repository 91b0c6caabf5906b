"""The CloudFormation types that IAM owns.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
"""

from __future__ import annotations

from fogline.ports.resources import ResourceType
from fogline.services.iam.resources_policies import POLICIES
from fogline.services.iam.resources_roles import ROLES
from fogline.services.iam.resources_users import USERS

RESOURCES: tuple[ResourceType, ...] = (
    *ROLES,
    *POLICIES,
    *USERS,
)
