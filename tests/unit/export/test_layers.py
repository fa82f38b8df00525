"""A layered file holds every layer, mask, name and recipe, and looks like our own render."""

import errno
import io
import json
import re
import zipfile
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms
from psd_tools import PSDImage

from studio.core.arrays import pixel_hash
from studio.core.errors import PictureError, StorageError
from studio.core.layer_stack import Layer
from studio.core.model_card import ForeignGraph
from studio.core.provenance import COMPOSITE_SOURCE_TYPE, SOURCE_TYPE
from studio.core.recipe import Source, floats_to_text
from studio.core.recipe_json import recipe_to_json
from studio.export import layers
from studio.export.layers import (
    LayeredPicture,
    has_parts,
    layer_name,
    save_layered,
    single_layer,
)
from studio.export.ora import MIMETYPE
from studio.export.stills import LayeredFormat, StillSettings
from studio.files.atomic import TEMP_PREFIX
from studio.files.images import decode_picture, flattened
from studio.opener.merged_preview import unwrapped
from studio.opener.recipe_reader import FoundTexts, read_recipe_text
from tests.fakes.disks import FaultyDisk, raise_error
from tests.fakes.galleries import CARD, MODEL, picture_of, recipe_of
from tests.fakes.layered_pictures import layered, layered_file, plain_layer
from tests.fakes.painted_recipes import painted

KINDS: tuple[LayeredFormat, ...] = ("ora", "psd")
NAMES = ["Base", "Sky 天空", 'Rock <"&', "Kept 3", "Mixed in 4"]
Pixels = NDArray[np.uint8]


