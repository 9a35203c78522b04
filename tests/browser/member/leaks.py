"""Where a secret could stand that must not leave a page: all that it sends, hears and stores."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable

from playwright.sync_api import Page, Request, Response, WebSocket

STORAGE = """
async () => {
  const found = { local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie, databases: {}, caches: [] };
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    for (const store of database.objectStoreNames) {
      found.databases[`${name}/${store}`] = await new Promise((resolve, reject) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => resolve(JSON.stringify(request.result));
        request.onerror = () => reject(request.error);
      });
    }
  }
  found.caches = await caches.keys();
  found.page = document.documentElement.outerHTML;
  found.values = [...document.querySelectorAll("input, textarea")].map((field) => field.value);
  return JSON.stringify(found);
}
"""


class Tap:
    """Everything that leaves or reaches a page."""

    def __init__(self, page: Page) -> None:
        self.heard: list[tuple[str, bytes]] = []
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("websocket", self._socket)
        page.on("console", lambda message: self.heard.append(("console", message.text.encode())))

    def _request(self, request: Request) -> None:
        headers = json.dumps(request.headers).encode()
        self.heard.append(
            (f"{request.method} {request.url}", request.url.encode() + headers + (request.post_data_buffer or b""))
        )

    def _response(self, response: Response) -> None:
        self.heard.append((f"headers of {response.url}", json.dumps(response.headers).encode()))

    def _socket(self, socket: WebSocket) -> None:
        self.heard.append((f"websocket {socket.url}", socket.url.encode()))


def leaks(where: Iterable[tuple[str, bytes]], needles: set[bytes]) -> list[str]:
    """In which of the named places a needle stands."""
    return [name for name, data in where for needle in needles if needle in data]


def spellings(passphrase: str) -> set[bytes]:
    """A passphrase as it could be written down."""
    quoted = json.dumps(passphrase)[1:-1]
    parts = [passphrase, quoted, quoted.replace(" ", "+")]
    percent = "".join(
        f"%{byte:02X}" if not chr(byte).isalnum() or byte > 127 else chr(byte) for byte in passphrase.encode()
    )
    return {*(part.encode() for part in parts), percent.encode(), percent.replace("%20", "+").encode()} | forms_of(
        passphrase.encode()
    )


def forms_of(secret: bytes) -> set[bytes]:
    """A secret as it could be written down: as it is, in hex, and in base64 of every kind and at every place within three bytes."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for before in range(3):
        text = base64.b64encode(b"\0" * before + secret)
        inner = text[(0, 2, 3)[before] : len(text) - 4]
        found |= {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}
    found.add(", ".join(str(byte) for byte in secret).encode())
    found.add(",".join(str(byte) for byte in secret).encode())
    return found
