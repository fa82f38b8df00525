"""PSD files, by psd-tools: groups, layers with masks, merged preview, profile, XMP.

A layer holds its picture to the border, and its mask says what of it is seen, so that the mask can
be painted on. Recipes lie in the XMP packet, which Photoshop keeps when it saves: `studio:recipe`
is the picture on top, `studio:layers` lists every picture with its layers.

psd-tools is imported when a file is written: it takes half a second.

Source: Adobe Photoshop File Formats Specification, "Image Resource IDs", "Layer and Mask
Information Section"; XMP specification part 3, §1.1.3.
"""

import io
import json
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from studio.core.xmp import xmp_packet
from studio.export.layered_image import FlatLayer, LayeredImage, LayerGroup
from studio.files.images import srgb_profile

if TYPE_CHECKING:
    from psd_tools.api.layers import GroupMixin

_ICC: Final = 1039
_XMP: Final = 1060


def encode_psd(image: LayeredImage) -> bytes:
    """Give the bytes of a PSD file of 8 bits for each colour."""
    from psd_tools import PSDImage  # noqa: PLC0415
    from psd_tools.constants import BlendMode  # noqa: PLC0415
    from psd_tools.psd.image_resources import ImageResource  # noqa: PLC0415

    class Merged(PSDImage):
        """A file whose merged preview is given, not put together by psd-tools."""

        def is_updated(self) -> bool:
            """Say that the preview is as it should be."""
            return False

    file = Merged.frompil(Image.fromarray(image.merged))
    file.image_resources[_ICC] = ImageResource(key=_ICC, data=srgb_profile())
    if packet := xmp_packet(image.provenance, with_recipe=True, layers_json=_layers_json(image)):
        file.image_resources[_XMP] = ImageResource(key=_XMP, data=packet.encode())
    for group in reversed(image.groups):
        inner: GroupMixin = file
        if not group.is_single:
            inner = file.create_group(blend_mode=BlendMode.NORMAL)
            inner.name = group.name
        for layer in group.layers:
            _put_layer(inner, layer, group=group)
    target = io.BytesIO()
    file.save(target)
    return target.getvalue()


def _put_layer(inner: "GroupMixin", layer: FlatLayer, *, group: LayerGroup) -> None:
    picture = Image.fromarray(np.ascontiguousarray(layer.picture))
    made = inner.create_pixel_layer(picture, left=group.left, top=group.top)
    made.name = layer.name  # set afterwards, it is written as Unicode, too (psd-tools 1.26)
    if layer.alpha is not None:
        made.create_mask(Image.fromarray(np.ascontiguousarray(layer.alpha)))
    made.visible = layer.is_visible


def _layers_json(image: LayeredImage) -> str:
    """Give the recipes of pictures and layers, "" where there are none."""
    told = [
        {
            "name": group.name,
            "recipe": json.loads(group.recipe_json),
            "layers": [
                {"name": layer.name, "recipe": json.loads(layer.recipe_json)}
                for layer in group.layers
                if layer.recipe_json
            ],
        }
        for group in image.groups
        if group.recipe_json
    ]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else ""