def archive_of(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def stack_of(archive: zipfile.ZipFile) -> ElementTree.Element:
    stack = ElementTree.fromstring(archive.read("stack.xml")).find("stack")
    assert stack is not None
    return stack


def drawn(archive: zipfile.ZipFile, stack: ElementTree.Element, canvas: Image.Image) -> None:
    """Draw a stack as the specification says, from the last child to the first."""
    for child in reversed(list(stack)):
        if child.tag == "stack":
            drawn(archive, child, canvas)
        elif child.get("visibility") == "visible":
            with Image.open(io.BytesIO(archive.read(child.attrib["src"]))) as image:
                place = int(child.attrib["x"]), int(child.attrib["y"])
                canvas.alpha_composite(image.convert("RGBA"), place)


def psd_of(content: bytes) -> PSDImage:
    return PSDImage.open(io.BytesIO(content))


def psd_drawn(content: bytes, size: tuple[int, int]) -> Pixels:
    """Draw the layers of a PSD from the lowest up, masks applied."""
    canvas = Image.new("RGBA", size)
    for layer in psd_of(content).descendants():
        if layer.is_group() or not layer.is_visible():
            continue
        picture = layer.topil()
        assert picture is not None
        picture = picture.convert("RGB")
        if layer.mask is not None:
            mask = layer.mask.topil()
            assert mask is not None
            picture.putalpha(mask)
        canvas.alpha_composite(picture.convert("RGBA"), (layer.left, layer.top))
    return np.asarray(canvas)


def difference(one: Pixels, other: Pixels) -> int:
    return int(np.abs(one.astype(np.int16) - other.astype(np.int16)).max())


# ---------------------------------------------------------------------------------- the pixels


def test_the_layers_of_an_ora_look_like_the_render() -> None:
    one = layered()
    archive = archive_of(layered_file("ora", one))
    canvas = Image.new("RGBA", (64, 48))
    drawn(archive, stack_of(archive), canvas)
    seen = np.asarray(canvas)
    assert (seen[:, :, 3] == 255).all()
    assert difference(seen[:, :, :3], one.merged) <= 2  # Pillow rounds for each layer


def test_the_layers_of_a_psd_look_like_the_render() -> None:
    one = layered()
    seen = psd_drawn(layered_file("psd", one), (64, 48))
    assert (seen[:, :, 3] == 255).all()
    assert difference(seen[:, :, :3], one.merged) <= 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_merged_preview_is_the_render_itself_in_srgb(kind: LayeredFormat) -> None:
    one = layered()
    content = layered_file(kind, one)
    merged = unwrapped(content)
    assert np.array_equal(decode_picture(merged), one.merged)
    with Image.open(io.BytesIO(merged)) as image:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_of_several_sizes_lie_in_the_middle(kind: LayeredFormat) -> None:
    small, large = plain_layer(1, "Small", 16), plain_layer(2, "Large", 32)
    content = layered_file(kind, small, large)
    merged = decode_picture(unwrapped(content))
    assert np.array_equal(merged[8:24, 8:24], small.merged)
    assert np.array_equal(merged[:8], large.merged[:8])
    if kind == "psd":
        assert [(one.name, one.left, one.top) for one in psd_of(content)] == [
            ("Large", 0, 0),
            ("Small", 8, 8),
        ]
    else:
        places = [(one.get("x"), one.get("y")) for one in stack_of(archive_of(content))]
        assert places == [("8", "8"), ("0", "0")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_with_alpha_keeps_it(kind: LayeredFormat) -> None:
    alpha = picture_of(9)[:, :, :1]
    picture = np.concatenate((picture_of(1), alpha), axis=2)
    one = single_layer("Ghost", picture, recipe=recipe_of(1), card=CARD)
    content = layered_file(kind, one)
    assert read_recipe_text(unwrapped(content)).pixel_hash == pixel_hash(flattened(picture))
    if kind == "psd":
        seen = psd_drawn(content, (32, 32))
    else:
        archive = archive_of(content)
        canvas = Image.new("RGBA", (32, 32))
        drawn(archive, stack_of(archive), canvas)
        seen = np.asarray(canvas)
    assert np.array_equal(seen[:, :, 3:], alpha)
    assert np.array_equal(seen[alpha[:, :, 0] > 0], picture[alpha[:, :, 0] > 0])
    over = layered_file(kind, one, plain_layer(2))
    merged = decode_picture(unwrapped(over)).astype(np.float64)
    share = alpha / 255
    wanted = picture[:, :, :3] * share + picture_of(2) * (1 - share)
    assert np.abs(merged - wanted).max() <= 1


def test_one_with_regions_of_a_model_with_alpha_is_one_layer() -> None:
    ghost = msgspec.structs.replace(
        CARD, foreign=ForeignGraph(kind="onnx", sha256="", has_alpha=True)
    )
    assert has_parts(painted(MODEL), CARD)
    assert not has_parts(painted(MODEL), ghost)
    assert not has_parts(recipe_of(1), CARD)


def test_what_no_picture_covers_stays_empty() -> None:
    wide = msgspec.structs.replace(plain_layer(1, "Wide"), merged=picture_of(1, 32)[:8])
    wide = msgspec.structs.replace(
        wide, layers=(msgspec.structs.replace(wide.layers[0], picture=wide.merged),)
    )
    content = layered_file("ora", wide, plain_layer(2, "Small", 16))
    with Image.open(io.BytesIO(unwrapped(content))) as image:
        assert (image.mode, image.size) == ("RGBA", (32, 16))
        assert image.getpixel((0, 0))[3] == 0  # type: ignore[index]


# ---------------------------------------------------------------------------------- the structure


def test_an_ora_is_laid_out_as_the_specification_says() -> None:
    content = layered_file("ora")
    assert content[30 : 38 + len(MIMETYPE)] == b"mimetype" + MIMETYPE.encode()
    archive = archive_of(content)
    first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert {"stack.xml", "mergedimage.png", "Thumbnails/thumbnail.png"} < set(archive.namelist())
    with Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))) as small:
        assert max(small.size) <= 256
    root = ElementTree.fromstring(archive.read("stack.xml"))
    assert (root.tag, root.get("w"), root.get("h")) == ("image", "64", "48")
    assert root.get("version")


