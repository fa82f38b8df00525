"""OpenRaster files: a zip of PNGs and one page that says how they lie on one another.

Every PNG carries its own recipe, so a layer that is taken out of the file can be made again; the
merged picture carries the recipe of the whole. Layers are cut to what is not transparent.

Source: OpenRaster specification 0.0.6 (freedesktop.org), "File Layout", "Layers Stack".
"""

import io
import zipfile
from typing import Final
from xml.etree import ElementTree

import msgspec
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studio.core.arrays import pixel_hash
from studio.export.layered_image import FlatLayer, LayeredImage, LayerGroup
from studio.files.images import encode_png

MIMETYPE: Final = "image/openraster"
_VERSION: Final = "0.0.6"
_THUMBNAIL_PX: Final = 256
# Equal content gives equal bytes: the zip format's first day instead of the present one.
_DAY: Final = (1980, 1, 1, 0, 0, 0)


def encode_ora(image: LayeredImage) -> bytes:
    """Give the bytes of an OpenRaster file."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        # First, and stored, so that programs know the file by its first bytes.
        _put(archive, "mimetype", content=MIMETYPE.encode())
        width, height = image.size
        root = ElementTree.Element(
            "image", version=_VERSION, w=str(width), h=str(height), xres="72", yres="72"
        )
        stack = ElementTree.SubElement(root, "stack")
        for group in image.groups:
            inner = stack if group.is_single else _stack(stack, group.name)
            for layer in reversed(group.layers):
                _put_layer(archive, inner, layer=layer, group=group, image=image)
        page = ElementTree.tostring(root, encoding="UTF-8", xml_declaration=True)
        _put(archive, "stack.xml", content=page, is_packed=True)
        _put(archive, "mergedimage.png", content=encode_png(image.merged, image.provenance))
        _put(archive, "Thumbnails/thumbnail.png", content=_thumbnail(image.merged))
    return target.getvalue()


def _stack(parent: ElementTree.Element, name: str) -> ElementTree.Element:
    # Isolated: what is above it meets the group's picture, not its layers one by one.
    fields = {"name": name, "opacity": "1.0", "visibility": "visible", "isolation": "isolate"}
    return ElementTree.SubElement(parent, "stack", {**fields, "composite-op": "svg:src-over"})


def _put_layer(
    archive: zipfile.ZipFile,
    stack: ElementTree.Element,
    *,
    layer: FlatLayer,
    group: LayerGroup,
    image: LayeredImage,
) -> None:
    pixels, left, top = _cut(layer)
    name = f"data/layer{len(archive.namelist()) - 1:03d}.png"
    said = image.provenance
    told = msgspec.structs.replace(
        said,
        parameters="",  # they speak of the whole picture
        recipe_json=layer.recipe_json,
        pixels=pixel_hash(np.ascontiguousarray(pixels[:, :, :3])) if layer.recipe_json else "",
    )
    _put(archive, name, content=encode_png(pixels, told))
    ElementTree.SubElement(
        stack,
        "layer",
        {
            "name": layer.name,
            "src": name,
            "x": str(group.left + left),
            "y": str(group.top + top),
            "opacity": "1.0",
            "visibility": "visible" if layer.is_visible else "hidden",
            "composite-op": "svg:src-over",
        },
    )


def _cut(layer: FlatLayer) -> tuple[NDArray[np.uint8], int, int]:
    """Give the pixels that are not transparent, with their alpha, and where they begin."""
    if layer.alpha is None:
        return np.ascontiguousarray(layer.picture), 0, 0
    rows = np.flatnonzero(layer.alpha.any(axis=1))
    columns = np.flatnonzero(layer.alpha.any(axis=0))
    if not rows.size:  # nothing is painted: one empty pixel keeps the layer and its name
        rows = columns = np.zeros(1, dtype=np.intp)
    top, left = int(rows[0]), int(columns[0])
    part = np.s_[top : int(rows[-1]) + 1, left : int(columns[-1]) + 1]
    return np.dstack((layer.picture[part], layer.alpha[part])), left, top


def _thumbnail(merged: NDArray[np.uint8]) -> bytes:
    small = Image.fromarray(merged)
    small.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX), Image.Resampling.LANCZOS)
    return encode_png(np.asarray(small))


def _put(archive: zipfile.ZipFile, name: str, *, content: bytes, is_packed: bool = False) -> None:
    """Add a file; pictures are packed already."""
    entry = zipfile.ZipInfo(name, _DAY)
    entry.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    archive.writestr(entry, content)
