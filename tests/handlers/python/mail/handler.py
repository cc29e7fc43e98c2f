import configparser
import tomllib
import xml.etree.ElementTree as ElementTree
from email import message_from_string, policy
from email.message import EmailMessage
from email.utils import parseaddr


def lambda_handler(event, context):
    message = EmailMessage()
    message["Subject"] = "Grüße"
    message["From"] = "Shop <shop@example.com>"
    message.set_content("Hallo\n")
    message.add_attachment(b"a,b\n", maintype="text", subtype="csv", filename="a.csv")
    read = message_from_string(message.as_string(), policy=policy.default)

    root = ElementTree.fromstring(event["xml"])
    root.append(ElementTree.Element("added", {"by": "handler"}))
    config = configparser.ConfigParser()
    config.read_string("[shop]\nopen = yes\nname = %(open)s!\n")
    return {
        "subject": read["subject"],
        "from": parseaddr(read["from"]),
        "files": [part.get_filename() for part in read.iter_attachments()],
        "items": {item.get("id"): item.text for item in root.iter("item")},
        "xml": ElementTree.tostring(root, encoding="unicode"),
        "config": [config.getboolean("shop", "open"), config["shop"]["name"]],
        "toml": tomllib.loads("at = 2026-01-01\n[a]\nb = [1, 2]")["a"],
    }
