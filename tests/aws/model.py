"""Holds every answer against botocore's own model of the service.

A client reads an answer leniently: what it does not know it passes over, and what is missing it does not miss. Here
the raw body is walked with the model instead. An unknown member, a missing required one, a value of the wrong type or
outside of its constraints, an error that the operation does not declare or with another HTTP status than the model
says: each raises `Wrong`.
"""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ElementTree
from typing import Any, Iterable

from botocore.model import OperationModel, Shape

# What any operation may answer besides the errors that it declares, with the status.
COMMON = {
    "stepfunctions": {
        "AccessDeniedException": 400, "IncompleteSignature": 400, "InternalFailure": 500,
        "MissingAuthenticationToken": 400, "SerializationException": 400, "ThrottlingException": 400,
        "UnknownOperationException": 400, "ValidationException": 400,
    },
    "logs": {
        "InternalFailure": 500, "SerializationException": 400, "UnknownOperationException": 400,
        "ValidationException": 400,
    },
    "lambda": {"SerializationException": 400, "ValidationException": 400, "AccessDeniedException": 403,
               "UnrecognizedClientException": 403},
    "iam": {"ValidationError": 400, "InternalFailure": 500, "InvalidAction": 400, "MissingParameter": 400},
    "sts": {"ValidationError": 400, "InternalFailure": 500, "InvalidAction": 400},
}
# Types of JSON values by the type of a shape; a timestamp has two, by its format.
TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,), "map": (dict,), "list": (list,), "string": (str,), "blob": (str,), "boolean": (bool,),
    "integer": (int,), "long": (int,), "float": (int, float), "double": (int, float),
}
ISO = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$")


class Wrong(AssertionError):
    """An answer that is not what the model says."""


def check(operation: OperationModel, status: int, headers: Any, body: bytes | None) -> None:
    """Checks an answer as it came. `body` is None where it streams and has no model of its own."""
    protocol = operation.service_model.protocol
    if not request_id(headers):
        raise Wrong(f"{operation.name}: no request id among the headers {dict(headers)}")
    if status >= 300:
        check_error(operation, protocol, status, headers, body or b"")
    elif protocol == "query":
        check_query(operation, body or b"")
    else:
        check_json(operation, protocol, status, headers, body)


def request_id(headers: Any) -> str | None:
    """The header that each answer of AWS has."""
    return headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")


def check_json(operation: OperationModel, protocol: str, status: int, headers: Any, body: bytes | None) -> None:
    expected = operation.http.get("responseCode", 200)
    if status != expected and not tells_status(operation.output_shape):
        raise Wrong(f"{operation.name}: status {status}, the model says {expected}")
    if protocol == "json":
        version = operation.service_model.metadata["jsonVersion"]
        same(operation, headers.get("content-type"), f"application/x-amz-json-{version}", "content-type")
    shape = operation.output_shape
    if body is None:
        return
    if shape is None or (protocol == "rest-json" and not in_body(shape)):
        if body not in (b"", b"{}"):
            raise Wrong(f"{operation.name}: a body without a shape: {body[:200]!r}")
        return
    value = loads(operation, body)
    walk(in_body(shape) if protocol == "rest-json" else dict(shape.members), shape, value, operation.name)


def tells_status(shape: Shape | None) -> bool:
    """Whether the status is a member of the answer, and so may be any."""
    members = shape.members.values() if shape else ()
    return any(of.serialization.get("location") == "statusCode" for of in members)


def in_body(shape: Shape) -> dict[str, Shape]:
    """The members that travel in the body, by name."""
    return {name: of for name, of in shape.members.items() if "location" not in of.serialization}


