def lambda_handler(event, context):
    """Turns one item into many, or answers with the number of those that came."""
    if "count" in event:
        numbers = range(event["count"])
        return {"items": [{"id": number, "name": f"item {number}", "tags": ["a", "b"]} for number in numbers]}
    return {"received": len(event["text"]), "end": event["text"][-5:]}
