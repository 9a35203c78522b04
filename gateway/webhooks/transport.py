"""The way out for webhooks: each connection is made to the very address that was judged, so that a name which changes
its address in between (DNS rebinding) reaches nothing. TLS and the Host header keep the name. No proxies, no redirects,
bounded answers.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import httpcore
import httpx

from gateway.core.errors import GatewayError
from gateway.webhooks.addresses import AddressPolicy, Resolver, system_resolver

ANSWER_BYTES_MAX = 16_384
CONNECTIONS_MAX = 256
RESOLVING_MAX = 8
KEEP_ALIVE_SECONDS = 30.0
USER_AGENT = "Jifen-Webhooks/1"
RETRY_AFTER_DIGITS_MAX = 7


@dataclass(frozen=True)
class DeliveryOutcome:
    """How an attempt ended: the answer's status, or a code that says why there was none. `retry_after_seconds` as the
    answer asked."""

    status_code: int | None
    error: str | None
    duration_milliseconds: int
    retry_after_seconds: int = 0

    @property
    def delivered(self) -> bool:
        """Whether the receiver took it: any 2xx."""
        return self.status_code is not None and 200 <= self.status_code < 300

    @property
    def text(self) -> str:
        """The status, or the code."""
        return self.error or str(self.status_code)


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Opens connections to addresses that the policy allows, and to no others."""

    def __init__(self, policy: AddressPolicy, resolver: Resolver) -> None:
        self._policy = policy
        self._resolver = resolver
        self._network = httpcore.AnyIOBackend()
        # A name server that does not answer shall hold up webhooks only.
        self._threads = ThreadPoolExecutor(RESOLVING_MAX, thread_name_prefix="webhook-resolver")

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the protocol's own parameter
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Resolves the host once, judges every address, connects to the first that answers."""
        try:
            resolving = asyncio.get_running_loop().run_in_executor(self._threads, self._resolver, host, port)
            async with asyncio.timeout(timeout):
                found = await resolving
        except (OSError, UnicodeError) as error:
            raise Unresolved(host) from error
        problem: Exception = Unresolved(host)
        for address in self._policy.check_addresses(found):
            try:
                return await self._network.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the protocol's own parameter
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Never."""
        raise httpcore.ConnectError("no Unix sockets")

    async def sleep(self, seconds: float) -> None:
        """As the protocol says."""
        await self._network.sleep(seconds)

    def close(self) -> None:
        """Gives up what is still being resolved."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Unresolved(httpcore.ConnectError):
    """The host has no address."""


class _Body(httpx.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for part in self._stream:
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx over the guarded backend."""

    def __init__(self, policy: AddressPolicy, resolver: Resolver, tls: ssl.SSLContext) -> None:
        self._backend = GuardedBackend(policy, resolver)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=CONNECTIONS_MAX,
            keepalive_expiry=KEEP_ALIVE_SECONDS,
            network_backend=self._backend,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """As the protocol says."""
        url = request.url
        answer = await self._pool.handle_async_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                content=request.stream,
                extensions=request.extensions,
            )
        )
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer.stream), extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """As the protocol says."""
        await self._pool.aclose()
        self._backend.close()


class Sender:
    """Sends messages. To be used in one event loop, and closed."""

    def __init__(
        self,
        policy: AddressPolicy,
        *,
        timeout_seconds: float,
        resolver: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy = policy
        self._timeout_seconds = timeout_seconds
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(policy, resolver, tls or ssl.create_default_context()),
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=False,
        )

    async def send(self, url: str, headers: Mapping[str, str], body: bytes) -> DeliveryOutcome:
        """One attempt. Every way it can end is an outcome."""
        began = time.monotonic()
        status, error, wait = None, None, 0
        try:
            async with asyncio.timeout(self._timeout_seconds):
                self._policy.check_url(url)
                status, wait = await self._post(url, headers, body)
        except GatewayError:
            error = "ADDRESS_REFUSED"
        except (TimeoutError, httpcore.TimeoutException):
            error = "TIMEOUT"
        except Unresolved:
            error = "UNRESOLVED"
        except httpcore.ConnectError as problem:
            error = "TLS_FAILED" if _is_of_tls(problem) else "CONNECT_FAILED"
        except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError, OSError):
            error = "CONNECTION_BROKEN"
        return DeliveryOutcome(status, error, int((time.monotonic() - began) * 1000), wait)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, int]:
        """The status and what Retry-After asks for. At most ANSWER_BYTES_MAX of the answer are read, and none are
        kept."""
        own = {"content-type": "application/json", "user-agent": USER_AGENT, "accept-encoding": "identity"}
        async with self._client.stream("POST", url, headers={**own, **headers}, content=body) as answer:
            size = 0
            async for part in answer.aiter_raw():
                size += len(part)
                if size > ANSWER_BYTES_MAX:
                    break
            asked = answer.headers.get("retry-after", "")
            wait = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= RETRY_AFTER_DIGITS_MAX else 0
            return answer.status_code, wait

    async def close(self) -> None:
        """Closes all connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _is_of_tls(problem: BaseException | None) -> bool:
    """Whether an error came of an error of TLS."""
    while problem is not None and not isinstance(problem, ssl.SSLError):
        problem = problem.__cause__ or problem.__context__
    return problem is not None
