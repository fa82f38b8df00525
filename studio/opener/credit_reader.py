"""The credit line in a picture's XMP, found as text in the file's bytes: nothing is parsed.

Source: IPTC Photo Metadata Standard 2023.1, photoshop:Credit.
"""

import re
from html import unescape
from typing import Final

_CREDIT: Final = re.compile(rb"\sphotoshop:Credit=(?:\"([^\"<]{1,4000})\"|'([^'<]{1,4000})')")
_MAX_CREDIT: Final = 1000


def read_credit(content: bytes) -> str:
    """Give the credit line on one line, "" when there is none."""
    found = _CREDIT.search(content)
    if found is None:
        return ""
    text = unescape((found.group(1) or found.group(2)).decode("utf-8", "replace"))
    plain = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(plain.split())[:_MAX_CREDIT]
