"""Client certificates: by which a backend can tell that it is API Gateway that calls."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fogline.aws.call import Call
from fogline.aws.members import given
from fogline.services.apigateway.certificates import LIFE_MS, make_certificate
from fogline.services.apigateway.errors import BadRequestException, NotFoundException
from fogline.services.apigateway.holdings import (
    changed_held,
    check_room,
    lock_held,
    page_of_held,
    read_held,
    require_held,
)
from fogline.services.apigateway.lookup import Request, Result
from fogline.services.apigateway.patching import Patches, Path
from fogline.services.apigateway.service import ApiGateway
from fogline.services.apigateway.tag_rules import read_tags

_PATCHES = Patches((Path("/description"),))


def generate_client_certificate(gateway: ApiGateway, call: Call, request: Request) -> Result:
    made = make_certificate(int.from_bytes(gateway.ids.bytes(8), "big"), call.now)
    certificate = given(
        {
            "clientCertificateId": gateway.ids.lowers(6),
            "description": request.get("description"),
            "pemEncodedCertificate": made.certificate,
            "privateKey": made.private_key,
            "createdDate": call.now,
            "expirationDate": call.now + LIFE_MS,
            "tags": read_tags(request.get("tags"), call, gateway.limits) or None,
        }
    )
    documents = gateway.tables.client_certificates
    with gateway.store.write() as tx:
        tx.lock(f"apigateway-certificates:{call.account}:{call.region}")
        most = gateway.limits.client_certificates_max
        check_room(documents, tx, call, most, "client certificates")
        id = certificate["clientCertificateId"]
        documents.save(tx, call.account, call.region, id, certificate)
    return _shown(certificate)


def get_client_certificate(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents, id = gateway.tables.client_certificates, request["clientCertificateId"]
    return _shown(read_held(gateway, documents, call, id, _missing()))


def get_client_certificates(gateway: ApiGateway, call: Call, request: Request) -> Result:
    return page_of_held(gateway, gateway.tables.client_certificates, call, request, _shown)


def update_client_certificate(gateway: ApiGateway, call: Call, request: Request) -> Result:
    documents, id = gateway.tables.client_certificates, request["clientCertificateId"]
    with changed_held(gateway, documents, call, id, _missing()) as (_, certificate):
        _PATCHES.apply(certificate, request.get("patchOperations"))
    return _shown(certificate)


def delete_client_certificate(gateway: ApiGateway, call: Call, request: Request) -> Result:
    tables, id = gateway.tables, request["clientCertificateId"]
    with gateway.store.write() as tx:
        lock_held(tx, call, id)
        require_held(tables.client_certificates, tx, call, id, _missing())
        for _, stage in tables.stages.page(tx, call.account, call.region):
            if stage.get("clientCertificateId") == id:
                raise BadRequestException(
                    "Client certificate is used by a stage and can't be deleted"
                )
        tables.client_certificates.remove(tx, call.account, call.region, id)
    return {}


def _missing() -> NotFoundException:
    return NotFoundException(kind="Client Certificate")


def _shown(certificate: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in certificate.items() if name != "privateKey"}
