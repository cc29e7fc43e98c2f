import both
import from_layer
import from_site


def lambda_handler(event, context):
    with open("/opt/shared.txt") as file:
        shared = file.read().strip()
    return {"layer": from_layer.WHERE, "site": from_site.WHERE, "both": both.SHADOWED, "shared": shared}
