def lambda_handler(event, context):
    """Turns one item into many, or answers with the number of those that came."""
    if "count" in event:
        return {"items": [{"id": number, "name": f"item {number}", "tags": ["a", "b"]} for number in range(event["count"])]}
    return {"received": len(event["text"]), "end": event["text"][-5:]}