def test_a_layer_of_an_ora_is_cut_to_what_is_seen_and_lies_in_its_place() -> None:
    alpha = np.zeros((32, 32), dtype=np.uint8)
    spot, nothing = alpha.copy(), alpha
    spot[5:9, 20:30] = 200
    base = plain_layer(1)
    tops = tuple(
        Layer(name=n, picture=picture_of(2), alpha=a)
        for n, a in (("spot", spot), ("nothing", nothing))
    )
    one = msgspec.structs.replace(base, layers=(*base.layers, *tops))
    archive = archive_of(layered_file("ora", one, plain_layer(3, side=64)))
    empty, seen, _base = stack_of(archive)[0]
    assert (seen.get("x"), seen.get("y")) == (str(16 + 20), str(16 + 5))
    with Image.open(io.BytesIO(archive.read(seen.attrib["src"]))) as image:
        cut = np.asarray(image)
    assert np.array_equal(cut[:, :, :3], picture_of(2)[5:9, 20:30])
    assert (cut[:, :, 3] == 200).all()
    with Image.open(io.BytesIO(archive.read(empty.attrib["src"]))) as image:
        assert image.size == (1, 1)


def test_a_large_thumbnail_is_made_small() -> None:
    archive = archive_of(layered_file("ora", plain_layer(1, "Large", 600)))
    with Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))) as small:
        assert small.size == (256, 256)


def test_groups_layers_and_what_is_hidden_have_their_names_in_an_ora() -> None:
    group, single = stack_of(archive_of(layered_file("ora", layered(), plain_layer(3))))
    assert (group.tag, group.get("name")) == ("stack", "Hill & <dale>")
    assert [one.get("name") for one in group] == NAMES[::-1]
    seen = [one.get("visibility") for one in group]
    assert seen == ["visible", "hidden", "visible", "visible", "visible"]
    assert (single.tag, single.get("name")) == ("layer", "Plain")


def test_groups_layers_masks_and_what_is_hidden_have_their_names_in_a_psd() -> None:
    content = layered_file("psd", layered(), plain_layer(3))
    single, group = psd_of(content)
    assert (group.name, group.is_group()) == ("Hill & <dale>", True)
    inner = list(group)  # type: ignore[call-overload]
    assert [one.name for one in inner] == NAMES
    assert [one.visible for one in inner] == [True, True, True, False, True]
    assert [one.has_mask() for one in inner] == [False, True, True, True, True]
    assert (single.name, single.is_group()) == ("Plain", False)


@pytest.mark.parametrize(
    ("text", "name"),
    [("", "Picture"), ("two\nlines\0", "two lines"), ("x" * 90, "x" * 60), ("山 天空", "山 天空")],
)
def test_a_name_is_one_line_that_every_program_shows(text: str, name: str) -> None:
    assert layer_name(text) == name
    assert psd_of(layered_file("psd", plain_layer(1, text)))[0].name == name


# ---------------------------------------------------------------------------------- what it says


@pytest.mark.parametrize("kind", KINDS)
def test_the_recipe_of_the_whole_comes_back(kind: LayeredFormat) -> None:
    one = layered()
    found = read_recipe_text(unwrapped(layered_file(kind, one, plain_layer(3))))
    assert found.recipe is not None
    assert found.recipe.recipe == one.recipe
    assert found.refused is None
    assert found.pixel_hash == pixel_hash(one.merged)


def layer_recipes(content: bytes, kind: LayeredFormat) -> dict[str, str]:
    """Give layer name → recipe, as a program of others would find it."""
    if kind == "ora":
        archive = archive_of(content)
        texts = {
            one.attrib["name"]: read_recipe_text(archive.read(one.attrib["src"]))
            for one in stack_of(archive).iter("layer")
        }
        return {
            name: recipe_to_json(text.recipe.recipe) for name, text in texts.items() if text.recipe
        }
    packet = psd_of(content).image_resources.get_data(1060)
    assert packet is not None
    listed = re.search(r'studio:layers="([^"]*)"', packet.decode())
    assert listed is not None
    pictures = json.loads(unescape(listed.group(1)))
    return {
        str(layer["name"]): json.dumps(layer["recipe"], separators=(",", ":"), ensure_ascii=False)
        for picture in pictures
        for layer in picture["layers"]
    }


@pytest.mark.parametrize("kind", KINDS)
def test_every_layer_keeps_its_own_recipe(kind: LayeredFormat) -> None:
    one = layered()
    assert layer_recipes(layered_file(kind, one), kind) == {
        layer.name: recipe_to_json(layer.recipe) for layer in one.layers if layer.recipe
    }


