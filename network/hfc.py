"""The one door to hfc (fabric-sdk-py 1.0.0): makes it importable on current libraries and mends its CA client.

hfc 1.0.0 is the only release there is. Five things stand between it and a current Python, each mended here and nowhere
else:

1. Its generated protobuf modules are refused by protobuf >= 4. The official `hyperledger-fabric-protos` generates the
   same messages from the same sources, so each `hfc.protos.*_pb2` name is bound to its official twin before hfc is
   imported. (Loading both would also fail: two files of one name in one descriptor pool.)
2. It imports `aiogrpc`, whose last release asks for interfaces that grpcio has dropped. grpcio's own `grpc.aio` has
   the same calls (`secure_channel`, `insecure_channel`, awaitable stubs).
3. Key generation passes the curve *class* where `cryptography` wants an instance.
4. fabric-ca >= 1.5 refuses the authorization tokens that hfc signs (`Authentication failure`): the signature must be
   over METHOD.base64(path and query).base64(body).base64(certificate); hfc signs only the last two. The place where hfc
   knows method, path and body at once is where it sends, so the token is made there; so is the name of the authority
   asked, which hfc leaves out where it registers and enrols again. Its date check of `generateCRL` catches its own
   error and turns dates into a form that fabric-ca does not read; it is replaced whole.
5. It imports `sha256` from `_sha256`, a part of Python's own that 3.12 has renamed; `hashlib` has the same function.

Use: `from network.hfc import hfc_client, ca_service`. A contract of import-linter keeps hfc itself out of all other
modules.
"""

from __future__ import annotations

import base64
import hashlib
import importlib
import json
import logging
import pkgutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import grpc
import grpc.aio
import requests
from cryptography.hazmat.primitives.asymmetric import ec

REQUEST_TIMEOUT_SECONDS = 30


@cache
def prepare() -> None:
    """Binds the names that hfc imports, imports it, mends its CA client. Safe to call again; needs no network."""
    _bind_protos()
    sys.modules.setdefault("aiogrpc", _asynchronous_grpc())
    if sys.version_info >= (3, 12):
        sys.modules.setdefault("_sha256", hashlib)
    # hfc is imported in functions, as it can be only after the above.
    from hfc.fabric_ca import caservice
    from hfc.util.crypto import crypto

    crypto.Ecies.generate_private_key = _generate_private_key
    client = caservice.CAClient
    client.generateAuthToken = _remember_registrar
    client._send_ca_post = _sender("POST")
    client._send_ca_get = _sender("GET")
    client._send_ca_delete = _sender("DELETE")
    client._send_ca_update = _sender("PUT")
    caservice.Enrollment.generateCRL = _generate_crl
    _take_handlers_off()


@dataclass(frozen=True)
class Parts:
    """hfc's parts below its client, which keep nothing of a call: its classes and functions, named as there."""

    Channel: Any
    Orderer: Any
    Peer: Any
    TXProposalRequest: Any
    create_tx_context: Any
    create_user: Any
    utils: Any


def parts() -> Parts:
    """Gives hfc's parts below its client, for who keeps several calls in flight."""
    prepare()
    from hfc.fabric import orderer, peer, user
    from hfc.fabric.channel import channel
    from hfc.fabric.transaction import tx_context, tx_proposal_request
    from hfc.util import utils

    return Parts(
        Channel=channel.Channel,
        Orderer=orderer.Orderer,
        Peer=peer.Peer,
        TXProposalRequest=tx_proposal_request.TXProposalRequest,
        create_tx_context=tx_context.create_tx_context,
        create_user=user.create_user,
        utils=utils,
    )


def hfc_client(net_profile: str | None = None) -> Any:
    """Gives hfc's `Client`, for the connection profile in a file. It keeps state of the running call on itself: never
    share one between calls in flight. Users' keys stay in memory, where hfc would copy them into the profile's store of
    files. To be called inside the event loop that uses it when there is a profile: the peers' channels are made at
    once."""
    prepare()
    from hfc.fabric import Client

    client = Client()
    _take_handlers_off()
    client._state_store = _MemoryStore()
    if net_profile is not None:
        told = client.get_net_info
        client.get_net_info = lambda *key: None if "credentialStore" in key else told(*key)
        client.init_with_net_profile(net_profile)
    return client


def ca_service(url: str, tls_root: str, name: str = "") -> Any:
    """Gives hfc's `CAService` for the certificate authority `name` (the server's default one when left out) at `url`
    (https), verified with the PEM file `tls_root`."""
    prepare()
    from hfc.fabric_ca import caservice

    return caservice.ca_service(url, tls_root, ca_name=name)


