def lambda_handler(event, context):
    return {"open": [1, 2