@pytest.mark.parametrize("kind", KINDS)
def test_without_recipe_nothing_of_it_is_inside(kind: LayeredFormat) -> None:
    content = layered_file(kind, plain_layer(7), with_recipe=False)
    assert read_recipe_text(unwrapped(content)).recipe is None
    seen = b"".join(
        (content, *(archive_of(content).read(n) for n in archive_of(content).namelist()))
        if kind == "ora"
        else (content,)
    )
    for secret in (MODEL[:10], "studio:", "Latent Studio", "Seed", "trainedAlgorithmic"):
        assert secret.encode() not in seen


def xmp_of(content: bytes) -> str:
    packet = psd_of(content).image_resources.get_data(1060)
    assert packet is not None
    ElementTree.fromstring(packet)  # sound XML
    return bytes(packet).decode()


def test_credits_of_all_models_and_the_kind_of_source_are_said() -> None:
    packet = xmp_of(layered_file("psd", plain_layer(1), other_model()))
    assert f'photoshop:Credit="{CARD.credit}; © Anna &amp; Co &lt;x&gt;"' in packet
    assert SOURCE_TYPE in packet
    found = msgspec.structs.replace(
        recipe_of(1), sources=(Source(w=floats_to_text(np.zeros(4, np.float32))),)
    )
    own = msgspec.structs.replace(plain_layer(1), recipe=found)
    assert COMPOSITE_SOURCE_TYPE in xmp_of(layered_file("psd", plain_layer(2), own))


def other_model() -> LayeredPicture:
    other = layered()
    return msgspec.structs.replace(other, card=msgspec.structs.replace(other.card, model="cd" * 32))


# ---------------------------------------------------------------------------------- as a file


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_never_written_over_a_file_and_takes_its_suffix(
    tmp_path: Path, kind: LayeredFormat
) -> None:
    settings = StillSettings(format=kind)
    paths = [
        save_layered(tmp_path / "a.png", [plain_layer(n)], settings=settings) for n in range(2)
    ]
    assert [path.name for path in paths] == [f"a.{kind}", f"a-2.{kind}"]
    replaced = msgspec.structs.replace(settings, replaces=True)
    assert save_layered(paths[0], [plain_layer(5)], settings=replaced) == paths[0]
    seen = decode_picture(unwrapped(paths[0].read_bytes()))
    assert np.array_equal(seen, plain_layer(5).merged)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_pictures_give_equal_bytes(kind: LayeredFormat) -> None:
    assert layered_file(kind) == layered_file(kind)


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    disk = FaultyDisk(3, raise_error(errno.ENOSPC))
    with pytest.raises(StorageError, match="disk is full"):
        save_layered(
            tmp_path / "a", [plain_layer(1)], settings=StillSettings(format="ora"), disk=disk
        )
    assert not list(tmp_path.glob("*.ora"))
    assert not list(tmp_path.glob(f"{TEMP_PREFIX}*"))


def test_what_cannot_be_signed_is_not_written_unsigned() -> None:
    with pytest.raises(PictureError, match="Content Credentials"):
        layered_file("psd", is_signed=True)


def test_too_much_for_one_file_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "MAX_PIXELS_IN_ALL", 5 * 48 * 64)
    layered_file("ora")
    with pytest.raises(PictureError, match="more than"):
        layered_file("ora", layered(), plain_layer(1))
    monkeypatch.setattr(layers, "MAX_SIDE_PX", 60)
    with pytest.raises(PictureError, match="60 px"):
        layered_file("psd")


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_reads_back_otherwise_is_not_written(
    tmp_path: Path, kind: LayeredFormat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def spoilt(_content: bytes) -> Pixels:
        return picture_of(9, 32)

    monkeypatch.setattr(layers, "decode_picture", spoilt)
    with pytest.raises(StorageError, match="something else"):
        save_layered(tmp_path / "a", [plain_layer(1)], settings=StillSettings(format=kind))
    assert not list(tmp_path.iterdir())


def test_a_recipe_that_got_lost_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "read_recipe_text", lambda _content: FoundTexts())
    with pytest.raises(StorageError, match="something else"):
        layered_file("psd", plain_layer(1))
    layered_file("psd", plain_layer(1), with_recipe=False)
