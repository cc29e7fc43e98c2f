import difflib
import html
import re
import string
import textwrap
import unicodedata
from html.parser import HTMLParser


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if tag == "a" and name == "href"]


def slug(text):
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def lambda_handler(event, context):
    links = Links()
    links.feed(event["page"])
    template = string.Template("Dear $name, you owe ${amount} EUR.")
    return {
        "slug": slug(event["title"]),
        "links": links.found,
        "letter": template.substitute(name="Ada", amount="9.50"),
        "escaped": html.escape("<b>&"),
        "wrapped": textwrap.wrap("a rather long line of words", 12),
        "near": difflib.get_close_matches("aple", ["ape", "apple", "peach"]),
        "named": re.match(r"(?P<year>\d{4})-(?P<month>\d\d)", "2026-01-15").groupdict(),
        "format": f"{1234567.891:,.2f}|{'x':>3}|{255:#x}|{0.25:.0%}",
    }
