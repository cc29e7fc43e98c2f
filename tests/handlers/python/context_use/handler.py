import time


def lambda_handler(event, context):
    before = context.get_remaining_time_in_millis()
    time.sleep(1)
    after = context.get_remaining_time_in_millis()
    context.log("a line of the context\n")
    return {
        "name": context.function_name,
        "version": context.function_version,
        "arn": context.invoked_function_arn.rpartition(":")[2],
        "memory": context.memory_limit_in_mb,
        "requestId": len(context.aws_request_id),
        "logGroup": context.log_group_name,
        "logStream": bool(context.log_stream_name),
        "clientContext": context.client_context,
        "identity": context.identity.cognito_identity_id,
        "inLimit": 0 < after < before <= 3000,
        "slept": 1000 <= before - after < 1100,
        "type": type(context).__name__,
    }
