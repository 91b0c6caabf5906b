"""What IAM's CloudFormation types do to roles, users and groups alike: give them policies and tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from fogline.ports.resources import Context, Properties
from fogline.services.iam.errors import NoSuchEntity


def document_text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def listed(value: Any) -> list[Any]:
    """A list, which templates may leave out, or write as a single value."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


@dataclass(frozen=True, slots=True)
class Holder:
    """Roles, users and groups, as far as policies are concerned."""

    word: str

    def named(self, name: str) -> dict[str, str]:
        return {f"{self.word}Name": name}

    def put(self, context: Context, name: str, policy: str, document: Any) -> None:
        context.ask(
            "iam",
            f"Put{self.word}Policy",
            {**self.named(name), "PolicyName": policy, "PolicyDocument": document_text(document)},
        )

    def remove(self, context: Context, name: str, policy: str) -> None:
        context.ask("iam", f"Delete{self.word}Policy", {**self.named(name), "PolicyName": policy})

    def attach(self, context: Context, name: str, arn: str) -> None:
        context.ask("iam", f"Attach{self.word}Policy", {**self.named(name), "PolicyArn": arn})

    def detach(self, context: Context, name: str, arn: str) -> None:
        context.ask("iam", f"Detach{self.word}Policy", {**self.named(name), "PolicyArn": arn})

    def update_policies(
        self, context: Context, name: str, old: Properties, new: Properties
    ) -> None:
        """Give the entity the template's policies, and take those that it had of the one before."""
        before = {each["PolicyName"]: each for each in listed(old.get("Policies"))}
        after = {each["PolicyName"]: each for each in listed(new.get("Policies"))}
        for policy in before.keys() - after.keys():
            self.remove(context, name, policy)
        for policy, each in after.items():
            if before.get(policy) != each:
                self.put(context, name, policy, each["PolicyDocument"])
        had = listed(old.get("ManagedPolicyArns"))
        wanted = listed(new.get("ManagedPolicyArns"))
        for arn in had:
            if arn not in wanted:
                self.detach(context, name, arn)
        for arn in dict.fromkeys(wanted):
            if arn not in had:
                self.attach(context, name, arn)

    def empty(self, context: Context, name: str) -> None:
        """Remove all policies, also those that others gave the entity, as CloudFormation does."""
        named = self.named(name)
        inline = context.ask("iam", f"List{self.word}Policies", named)
        for policy in inline["PolicyNames"]:
            self.remove(context, name, policy)
        attached = context.ask("iam", f"ListAttached{self.word}Policies", named)
        for policy in attached["AttachedPolicies"]:
            self.detach(context, name, policy["PolicyArn"])


ROLE, USER, GROUP = Holder("Role"), Holder("User"), Holder("Group")
HOLDERS = (("Roles", ROLE), ("Users", USER), ("Groups", GROUP))
NOTHING: Properties = {}


def update_tags(
    context: Context, holder: Holder, name: str, old: Properties, new: Properties
) -> None:
    before, after = context.tags(old.get("Tags")), context.tags(new.get("Tags"))
    gone = [key for key in before if key not in after]
    if gone:
        context.ask("iam", f"Untag{holder.word}", {**holder.named(name), "TagKeys": gone})
    tags = [{"Key": key, "Value": value} for key, value in after.items()]
    context.ask("iam", f"Tag{holder.word}", {**holder.named(name), "Tags": tags})


def unless_gone(function: Callable[..., object], *arguments: Any) -> None:
    """Undo something that may have been undone already, with or without what it belonged to."""
    try:
        function(*arguments)
    except NoSuchEntity:
        return
