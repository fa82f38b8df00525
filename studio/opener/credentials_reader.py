"""Content Credentials of a file: read, and compared with the file's bytes. Nothing is fetched.

The library that reads them is an extra, and its parser reads strangers' bytes: outside of our own
exports it runs in the opener child only (reliability.md §1, C2PA).
"""

import importlib
import importlib.util
import io
import json
import logging
from typing import Any, Final

from studio.core.credentials import Credentials

# No certificate is looked up, no manifest loaded from elsewhere, no thumbnail made.
OFFLINE: Final = {
    "builder": {"thumbnail": {"enabled": False}},
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False},
}
_UNTRUSTED: Final = "signingCredential.untrusted"
_MAX_TEXT: Final = 200
_MAX_ACTIONS: Final = 32
_log = logging.getLogger(__name__)


def has_c2pa() -> bool:
    """Say whether the library is installed."""
    return importlib.util.find_spec("c2pa") is not None


def media_type(content: bytes) -> str:
    """Give the media type of a picture file by its first bytes, "" when it cannot be signed."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8"):
        return "image/jpeg"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[:4] in (b"II*\0", b"MM\0*"):
        return "image/tiff"
    return "image/avif" if content[4:12] == b"ftypavif" else ""


def read_credentials(content: bytes) -> Credentials | None:
    """Give what a file's Content Credentials say; None without any, or without the library.

    Never raises for what is in the file: what cannot be read is not sound.
    """
    kind = media_type(content)
    if not kind or b"c2pa" not in content or not has_c2pa():
        return None
    c2pa: Any = importlib.import_module("c2pa")
    try:
        context = c2pa.Context(c2pa.Settings.from_dict(OFFLINE))
        reader = c2pa.Reader.try_create(kind, io.BytesIO(content), context=context)
        if reader is None:
            return None
        with reader:
            return _understood(json.loads(reader.json()))
    except (c2pa.C2paError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.info("Content Credentials cannot be read: %s", type(error).__name__)
        return Credentials(is_sound=False, problems=("unreadable",))


def _understood(fields: dict[str, Any]) -> Credentials:
    manifest = fields["manifests"][fields["active_manifest"]]
    found = fields.get("validation_results", {}).get("activeManifest", {})
    failures = [str(one.get("code", "")) for one in found.get("failure", [])]
    problems = [code for code in failures if code != _UNTRUSTED]
    actions = [
        action
        for assertion in manifest.get("assertions", [])
        if str(assertion.get("label", "")).startswith("c2pa.actions")
        for action in assertion["data"]["actions"]
    ][:_MAX_ACTIONS]
    types = [one["digitalSourceType"] for one in actions if one.get("digitalSourceType")]
    programs = manifest.get("claim_generator_info") or [{}]
    signature = manifest.get("signature_info") or {}
    return Credentials(
        is_sound=fields.get("validation_state") in ("Valid", "Trusted") and not problems,
        is_trusted=fields.get("validation_state") == "Trusted",
        signer=_plain(signature.get("issuer") or signature.get("common_name")),
        program=_plain(programs[0].get("name")),
        actions=tuple(_plain(action.get("action")) for action in actions),
        source_type=_plain(types[-1] if types else ""),
        problems=tuple(_plain(code) for code in problems[:_MAX_ACTIONS]),
    )


def _plain(value: object) -> str:
    """Give a stranger's text on one line, without control characters, of bounded length."""
    text = "".join(char if char.isprintable() else " " for char in str(value or ""))
    return " ".join(text.split())[:_MAX_TEXT]
