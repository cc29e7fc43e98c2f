import syntax


def lambda_handler(event, context):
    return syntax
