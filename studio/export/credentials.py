"""Content Credentials put into a finished picture file, signed on this computer, offline.

They come last: any later change of a byte breaks them. No time-stamping authority is asked and no
certificate is fetched, so they say who signed only as far as that person is believed: "signed by
you, not by an authority".

Source: C2PA specification 2.2 (actions, digital source type).
"""

import importlib
import io
from pathlib import Path
from typing import Any

from studio import __version__
from studio.core.errors import PictureError, StorageError
from studio.core.provenance import COMPOSITE_SOURCE_TYPE, PROGRAM, SOURCE_TYPE
from studio.files.places import config_folder
from studio.files.signing_key import signing_key
from studio.opener.credentials_reader import OFFLINE, media_type, read_credentials


def sign_picture(
    content: bytes, *, title: str, is_composite: bool, folder: Path | None = None
) -> bytes:
    """Give the file with Content Credentials in it, read back and found sound.

    Args:
        content: A finished PNG, JPEG, WebP, TIFF or AVIF.
        title: Name of the picture for people; never a path.
        is_composite: Whether a picture of the artist's own is part of it.
        folder: Where the key lies, None for the person's own settings folder.

    Raises:
        PictureError: The library is not installed, or cannot sign this file.
        StorageError: The key cannot be read or written, or what was signed does not hold.
    """
    c2pa = _library()
    kind = media_type(content)
    agent = {"name": PROGRAM, "version": __version__}
    try:
        key = signing_key(config_folder() if folder is None else folder)
        info = c2pa.C2paSignerInfo("es256", key.chain, key.private_key, None)
        context = c2pa.Context(c2pa.Settings.from_dict(OFFLINE))
        manifest = _manifest(title, kind, agent=agent, is_composite=is_composite)
        signed = io.BytesIO()
        with c2pa.Builder(manifest, context) as builder, c2pa.Signer.from_info(info) as signer:
            builder.sign(signer, kind, io.BytesIO(content), signed)
    except c2pa.C2paError as error:
        raise PictureError(
            "The picture could not be signed.", "Export it without a signature, or as PNG."
        ) from error
    except ImportError as error:
        raise _missing() from error
    found = read_credentials(signed.getvalue())
    if found is None or not found.is_sound:
        raise StorageError(
            "The signature did not hold when it was read back.", "Export without a signature."
        )
    return signed.getvalue()


def _manifest(
    title: str, kind: str, *, agent: dict[str, str], is_composite: bool
) -> dict[str, Any]:
    created = {
        "action": "c2pa.created",
        "digitalSourceType": SOURCE_TYPE,
        "softwareAgent": agent,
    }
    actions: list[dict[str, Any]] = [created]
    if is_composite:
        actions.append(
            {
                "action": "c2pa.edited",
                "digitalSourceType": COMPOSITE_SOURCE_TYPE,
                "softwareAgent": agent,
                "description": "A picture of the artist's own is part of it: "
                "found again in the model, or painted in.",
            }
        )
    return {
        "claim_generator_info": [agent],
        "title": title,
        "format": kind,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def _library() -> Any:  # noqa: ANN401 - the library has no types here
    try:
        return importlib.import_module("c2pa")
    except ImportError as error:
        raise _missing() from error


def _missing() -> PictureError:
    return PictureError(
        "Content Credentials need the library c2pa, which is not installed.",
        "Install the extra “provenance” (pip install c2pa-python), or export without a signature.",
    )
