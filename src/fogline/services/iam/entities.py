"""What roles, users and groups share: paths, tags, inline and attached policies, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from fogline.aws.call import Call
from fogline.aws.pages import next_token, page_start
from fogline.services.iam.errors import InvalidInput, LimitExceeded, NoSuchEntity, ValidationError
from fogline.services.iam.policy_documents import check_policy
from fogline.services.iam.service import Iam
from fogline.services.iam.tables import Entities
from fogline.store.documents import Document
from fogline.store.store import Tx

T = TypeVar("T")
Request = Mapping[str, Any]
Result = Mapping[str, Any]
Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entity that carries policies, and how requests name it."""

    word: str
    """As messages say it: `role`."""
    member: str
    """The member that names one: `RoleName`."""
    entities: Callable[[Iam], Entities]
    inline_characters_max: Callable[[Iam], int]

    def require(self, iam: Iam, tx: Tx, call: Call, request: Request) -> Document:
        """The entity that the request names."""
        name = request[self.member]
        found = self.entities(iam).find(tx, call.account, name)
        if found is None:
            raise NoSuchEntity(kind=self.word, name=name)
        return found

    def change(
        self, iam: Iam, call: Call, request: Request, change: Callable[[Tx, Document], Document]
    ) -> Result:
        """Replace the entity by what `change` makes of it."""
        with iam.store.write() as tx:
            tx.lock(f"iam:{call.account}")
            entity = self.require(iam, tx, call, request)
            self.entities(iam).save(tx, call.account, change(tx, entity))
        return {}

    # ---- inline policies

    def put_policy(self, iam: Iam, call: Call, request: Request) -> Result:
        text = request["PolicyDocument"]

        def put(tx: Tx, entity: Document) -> Document:
            check_policy(text, is_inline=True)
            inline = {**entity["inline"], request["PolicyName"]: text}
            longest = self.inline_characters_max(iam)
            size = sum(len("".join(each.split())) for each in inline.values())
            if size > longest:
                raise LimitExceeded(
                    f"Maximum policy size of {longest} bytes exceeded for {self.word} {entity['name']}"
                )
            return {**entity, "inline": inline}

        return self.change(iam, call, request, put)

    def get_policy(self, iam: Iam, call: Call, request: Request) -> Result:
        with iam.store.read() as tx:
            entity = self.require(iam, tx, call, request)
        return {
            self.member: entity["name"],
            "PolicyName": request["PolicyName"],
            "PolicyDocument": encoded(self._require_inline(entity, request["PolicyName"])),
        }

    def delete_policy(self, iam: Iam, call: Call, request: Request) -> Result:
        def remove(tx: Tx, entity: Document) -> Document:
            self._require_inline(entity, request["PolicyName"])
            return {**entity, "inline": without(entity["inline"], request["PolicyName"])}

        return self.change(iam, call, request, remove)

    def list_policies(self, iam: Iam, call: Call, request: Request) -> Result:
        with iam.store.read() as tx:
            entity = self.require(iam, tx, call, request)
        return page(iam, request, "PolicyNames", sorted(entity["inline"]), lambda name: name)

    def _require_inline(self, entity: Document, name: str) -> str:
        text = entity["inline"].get(name)
        if text is None:
            raise NoSuchEntity(kind=f"{self.word} policy", name=name)
        return str(text)

    # ---- attached policies

    def attach_policy(
        self, iam: Iam, call: Call, request: Request, name_of: Callable[[Tx, str], str | None]
    ) -> Result:
        arn = request["PolicyArn"]

        def attach(tx: Tx, entity: Document) -> Document:
            name = name_of(tx, arn)
            if name is None:
                raise NoSuchEntity(f"Policy {arn} does not exist or is not attachable.")
            attached = {**entity["attached"], arn: name}
            if len(attached) > iam.limits.attached_policies_max:
                raise LimitExceeded(
                    quota=f"PoliciesPer{self.word.capitalize()}",
                    max=iam.limits.attached_policies_max,
                )
            return {**entity, "attached": attached}

        return self.change(iam, call, request, attach)

    def detach_policy(self, iam: Iam, call: Call, request: Request) -> Result:
        arn = request["PolicyArn"]

        def detach(tx: Tx, entity: Document) -> Document:
            if arn not in entity["attached"]:
                raise NoSuchEntity(f"Policy {arn} was not found.")
            return {**entity, "attached": without(entity["attached"], arn)}

        return self.change(iam, call, request, detach)

    def list_attached(self, iam: Iam, call: Call, request: Request) -> Result:
        with iam.store.read() as tx:
            entity = self.require(iam, tx, call, request)
        prefix = request.get("PathPrefix") or "/"
        found = [
            {"PolicyName": name, "PolicyArn": arn}
            for arn, name in entity["attached"].items()
            if path_of(arn).startswith(prefix)
        ]
        return page(iam, request, "AttachedPolicies", found, lambda each: each["PolicyArn"])

    # ---- the boundary

    def put_boundary(
        self, iam: Iam, call: Call, request: Request, check: Callable[[Tx, str], object]
    ) -> Result:
        """`check` refuses a policy that is not there."""
        arn = request["PermissionsBoundary"]

        def put(tx: Tx, entity: Document) -> Document:
            check(tx, arn)
            return {**entity, "boundary": arn}

        return self.change(iam, call, request, put)

    def delete_boundary(self, iam: Iam, call: Call, request: Request) -> Result:
        def delete(tx: Tx, entity: Document) -> Document:
            if entity["boundary"] is None:
                who = f"{self.word.capitalize()} {entity['name']}"
                raise NoSuchEntity(f"{who} does not have a permissions boundary.")
            return {**entity, "boundary": None}

        return self.change(iam, call, request, delete)

    # ---- tags

    def tag(self, iam: Iam, call: Call, request: Request) -> Result:
        given = checked_tags(iam, call, request["Tags"])

        def tag(tx: Tx, entity: Document) -> Document:
            return {**entity, "tags": merged_tags(iam, entity["tags"], given)}

        return self.change(iam, call, request, tag)

    def untag(self, iam: Iam, call: Call, request: Request) -> Result:
        gone = {key.lower() for key in request["TagKeys"]}

        def untag(tx: Tx, entity: Document) -> Document:
            kept = {key: each for key, each in entity["tags"].items() if key.lower() not in gone}
            return {**entity, "tags": kept}

        return self.change(iam, call, request, untag)

    def list_tags(self, iam: Iam, call: Call, request: Request) -> Result:
        with iam.store.read() as tx:
            entity = self.require(iam, tx, call, request)
        return page(iam, request, "Tags", tag_list(entity["tags"]), lambda tag: tag["Key"])


