"""One invocation: the import of the handler, its call, and what becomes of either."""

import importlib
import json
import os
import sys

from . import errors, fresh, limits, logs, payload
from .context import LambdaContext


def invoke(event, context):
    """Runs the handler that `_HANDLER` names. Returns whether it succeeded, and the payload's text."""
    context = json.loads(context)
    is_json = logs.begin()
    fresh.renew()
    request_id = context.get("awsRequestId") or ""
    try:
        handler, error = _load(os.environ.get("_HANDLER", ""))
        if error is None:
            logs.HANDLER.request_id = request_id
            result, error = _call(handler, event, context, request_id)
        if error is None:
            return True, result
        errors.log(error, is_json)
        return False, payload.encode(error)
    except BaseException as exit:
        return False, errors.exited(exit, request_id)
    finally:
        logs.end()


def _call(handler, event, context, request_id):
    try:
        given = _unmarshal(event)
        answer = handler(given, LambdaContext(context))
        return _marshal(answer), None
    except errors.Fault as fault:
        return None, errors.fault(fault, request_id)
    except Exception as error:
        return None, errors.raised(error, request_id)


def _load(name):
    """The handler; or the error of the import, which knows no request yet."""
    try:
        return _find(name), None
    except errors.Fault as fault:
        return None, errors.fault(fault, "")
    except Exception as error:
        return None, errors.raised(error, "")


def _find(name):
    module_name, dot, function = name.rpartition(".")
    if not dot:
        why = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise errors.Fault("Runtime.MalformedHandlerName", why)
    module = _import(module_name)
    try:
        return getattr(module, function)
    except AttributeError:
        why = f"Handler '{function}' missing on module '{module_name}'"
        raise errors.Fault("Runtime.HandlerNotFound", why) from None


def _import(name):
    if name.partition(".")[0] in sys.builtin_module_names:
        why = f"Cannot use built-in module {name} as a handler module"
        raise errors.Fault("Runtime.BuiltInModuleConflict", why)
    try:
        return importlib.import_module(name.replace("/", "."))
    except ImportError as error:
        why = f"Unable to import module '{name}': {_with_limits(str(error))}"
        raise errors.Fault("Runtime.ImportModuleError", why) from None
    except SyntaxError as error:
        why = f"Syntax error in module '{name}': {error}"
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise errors.Fault("Runtime.UserCodeSyntaxError", why, trace) from None


def _with_limits(message):
    """A package may hide behind words of its own that it needs an extension module."""
    if limits.refused and "wf-host: " not in message:
        return f"{message}\n{limits.refused[0]}"
    return message


def _unmarshal(event):
    try:
        return payload.event(event)
    except Exception as error:
        raise errors.Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def _marshal(answer):
    try:
        return payload.result(answer)
    except Exception as error:
        raise errors.Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None