def loads(operation: OperationModel, body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise Wrong(f"{operation.name}: no JSON ({error}): {body[:200]!r}") from None


def same(operation: OperationModel, found: Any, expected: Any, what: str) -> None:
    if found != expected:
        raise Wrong(f"{operation.name}: {what} is {found!r}, not {expected!r}")


def walk(members: dict[str, Shape], shape: Shape, value: Any, place: str) -> None:
    """A structure: what is there is known and right, what is required is there."""
    if not isinstance(value, dict):
        raise Wrong(f"{place}: {shape.name} is a structure, not {value!r}")
    known = {of.serialization.get("name", name): of for name, of in members.items()}
    for name, inner in value.items():
        if name not in known:
            raise Wrong(f"{place}: {shape.name} has no member {name!r} (of value {inner!r})")
        # Null stands for absent, which AWS's JSON services write for some members.
        if inner is not None:
            walk_value(known[name], inner, f"{place}.{name}")
    required(members, shape, (name for name, inner in value.items() if inner is not None), place)


def required(members: dict[str, Shape], shape: Shape, present: Iterable[str], place: str) -> None:
    there = set(present)
    for name in shape.metadata.get("required", []):
        if name in members and members[name].serialization.get("name", name) not in there:
            raise Wrong(f"{place}: {shape.name} lacks {name}, which is required")


def walk_value(shape: Shape, value: Any, place: str) -> None:
    kind = shape.type_name
    if kind == "timestamp":
        return timestamp(shape, value, place)
    if not isinstance(value, TYPES[kind]) or (kind != "boolean" and isinstance(value, bool)):
        raise Wrong(f"{place}: {shape.name} is a {kind}, not {value!r}")
    if kind == "structure":
        walk(dict(shape.members), shape, value, place)
    elif kind == "list":
        for number, item in enumerate(value):
            walk_value(shape.member, item, f"{place}[{number}]")
    elif kind == "map":
        for key, item in value.items():
            walk_value(shape.key, key, f"{place} (a key)")
            walk_value(shape.value, item, f"{place}[{key!r}]")
    elif kind == "blob":
        base64.b64decode(value, validate=True)
    constraints(shape, value, place)


def timestamp(shape: Shape, value: Any, place: str) -> None:
    """Seconds as a number in the JSON protocols, unless the shape says ISO 8601."""
    named = shape.serialization.get("timestampFormat", "unixTimestamp")
    if named == "iso8601":
        right = isinstance(value, str) and ISO.match(value)
    else:
        right = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value < 1e11
    if not right:
        raise Wrong(f"{place}: {shape.name} is a timestamp ({named}), not {value!r}")


def constraints(shape: Shape, value: Any, place: str) -> None:
    """Bounds and value sets; patterns too, where Python reads them as AWS does."""
    rules = shape.metadata
    if isinstance(value, (str, list, dict)) and shape.type_name != "structure":
        size: float = len(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        size = value
    else:
        return
    if not rules.get("min", size) <= size <= rules.get("max", size):
        raise Wrong(f"{place}: {value!r} is outside of {rules.get('min')}..{rules.get('max')}")
    if isinstance(value, str):
        if value not in rules.get("enum", [value]):
            raise Wrong(f"{place}: {value!r} is none of {rules['enum']}")
        pattern = rules.get("pattern")
        # An empty text stands for none, as AWS has it where a function has no code signing configuration.
        if value and pattern and "\\p{" not in pattern and not re.search(pattern, value):
            raise Wrong(f"{place}: {value!r} does not match {pattern}")


def check_query(operation: OperationModel, body: bytes) -> None:
    """`<OperationResponse><OperationResult>...</OperationResult><ResponseMetadata>...`"""
    root = ElementTree.fromstring(body)
    namespace = operation.service_model.metadata["xmlNamespace"]
    same(operation, root.tag, f"{{{namespace}}}{operation.name}Response", "the root")
    parts = {tag(part): part for part in root}
    shape = operation.output_shape
    wrapper = shape.serialization.get("resultWrapper") if shape else None
    for name in parts:
        if name not in (wrapper, "ResponseMetadata"):
            raise Wrong(f"{operation.name}: the answer has no {name}")
    if not parts.get("ResponseMetadata", root).findtext(f"{{{namespace}}}RequestId"):
        raise Wrong(f"{operation.name}: no RequestId in ResponseMetadata")
    if shape:
        if wrapper not in parts:
            raise Wrong(f"{operation.name}: no {wrapper}")
        walk_xml(shape, parts[wrapper], operation.name)


def tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def walk_xml(shape: Shape, element: ElementTree.Element, place: str) -> None:
    kind = shape.type_name
    if kind == "structure":
        structure_xml(shape, element, place)
    elif kind == "list":
        name = shape.member.serialization.get("name", "member")
        for number, item in enumerate(element):
            if tag(item) != name:
                raise Wrong(f"{place}: an item is called {tag(item)}, not {name}")
            walk_xml(shape.member, item, f"{place}[{number}]")
    elif kind == "map":
        for entry in element:
            parts = [tag(part) for part in entry]
            if tag(entry) != "entry" or sorted(parts) != ["key", "value"]:
                raise Wrong(f"{place}: no entry of a map: {tag(entry)} of {parts}")
            walk_xml(shape.value, entry[parts.index("value")], place)
    else:
        scalar_xml(shape, element, place)


def structure_xml(shape: Shape, element: ElementTree.Element, place: str) -> None:
    known = {of.serialization.get("name", name): of for name, of in shape.members.items()}
    for part in element:
        if tag(part) not in known:
            raise Wrong(f"{place}: {shape.name} has no member {tag(part)!r}")
        walk_xml(known[tag(part)], part, f"{place}.{tag(part)}")
    names = [tag(part) for part in element]
    if len(names) != len(set(names)):
        raise Wrong(f"{place}: a member stands twice among {names}")
    required(dict(shape.members), shape, names, place)


def scalar_xml(shape: Shape, element: ElementTree.Element, place: str) -> None:
    if len(element):
        raise Wrong(f"{place}: {shape.name} is a {shape.type_name}, not an element with parts")
    text, kind = element.text or "", shape.type_name
    if kind == "timestamp" and not ISO.match(text):
        raise Wrong(f"{place}: {text!r} is no timestamp in ISO 8601")
    if kind == "boolean" and text not in ("true", "false"):
        raise Wrong(f"{place}: {text!r} is no boolean")
    if kind in ("integer", "long"):
        if not re.fullmatch(r"-?\d+", text):
            raise Wrong(f"{place}: {text!r} is no {kind}")
        constraints(shape, int(text), place)
    if kind == "string":
        constraints(shape, text, place)


def check_error(operation: OperationModel, protocol: str, status: int, headers: Any, body: bytes) -> None:
    if protocol == "query":
        code, members = query_error(operation, body)
    else:
        members = loads(operation, body)
        code = headers.get("x-amzn-errortype") if protocol == "rest-json" else members.pop("__type", None)
        code = (code or "").partition(":")[0].rpartition("#")[2]
    service = operation.service_model.service_name
    declared = {of.metadata.get("error", {}).get("code", of.name): of for of in operation.error_shapes}
    if code not in declared:
        if COMMON[service].get(code) != status:
            raise Wrong(f"{operation.name} declares no error {code!r} of status {status}: {members}")
        return
    shape = declared[code]
    wanted = shape.metadata.get("error", {}).get("httpStatusCode", 400)
    same(operation, status, wanted, f"the status of {code}")
    known = {"message", "Message"} | set(shape.members)
    for name in members:
        if name not in known:
            raise Wrong(f"{operation.name}: {code} has no member {name!r}")
    if not (members.get("message") or members.get("Message")):
        raise Wrong(f"{operation.name}: {code} has no message: {members}")


def query_error(operation: OperationModel, body: bytes) -> tuple[str, dict[str, Any]]:
    """`<ErrorResponse><Error><Type/><Code/><Message/></Error><RequestId/></ErrorResponse>`"""
    root = ElementTree.fromstring(body)
    error = next((part for part in root if tag(part) == "Error"), None)
    if tag(root) != "ErrorResponse" or error is None:
        raise Wrong(f"{operation.name}: no ErrorResponse: {body[:200]!r}")
    if not any(tag(part) == "RequestId" and part.text for part in root):
        raise Wrong(f"{operation.name}: no RequestId beside the error")
    members = {tag(part): part.text for part in error}
    if members.pop("Type", None) not in ("Sender", "Receiver"):
        raise Wrong(f"{operation.name}: an error's Type is Sender or Receiver")
    return members.pop("Code", None) or "", members
