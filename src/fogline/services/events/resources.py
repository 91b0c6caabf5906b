"""The CloudFormation types that EventBridge owns."""

from __future__ import annotations

from fogline.ports.resources import ResourceType

RESOURCES: tuple[ResourceType, ...] = ()