# ---- parts


def encoded(document: str) -> str:
    """A policy document as IAM answers it: percent-encoded."""
    return quote(document, safe="")


def without(mapping: Mapping[str, T], key: str) -> dict[str, T]:
    return {name: value for name, value in mapping.items() if name != key}


def path_of(arn: str) -> str:
    """The path in the ARN of a policy, role, user, ...: `/` or `/a/b/`."""
    _, _, rest = arn.split(":", 5)[5].partition("/")
    return f"/{rest.rpartition('/')[0]}/" if "/" in rest else "/"


def checked_path(path: str | None) -> str:
    """A path that begins and ends with a slash; `/` when none is given."""
    if path is None:
        return "/"
    if not (path.startswith("/") and path.endswith("/")) or "//" in path:
        raise ValidationError(
            "The specified value for path is invalid. It must begin and end with / and contain only"
            " alphanumeric characters and/or / characters."
        )
    return path


def checked_tags(
    iam: Iam,
    call: Call,
    tags: Sequence[Any] | None,
    *,
    are_keys_folded: bool = True,
) -> dict[str, str]:
    """Tags by their keys. Keys of most entities are compared without case, those of policies with it."""
    given = {tag["Key"]: tag["Value"] for tag in tags or ()}
    keys = {key.lower() if are_keys_folded else key for key in given}
    if len(keys) < len(tags or ()):
        raise InvalidInput(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
            if are_keys_folded
            else "Duplicate tag keys found."
        )
    if call.protocol and any(key.lower().startswith("aws:") for key in given):
        raise InvalidInput("Tag keys that start with 'aws:' are reserved for system use.")
    return given


def merged_tags(
    iam: Iam, tags: Tags, given: Tags, *, are_keys_folded: bool = True
) -> dict[str, str]:
    """Tags after `given` are set: each keeps its place, and takes the new spelling of its key."""
    kept = dict(tags)
    if are_keys_folded:
        spelled = {key.lower(): key for key in given}
        kept = {spelled.get(key.lower(), key): value for key, value in kept.items()}
    kept.update(given)
    own = sum(not key.startswith("aws:") for key in kept)
    if own > iam.limits.tags_max:
        raise LimitExceeded(
            f"The number of tags has reached the maximum limit: {iam.limits.tags_max}."
        )
    return kept


def tag_list(tags: Tags) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def under_path(entities: Iterable[Document], request: Request) -> list[Document]:
    """Those whose path begins as the request asks."""
    prefix = request.get("PathPrefix") or "/"
    return [entity for entity in entities if entity["path"].startswith(prefix)]


def page(
    iam: Iam, request: Request, member: str, items: Sequence[T], key_of: Callable[[T], str]
) -> dict[str, Any]:
    """One page of a list whose keys are unique: `Marker` names the last item of the page before."""
    after = page_start(request.get("Marker"))
    begin = 0
    if after:
        begin = next((at + 1 for at, item in enumerate(items) if key_of(item) == after), len(items))
    end = begin + (request.get("MaxItems") or iam.limits.page_items_default)
    result: dict[str, Any] = {member: items[begin:end], "IsTruncated": end < len(items)}
    if end < len(items):
        result["Marker"] = next_token(key_of(items[end - 1]))
    return result


ROLE = Kind(
    "role",
    "RoleName",
    lambda iam: iam.tables.roles,
    lambda iam: iam.limits.role_inline_characters_max,
)
USER = Kind(
    "user",
    "UserName",
    lambda iam: iam.tables.users,
    lambda iam: iam.limits.user_inline_characters_max,
)
GROUP = Kind(
    "group",
    "GroupName",
    lambda iam: iam.tables.groups,
    lambda iam: iam.limits.group_inline_characters_max,
)
