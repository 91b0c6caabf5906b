"""Labels: names for versions, each on one version of its parameter at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fogline.aws.call import Call
from fogline.services.ssm.errors import (
    ParameterNotFound,
    ParameterVersionLabelLimitExceeded,
    ParameterVersionNotFound,
)
from fogline.services.ssm.names import Asked, is_label, read_asked
from fogline.services.ssm.service import Ssm
from fogline.store.documents import Document
from fogline.store.store import Tx

if TYPE_CHECKING:
    from types_boto3_ssm.type_defs import (
        LabelParameterVersionRequestTypeDef,
        UnlabelParameterVersionRequestTypeDef,
    )

Result = Mapping[str, Any]


def label_parameter_version(
    ssm: Ssm, call: Call, request: LabelParameterVersionRequestTypeDef
) -> Result:
    asked = read_asked(call, request["Name"])
    labels = [label for label in request["Labels"] if is_label(label)]
    invalid = [label for label in request["Labels"] if not is_label(label)]
    with ssm.store.write() as tx:
        versions = _require_versions(ssm, tx, call, asked)
        number = request.get("ParameterVersion") or versions[-1]["version"]
        wanted = _require_version(versions, number, asked)
        merged = list(dict.fromkeys([*wanted["labels"], *labels]))
        if len(merged) > ssm.limits.labels_max:
            raise ParameterVersionLabelLimitExceeded(max=ssm.limits.labels_max)
        for version in versions:
            if version is wanted:
                left = merged
            else:
                left = [label for label in version["labels"] if label not in labels]
            _save(ssm, tx, call, asked, version, left, versions[-1])
    return {"InvalidLabels": invalid, "ParameterVersion": number}


def unlabel_parameter_version(
    ssm: Ssm, call: Call, request: UnlabelParameterVersionRequestTypeDef
) -> Result:
    asked = read_asked(call, request["Name"])
    labels = request["Labels"]
    with ssm.store.write() as tx:
        versions = _require_versions(ssm, tx, call, asked)
        wanted = _require_version(versions, request["ParameterVersion"], asked)
        left = [label for label in wanted["labels"] if label not in labels]
        _save(ssm, tx, call, asked, wanted, left, versions[-1])
    return {
        "RemovedLabels": [label for label in labels if label in wanted["labels"]],
        "InvalidLabels": [label for label in labels if label not in wanted["labels"]],
    }


def _require_versions(ssm: Ssm, tx: Tx, call: Call, asked: Asked) -> Sequence[Document]:
    tx.lock(f"ssm:{call.account}:{call.region}:{asked.key}")
    versions = ssm.tables.versions(tx, (call.account, call.region), asked.key)
    if not versions:
        raise ParameterNotFound(f"Parameter {asked.shown} not found.")
    return versions


def _require_version(versions: Sequence[Document], number: int, asked: Asked) -> Document:
    for version in versions:
        if version["version"] == number:
            return version
    raise ParameterVersionNotFound(wanted=f"version {number}", name=asked.shown)


def _save(
    ssm: Ssm,
    tx: Tx,
    call: Call,
    asked: Asked,
    version: Document,
    labels: list[str],
    present: Document,
) -> None:
    if labels == version["labels"]:
        return
    place = (call.account, call.region)
    labelled = {**version, "labels": labels}
    ssm.tables.save_version(tx, place, asked.key, labelled)
    if version is present:
        tags = (ssm.tables.find(tx, place, asked.key) or {}).get("tags")
        ssm.tables.save_present(tx, place, asked.key, {**labelled, "tags": tags})