def ca_status(url: str, tls_root: str) -> int:
    """Asks the certificate authority at `url` who it is; gives the HTTP status of its answer. Raises OSError or
    ValueError when there is none."""
    _, status = ca_service(url, tls_root)._ca_client._send_ca_get("cainfo", verify=tls_root)
    return int(status)


def enrollment(service: Any, private_key: Any, certificate: bytes) -> Any:
    """Gives hfc's `Enrollment` of an identity whose key and certificate (PEM) are kept already, for signing CA
    requests."""
    prepare()
    from hfc.fabric_ca import caservice

    return caservice.Enrollment(private_key, certificate, service=service)


def _bind_protos() -> None:
    official = importlib.import_module("fabric_protos")
    for found in pkgutil.walk_packages(official.__path__, "fabric_protos."):
        name = found.name.rpartition(".")[2]
        if not found.ispkg and name.endswith(("_pb2", "_pb2_grpc")):
            twin = "hfc.protos." + found.name.removeprefix("fabric_protos.")
            sys.modules.setdefault(twin, importlib.import_module(found.name))


def _asynchronous_grpc() -> ModuleType:
    """Gives what hfc takes from `aiogrpc`: grpc.aio, and the credentials, which grpcio keeps one room higher."""
    module = ModuleType("aiogrpc", "grpc.aio in the place of aiogrpc")
    module.__dict__.update({name: getattr(grpc.aio, name) for name in grpc.aio.__all__})
    module.__dict__["ssl_channel_credentials"] = grpc.ssl_channel_credentials
    return module


def _generate_private_key(self: Any) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(self.curve())


class _MemoryStore:
    """hfc's key-value store, in memory."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def set_value(self, key: str, value: str) -> bool:
        self._values[key] = value
        return True

    def get_value(self, key: str) -> str | None:
        return self._values.get(key)


def _take_handlers_off() -> None:
    """Takes from hfc's loggers the handlers that it gives them, which print to standard error whatever the program
    says."""
    for name in list(logging.root.manager.loggerDict):
        if name.startswith("hfc"):
            logger = logging.getLogger(name)
            logger.handlers.clear()
            logger.setLevel(logging.NOTSET)


class _Registrar:
    """Stands where hfc would put the token: who signs, until method, path and body are known together."""

    def __init__(self, registrar: Any) -> None:
        self.registrar = registrar


def _remember_registrar(self: Any, req: Any, registrar: Any) -> _Registrar:
    return _Registrar(registrar)


def _sender(method: str) -> Any:
    def send(self: Any, path: str, **param: Any) -> tuple[Any, int]:
        headers = dict(param.pop("headers", {}))
        body = b""
        if "json" in param:
            named = {"caname": self._ca_name} if self._ca_name else {}
            body = json.dumps({**named, **param.pop("json")}, ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        request = requests.Request(
            method, self._base_url + path, data=body, params=param.pop("params", None), auth=param.pop("auth", None)
        ).prepare()
        url = urlsplit(str(request.url))
        signer = headers.get("Authorization")
        if isinstance(signer, _Registrar):
            target = url.path + (f"?{url.query}" if url.query else "")
            headers["Authorization"] = _token(self._cryptoPrimitives, signer.registrar, method, target, body)
        request.headers.update(headers)
        with requests.Session() as session:
            # A CA is asked directly, whatever proxy the environment names.
            session.trust_env = False
            answer = session.send(request, verify=param.pop("verify"), timeout=REQUEST_TIMEOUT_SECONDS)
        return answer.json(), answer.status_code

    return send


def _token(crypto: Any, registrar: Any, method: str, target: str, body: bytes) -> str:
    certificate = base64.b64encode(registrar.cert).decode()
    parts = (method, base64.b64encode(target.encode()).decode(), base64.b64encode(body).decode(), certificate)
    signature = crypto.sign(registrar.private_key, ".".join(parts).encode())
    return f"{certificate}.{base64.b64encode(signature).decode()}"


def _generate_crl(
    self: Any,
    revokedBefore: datetime | None = None,
    revokedAfter: datetime | None = None,
    expireBefore: datetime | None = None,
    expireAfter: datetime | None = None,
) -> str:
    """Generates a CRL as hfc's own does, with dates that fabric-ca reads. Raises ValueError for a date without a time
    zone or an empty span."""
    for after, before, what in ((revokedAfter, revokedBefore, "revoked"), (expireAfter, expireBefore, "expire")):
        if after and before and after > before:
            raise ValueError(f"{what}After cannot be later than {what}Before")
    spans = (_rfc3339(revokedBefore), _rfc3339(revokedAfter), _rfc3339(expireBefore), _rfc3339(expireAfter))
    return str(self._service.generateCRL(*spans, self))


def _rfc3339(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a date for a CRL needs a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
