"""Requests as no client of AWS makes them: over plain sockets and HTTP."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import socket
from typing import Any
from urllib.parse import urlsplit

from harness import REGION, URL

HOST, PORT = urlsplit(URL).hostname or "", urlsplit(URL).port or 0
JSON10 = {"Content-Type": "application/x-amz-json-1.0"}


def connect(timeout: float = 10) -> socket.socket:
    return socket.create_connection((HOST, PORT), timeout=timeout)


def credential(service: str, region: str = REGION) -> dict[str, str]:
    """The header by which a request says which service it means; what it is signed with matters to nobody."""
    scope = f"AKIATEST/20260101/{region}/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00"}


def http_request(
    method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers with lower-case names, and body of an answer."""
    connection = http.client.HTTPConnection(HOST, PORT, timeout=30)
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def target(operation: str, body: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """A request to Step Functions; a body that is no bytes is sent as JSON."""
    given = body if isinstance(body, bytes) else json.dumps(body).encode()
    return http_request("POST", "/", given, {**JSON10, "X-Amz-Target": f"AWSStepFunctions.{operation}", **headers})


def until_closed(connection: socket.socket) -> bytes:
    """What the server sends before it closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def proc(name: str) -> pathlib.Path:
    """Something of the server's in /proc."""
    return pathlib.Path("/proc") / os.environ["WF_HOST_PID"] / name


def memory() -> int:
    """The resident memory of the server, in KiB."""
    lines = proc("status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


def descriptors() -> int:
    """How many files and sockets the server has open."""
    return len(list(proc("fd").iterdir()))


class Client:
    """A connection that is kept, for one request after the other at little cost."""

    def __init__(self, timeout: float = 60) -> None:
        self.connection = connect(timeout)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def call(self, operation: str, body: Any) -> tuple[int, Any]:
        """An operation of Step Functions: the status and the answer."""
        status, answer = self.send("POST", "/", json.dumps(body).encode(), {
            **JSON10, "X-Amz-Target": f"AWSStepFunctions.{operation}",
        })
        return status, json.loads(answer)

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}:{PORT}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return self.answer()

    def answer(self) -> tuple[int, bytes]:
        head, self.rest = self._until(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1])
        if status == 204:
            return status, b""
        length = next(
            int(line.partition(b":")[2]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")
        )
        while len(self.rest) < length:
            self._more()
        body, self.rest = self.rest[:length], self.rest[length:]
        return status, body

    def _until(self, mark: bytes) -> tuple[bytes, bytes]:
        while mark not in self.rest:
            self._more()
        head, _, rest = self.rest.partition(mark)
        return head, rest

    def _more(self) -> None:
        part = self.connection.recv(65536)
        if not part:
            raise ConnectionError("the server closed the connection")
        self.rest += part
