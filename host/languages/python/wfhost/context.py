"""The context object of a handler."""

import logging
import sys
import time


class LambdaContext:
    """What a handler is told about its invocation; the names are Lambda's."""

    def __init__(self, given):
        self.aws_request_id = given.get("awsRequestId")
        self.log_group_name = given.get("logGroupName")
        self.log_stream_name = given.get("logStreamName")
        self.function_name = given.get("functionName")
        memory = given.get("memoryLimitInMB")
        self.memory_limit_in_mb = None if memory is None else str(memory)
        self.function_version = given.get("functionVersion")
        self.invoked_function_arn = given.get("invokedFunctionArn")
        self.tenant_id = None
        self.client_context = None
        self.identity = CognitoIdentity()
        self._deadline = given.get("deadlineMs", 0)

    def get_remaining_time_in_millis(self):
        """The time until the function's limit, by the guest's own clock."""
        return max(0, self._deadline - int(time.time() * 1000))

    def log(self, msg):
        """Writes an entry to the function's log."""
        for handler in logging.getLogger().handlers:
            sink = getattr(handler, "log_sink", None)
            if sink is not None:
                sink.log(str(msg))
                return
        sys.stdout.write(str(msg))

    def __repr__(self):
        names = (
            "aws_request_id", "log_group_name", "log_stream_name", "function_name", "memory_limit_in_mb",
            "function_version", "invoked_function_arn", "client_context", "identity", "tenant_id",
        )
        return _shown(self, names)


class CognitoIdentity:
    """Nobody: functions are called by the host."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self):
        self.cognito_identity_id = None
        self.cognito_identity_pool_id = None

    def __repr__(self):
        return _shown(self, self.__slots__)


def _shown(it, names):
    fields = ",".join(f"{name}={getattr(it, name)}" for name in names)
    return f"{type(it).__name__}([{fields}])"
