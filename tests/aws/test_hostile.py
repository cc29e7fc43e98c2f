"""What no client would send: the answer has AWS's shape, or the connection is closed, and the server stays as it was."""

import json
import random
import re
import socket
import struct
from typing import Any, Iterator

from harness import PASS, ROLE, ROOT, calls, ended, equal, machine, sfn, start, until
from raw import JSON10, Client, connect, credential, descriptors, memory, until_closed

MODELS = ROOT / "host/api/models"
TARGETS = {"stepfunctions": ("AWSStepFunctions", "1.0"), "logs": ("Logs_20140328", "1.1")}
# For each type values of other types, none of which could be read as one of it.
WRONG: dict[str, list[Any]] = {
    "structure": [7, "s", [1], True], "map": [7, "s", [1]], "list": [7, "s", {"a": 1}], "string": [{"a": 1}, [1]],
    "blob": [{"a": 1}, 7], "boolean": [{"a": 1}, [1]], "integer": ["x", {"a": 1}, [1]], "long": ["x", {"a": 1}],
    "float": ["x", [1]], "double": ["x", [1]], "timestamp": [{"a": 1}, [1]],
}


def model(service: str) -> dict[str, Any]:
    return json.loads((MODELS / f"{service}.json").read_text())


def wrong(shapes: dict[str, Any], name: str, depth: int = 0) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Values of a structure with one member of the wrong type: the member's path, the value, and its reference."""
    for member, reference in shapes[name].get("members", {}).items():
        reference = {"shape": reference} if isinstance(reference, str) else reference
        shape = shapes[reference["shape"]]
        for value in WRONG[shape["type"]]:
            yield member, {member: value}, reference
        if depth < 3 and "location" not in reference:
            for path, value in inner(shapes, shape, reference["shape"], depth):
                yield f"{member}.{path}", {member: value}, reference


def inner(shapes: dict[str, Any], shape: dict[str, Any], name: str, depth: int) -> Iterator[tuple[str, Any]]:
    if shape["type"] == "structure":
        for path, value, _ in wrong(shapes, name, depth + 1):
            yield path, value
    elif shape["type"] in ("list", "map"):
        part = shape["member"] if shape["type"] == "list" else shape["value"]
        part = part if isinstance(part, str) else part["shape"]
        within = [("0", value) for value in WRONG[shapes[part]["type"]]] + list(inner(shapes, shapes[part], part, depth + 1))
        for path, value in within:
            yield path, [value] if shape["type"] == "list" else {"k": value}


def refused(what: object, status: int, body: bytes, code: str | None = None) -> None:
    """An error as AWS's JSON services write it."""
    assert 400 <= status < 500, f"{what}: {status} {body[:300]!r}"
    answer = json.loads(body)
    found = answer.get("__type", "").rpartition("#")[2]
    assert found and (answer.get("message") or answer.get("Message")), f"{what}: {answer}"
    assert code in (None, found), f"{what}: {answer}"


def test_every_member_of_every_operation_refuses_a_wrong_type() -> None:
    asked = 0
    with Client() as client:
        for service, (target, version) in TARGETS.items():
            shapes = model(service)["shapes"]
            for operation, of in model(service)["operations"].items():
                headers = {"Content-Type": f"application/x-amz-json-{version}", "X-Amz-Target": f"{target}.{operation}"}
                for path, value, _ in wrong(shapes, of["input"]) if "input" in of else ():
                    status, body = client.send("POST", "/", json.dumps(value).encode(), headers)
                    refused(f"{operation} {path} {value}", status, body, "SerializationException")
                    asked += 1
    assert asked > 500, asked


def test_every_member_of_lambda_refuses_a_wrong_type() -> None:
    shapes, asked = model("lambda")["shapes"], 0
    with Client() as client:
        for operation, of in model("lambda")["operations"].items():
            method, uri, _ = of["http"]
            for path, value, reference in wrong(shapes, of["input"]):
                where = reference.get("location")
                typed = shapes[reference["shape"]]["type"] in ("integer", "boolean")
                if where in ("uri", "header") or "payload" in shapes[of["input"]] or (where == "querystring" and not typed):
                    continue  # Any text will do there.
                whole = re.sub(r"\{\w+\}", "x", uri) + (f"?{reference['locationName']}=x" if where else "")
                body = b"" if where else json.dumps(value).encode()
                status, answer = client.send(method, whole, body, {"Content-Type": "application/json", **credential("lambda")})
                assert 400 <= status < 500, f"{operation} {path} {value}: {status} {answer[:300]!r}"
                assert json.loads(answer), operation
                asked += 1
    assert asked > 100, asked


