import native_package


def lambda_handler(event, context):
    return native_package.fast()