def test_every_number_and_switch_of_iam_refuses_a_word() -> None:
    shapes, asked = model("iam")["shapes"], 0
    with Client() as client:
        for operation, of in model("iam")["operations"].items():
            for path, _, reference in wrong(shapes, of["input"]):
                if "." in path or shapes[reference["shape"]]["type"] not in ("integer", "boolean"):
                    continue
                form = f"Action={operation}&Version=2010-05-08&{path}=word".encode()
                headers = {"Content-Type": "application/x-www-form-urlencoded", **credential("iam")}
                status, answer = client.send("POST", "/", form, headers)
                assert 400 <= status < 500 and b"<Code>" in answer, f"{operation} {path}: {status} {answer[:300]!r}"
                asked += 1
    assert asked > 10, asked


def test_bodies_that_are_no_json_object() -> None:
    bodies = [
        b"{", b"[]", b'"text"', b"7", b"null", b"true", b"\xff\xfe", b'{"a": "\xff"}', b"{}{}", b"{'a': 1}", b'{"a": 1,}',
        b"\0" * 100, b"[" * 100_000, b'{"a":' * 100_000, b'{"maxResults": NaN}', b'{"maxResults": 1e999}',
        b'{"maxResults": 99999999999999999999}', b'{"nextToken": "\\ud800"}', b"<xml/>",
    ]
    with Client() as client:
        for operation in ("ListStateMachines", "ListActivities", "StartExecution"):
            for body in bodies:
                headers = {**JSON10, "X-Amz-Target": f"AWSStepFunctions.{operation}"}
                status, answer = client.send("POST", "/", body, headers)
                refused(f"{operation} {body[:40]!r}", status, answer)
        for body in bodies:
            status, answer = client.send(
                "POST", "/2015-03-31/functions", body, {"Content-Type": "application/json", **credential("lambda")}
            )
            assert 400 <= status < 500 and json.loads(answer), (body[:40], status, answer[:200])


def test_forms_that_make_no_sense() -> None:
    forms = [
        b"", b"Action=", b"Version=2010-05-08", b"&&&===", b"Action=CreateRole&RoleName=%ff%zz", b"Action=CreateRole",
        b"Action=TagRole&RoleName=r&Tags.member.99999999.Key=k", b"Action=TagRole&RoleName=r&Tags.member.x.Key=k",
        b"Action=TagRole&RoleName=r&Tags.member.1.Key.a.b.c=k", b"Action=CreateRole&Tags=1", b"a" * 100_000,
        b"Action=ListRoles&MaxItems=-1", b"Action=ListRoles&Marker=forged", b"\xff\0" * 50,
    ]
    with Client() as client:
        for form in forms:
            headers = {"Content-Type": "application/x-www-form-urlencoded", **credential("iam")}
            status, answer = client.send("POST", "/", form, headers)
            assert 400 <= status < 500 and answer, (form[:60], status, answer[:200])


def test_mutated_requests_are_never_our_fault() -> None:
    chance = random.Random(7)
    whole = json.dumps({
        "name": "mutated", "definition": json.dumps(PASS), "roleArn": ROLE, "type": "EXPRESS", "publish": True,
        "tags": [{"key": "k", "value": "v"}], "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
    }).encode()
    with Client() as client:
        for _ in range(1500):
            body = bytearray(whole)
            for _ in range(chance.randint(1, 4)):
                place = chance.randrange(len(body))
                change = chance.randrange(3)
                if change == 0:
                    body[place] = chance.choice(b'{}[]",:\\09azZ\x00\x7f\xff')
                elif change == 1:
                    del body[place : place + chance.randint(1, 20)]
                else:
                    body[place:place] = body[place : place + chance.randint(1, 20)]
                if not body:
                    break
            operation = chance.choice(["CreateStateMachine", "UpdateStateMachine", "TestState", "ValidateStateMachineDefinition"])
            headers = {**JSON10, "X-Amz-Target": f"AWSStepFunctions.{operation}"}
            status, answer = client.send("POST", "/", bytes(body), headers)
            assert status < 500, (operation, bytes(body), status, answer)
            if status != 200:
                refused(operation, status, answer)


def exchange(request: bytes, half_close: bool = False, timeout: float = 10) -> bytes:
    """Sends bytes and reads until the server closes; or what came, if it keeps the connection open."""
    with connect(timeout) as connection:
        try:
            connection.sendall(request)
            if half_close:
                connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The server has closed already.
        return until_closed(connection)


def statuses(answer: bytes) -> list[int]:
    return [int(line.split(b" ")[1]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


HEAD = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"


def test_what_is_no_http_is_answered_or_dropped() -> None:
    chance = random.Random(3)
    requests = [
        b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET  HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bytes([22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3]) + bytes(193),
        HEAD + b"Content-Length: -1\r\n\r\n", HEAD + b"Content-Length: x\r\n\r\n",
        HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", HEAD + b"Bad Header: 1\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", HEAD + b"X: " + b"x" * 1_000_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        HEAD + b"".join(b"X-%d: 1\r\n" % number for number in range(5000)) + b"\r\n",
        b"POST / HTTP/1.1\r\nConnection: close\r\n\r\n",
    ] + [chance.randbytes(chance.randint(1, 2000)) for _ in range(40)]
    for request in requests:
        found = statuses(exchange(request, half_close=True))
        # 501: a request that is well so far names no service.
        assert all(400 <= status < 500 or status == 501 for status in found), (request[:80], found)


def test_bodies_that_are_too_large() -> None:
    announced = HEAD + b"Content-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\n"
    before = memory()
    found = statuses(exchange(announced + b"Content-Length: 99999999999\r\n\r\n{", half_close=True))
    assert all(400 <= status < 500 for status in found), found
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    with connect(30) as connection:
        try:
            connection.sendall(announced + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(300):
                connection.sendall(chunk)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # Refused before all of it was sent, as it should be.
        found = statuses(until_closed(connection))
        assert all(400 <= status < 500 for status in found), found
    assert memory() - before < 200 * 1024, memory() - before
    with Client() as client:
        text = json.dumps({"stateMachineArn": "a", "input": "x" * 3_000_000}).encode()
        headers = {**JSON10, "X-Amz-Target": "AWSStepFunctions.StartExecution"}
        status, answer = client.send("POST", "/", text, headers)
        refused("an input of 3 MB", status, answer)


def test_slow_clients_keep_nobody_waiting() -> None:
    slow = [connect() for _ in range(100)]
    try:
        for number, connection in enumerate(slow):
            connection.sendall((HEAD + b"Content-Length: 100\r\n\r\n{")[: 1 + number])
        for _ in range(5):
            for connection in slow:
                try:
                    connection.sendall(b"x")
                except OSError:
                    pass  # Dropped, which is right too.
            with Client(timeout=5) as client:
                equal(client.call("ListStateMachines", {})[0], 200)
    finally:
        for connection in slow:
            connection.close()


def test_half_closed_and_reset_connections() -> None:
    body = json.dumps({}).encode()
    whole = HEAD + b"X-Amz-Target: AWSStepFunctions.ListStateMachines\r\nContent-Type: application/x-amz-json-1.0\r\n"
    whole += b"Content-Length: %d\r\n\r\n" % len(body) + body
    for end in range(1, len(whole), 7):
        answer = exchange(whole[:end], half_close=True)
        assert all(400 <= status < 500 for status in statuses(answer)), (whole[:end], answer)
    found = statuses(exchange(whole, half_close=True))
    assert found in ([200], []), found
    for end in range(1, len(whole), 3):
        connection = connect()
        connection.sendall(whole[:end])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()


def test_many_requests_at_once_on_one_connection() -> None:
    body = b"{}"
    one = b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AWSStepFunctions.ListStateMachines\r\n"
    one += b"Content-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n" + body
    with Client() as client:
        client.connection.sendall(one * 200)
        for _ in range(200):
            equal(client.answer()[0], 200)


@calls("stepfunctions.StartExecution")
def test_afterwards_the_server_is_as_it_was() -> None:
    """The attacks again, all of them, and what they leave behind."""
    attacks = [
        test_bodies_that_are_no_json_object, test_what_is_no_http_is_answered_or_dropped, test_half_closed_and_reset_connections,
        test_slow_clients_keep_nobody_waiting, test_forms_that_make_no_sense,
    ]
    sfn().list_state_machines()
    for attack in attacks:
        attack()
    until(lambda: descriptors() < 60)
    memory_before, open_before = memory(), descriptors()
    for _ in range(2):
        for attack in attacks:
            attack()
    until(lambda: descriptors() <= open_before + 2)
    grown = memory() - memory_before
    assert grown < 16 * 1024, f"{grown} KiB more than before"
    equal(ended(start(machine(PASS), {"still": "here"}))["status"], "SUCCEEDED")
