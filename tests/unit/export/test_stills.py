"""An exported picture says what it must, in every format, and is never half there."""

import errno
import io
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

from studio.core.arrays import Picture, pixel_hash
from studio.core.errors import PictureError, StorageError
from studio.core.model_card import Right
from studio.core.provenance import NOBODY, RECIPE_KEY, SOURCE_TYPE, Authorship
from studio.core.recipe import Edit, Recipe, Source, floats_to_text, new_recipe
from studio.core.recipe_json import recipe_to_json
from studio.export import stills
from studio.export.stills import Format, StillSettings, encode_still, save_still, with_suffix
from studio.files.atomic import TEMP_PREFIX
from studio.files.deep_images import DeepPicture, decode_png16, decode_tiff
from studio.files.images import decode_picture, decode_with_alpha, encode_png
from studio.opener.recipe_reader import read_recipe_text
from tests.fakes.disks import FaultyDisk, raise_error
from tests.fakes.galleries import CARD, MODEL, picture_of, recipe_of
from tests.fakes.recipes import recipes

FORMATS: tuple[Format, ...] = ("png", "jpeg", "webp", "avif")
NAMED = msgspec.structs.replace(CARD, name="Hills, “wide”\nand & <far>", credit="© Anna & Co <x>")


def still(kind: Format, *, recipe: Recipe | None = None, **fields: object) -> bytes:
    settings = msgspec.structs.replace(StillSettings(format=kind), **fields)
    return encode_still(
        picture_of(1, 48), recipe=recipe or recipe_of(7), card=NAMED, settings=settings
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_other_programs_find_what_they_look_for(kind: Format) -> None:
    image = Image.open(io.BytesIO(still(kind)))
    image.load()
    profile = ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    assert "sRGB" in ImageCms.getProfileDescription(profile)
    if kind == "png":
        assert isinstance(image.info["parameters"], str)
        parameters = image.info["parameters"]
        xmp = image.info["XML:com.adobe.xmp"]
        assert RECIPE_KEY in image.info
        assert not {"prompt", "workflow"} & set(image.info)
    else:
        comment = image.getexif().get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.UserComment]
        assert comment.startswith(b"UNICODE\0")
        parameters = comment[8:].decode("utf-16-be")
        xmp = image.info["xmp"].decode()
    last = parameters.splitlines()[-1]
    assert last.startswith("Steps: 1, Sampler: Latent Studio, Seed: 7, Size: 48x48, Model hash: ")
    assert last.endswith("Version: Latent Studio 0.1.0")
    assert f'Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"' in xmp
    assert "© Anna &amp; Co &lt;x&gt;" in xmp


@pytest.mark.parametrize("kind", FORMATS)
def test_xmp_is_sound_xml(kind: Format) -> None:
    image = Image.open(io.BytesIO(still(kind)))
    packet = image.info["XML:com.adobe.xmp"] if kind == "png" else image.info["xmp"].decode()
    root = ElementTree.fromstring(packet)
    description = root[0][0]
    rdf = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
    assert description.get(f"{rdf}about") == ""
    credit = "{http://ns.adobe.com/photoshop/1.0/}Credit"
    assert description.get(credit) == NAMED.credit
    recipe = description.get("{https://latent-studio.invalid/xmp/1/}recipe")
    assert recipe == (None if kind == "png" else recipe_to_json(recipe_of(7)))


@pytest.mark.parametrize("kind", FORMATS)
def test_without_recipe_only_the_credit_stays(kind: Format) -> None:
    content = still(kind, with_recipe=False)
    found = read_recipe_text(content)
    assert (found.recipe, found.parameters, found.pixel_hash) == (None, "", "")
    pixels = pixel_hash(decode_picture(content))
    for secret in (MODEL[:10], "Seed", "Truncation", "studio:", "parameters", "Latent", pixels):
        assert secret.encode() not in content
        assert secret.encode("utf-16-be") not in content
        assert secret.encode("utf-16-le") not in content
    assert SOURCE_TYPE.encode() not in content
    assert "© Anna".encode() in content


@pytest.mark.parametrize("kind", [*FORMATS, "tiff"])
def test_without_recipe_and_with_free_data_nothing_stays_but_what_the_artist_says(
    kind: Format,
) -> None:
    free = msgspec.structs.replace(NAMED, rights=(Right("a folder", "CC0 1.0", "Anna"),))
    for author in (NOBODY, Authorship(creator="张伟")):
        settings = StillSettings(format=kind, with_recipe=False, author=author)
        content = encode_still(picture_of(1, 48), recipe=recipe_of(7), card=free, settings=settings)
        assert (b"x:xmpmeta" in content) == bool(author.creator)
        assert ("张伟".encode() in content) == bool(author.creator)
        assert "© Anna".encode() not in content
        for word in (b"Latent", b"tifffile", b"Exif\0\0"):
            assert word not in content


@given(recipe=recipes(), kind=st.sampled_from(FORMATS))
def test_every_recipe_goes_in_and_comes_out(recipe: Recipe, kind: Format) -> None:
    found = read_recipe_text(still(kind, recipe=recipe))
    assert found.recipe is not None
    assert found.recipe.recipe == recipe


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("size", [1, 31, 48, 100])
def test_a_size_is_the_longer_side(kind: Format, size: int) -> None:
    wide = np.ascontiguousarray(picture_of(1, 48)[:24])
    settings = StillSettings(format=kind, size=size)
    content = encode_still(wide, recipe=recipe_of(7), card=CARD, settings=settings)
    assert max(decode_picture(content).shape[:2]) == size


def test_png_and_webp_at_100_keep_every_pixel() -> None:
    for kind in ("png", "webp"):
        content = still(kind, quality=100)
        np.testing.assert_array_equal(decode_picture(content), picture_of(1, 48))


@pytest.mark.parametrize("size", [0, -1, 20_000])
def test_a_size_that_cannot_be_is_a_sentence(size: int) -> None:
    with pytest.raises(PictureError, match="cannot be exported"):
        still("png", size=size)


def test_a_recipe_too_long_for_jpeg_is_a_sentence_and_webp_takes_it() -> None:
    latent = floats_to_text(np.zeros(14 * 512, dtype=np.float32))
    recipe = Recipe(model=MODEL, sources=tuple(Source(w=latent) for _ in range(8)))
    with pytest.raises(PictureError, match="too long for a JPEG"):
        still("jpeg", recipe=recipe)
    for kind in ("png", "webp"):
        assert read_recipe_text(still(kind, recipe=recipe)).recipe is not None


def test_edits_are_told_in_the_parameters() -> None:
    edit = Edit(direction="0123456789abcdef", strength=(1.0, 0.0, -2.5))
    recipe = msgspec.structs.replace(new_recipe(MODEL, 7), edits=(edit,))
    text = read_recipe_text(still("png", recipe=recipe)).parameters
    assert "Direction 0123456789abcdef: coarse 1, medium 0, fine -2.5" in text


# ------------------------------------------------------------------------------- on the disk


def save(path: Path, **fields: object) -> Path:
    settings = msgspec.structs.replace(StillSettings(), **fields)
    return save_still(path, picture_of(1), recipe=recipe_of(7), card=CARD, settings=settings)


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    first = save(tmp_path / "new" / "x.png")
    before = first.read_bytes()
    assert save(tmp_path / "new" / "x.png").name == "x-2.png"
    assert save(tmp_path / "new" / "x.png").name == "x-3.png"
    assert first.read_bytes() == before
    assert save(first, replaces=True) == first


def test_two_programs_at_once_never_write_over_each_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        paths = set(pool.map(lambda _: save(tmp_path / "x.png"), range(24)))
    assert len(paths) == 24
    assert set(tmp_path.iterdir()) == paths


def test_a_file_where_the_folder_should_be_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    with pytest.raises(StorageError):
        save(tmp_path / "out" / "x.png")


def test_a_disk_without_hard_links_takes_exports_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    assert [save(tmp_path / "x.png").name for _ in range(2)] == ["x.png", "x-2.png"]
    assert len(list(tmp_path.iterdir())) == 2


def test_a_broken_link_is_a_name_that_is_taken(tmp_path: Path) -> None:
    (tmp_path / "x.png").symlink_to(tmp_path / "nowhere")
    assert save(tmp_path / "x.png").name == "x-2.png"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(
    ("name", "kind", "expected"),
    [
        ("x", "png", "x.png"),
        ("x.png", "jpeg", "x.jpg"),
        ("x.JPEG", "jpeg", "x.JPEG"),
        ("x.jpg", "webp", "x.webp"),
        ("v1.5", "png", "v1.5.png"),
    ],
)
def test_the_suffix_is_the_formats_own(name: str, kind: Format, expected: str) -> None:
    assert with_suffix(Path(name), kind).name == expected


def test_a_fault_at_any_step_leaves_no_half_picture(tmp_path: Path) -> None:
    for step in range(1, 50):
        disk = FaultyDisk(step, raise_error(errno.ENOSPC))
        try:
            path = save_still(
                tmp_path / str(step) / "x.png",
                picture_of(1),
                recipe=recipe_of(7),
                card=CARD,
                settings=StillSettings(),
                disk=disk,
            )
        except StorageError:
            for found in tmp_path.rglob("*.png"):
                decode_picture(found.read_bytes())
            assert not list(tmp_path.rglob(f"{TEMP_PREFIX}*"))
        else:
            assert path.is_file()
            return
    pytest.fail("the export never ended")


@pytest.mark.parametrize("fault", ["pixels", "recipe", "size"])
def test_a_writer_that_writes_something_else_is_found_before_the_name_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    real = encode_png

    def wrong(picture: np.ndarray, provenance: object = None) -> bytes:
        if fault == "recipe":
            return real(picture)
        if fault == "size":
            return real(picture[:-1], provenance)  # type: ignore[arg-type]
        return real(picture ^ 1, provenance)  # type: ignore[arg-type]

    monkeypatch.setattr(stills, "encode_png", wrong)
    with pytest.raises(StorageError, match="reading it back"):
        save(tmp_path / "x.png")
    assert list(tmp_path.iterdir()) == []


def deep_picture(side: int = 40) -> DeepPicture:
    return np.random.default_rng(3).integers(0, 65536, (side, side + 3, 3)).astype(np.uint16)


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_sixteen_bits_arrive_to_the_last_level_with_profile_and_recipe(kind: Format) -> None:
    picture = deep_picture()
    settings = StillSettings(format=kind, bits=16)
    content = encode_still(picture, recipe=recipe_of(7), card=CARD, settings=settings)
    assert np.array_equal(decode_png16(content) if kind == "png" else decode_tiff(content), picture)
    image = Image.open(io.BytesIO(content))
    assert "sRGB" in ImageCms.getProfileDescription(
        ImageCms.ImageCmsProfile(io.BytesIO(image.info["icc_profile"]))
    )
    assert np.array_equal(decode_picture(content), picture >> 8)
    found = read_recipe_text(content)
    assert found.recipe is not None
    assert found.recipe.recipe == recipe_of(7)
    assert found.pixel_hash == pixel_hash((picture >> 8).astype(np.uint8))


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_eight_bits_are_written_wider_and_sixteen_narrower_as_is_wished(kind: Format) -> None:
    plain = picture_of(1, 20)
    wide = encode_still(plain, recipe=None, card=CARD, settings=StillSettings(format=kind, bits=16))
    given = decode_png16(wide) if kind == "png" else decode_tiff(wide)
    assert np.array_equal(given, plain.astype(np.uint16) * 257)
    narrow = encode_still(
        deep_picture(), recipe=None, card=CARD, settings=StillSettings(format=kind)
    )
    assert np.array_equal(decode_picture(narrow), deep_picture() >> 8)


def test_a_tiff_without_its_recipe_keeps_only_the_credit() -> None:
    settings = StillSettings(format="tiff", with_recipe=False)
    content = encode_still(picture_of(1, 20), recipe=recipe_of(7), card=NAMED, settings=settings)
    assert read_recipe_text(content).recipe is None
    assert b"studio:recipe" not in content
    assert b"Latent" not in content
    assert "© Anna".encode() in content


def test_sixteen_bits_are_made_smaller_without_steps_of_eight() -> None:
    ramp = np.linspace(0, 65535, 64 * 64 * 3).reshape(64, 64, 3).astype(np.uint16)
    settings = StillSettings(format="tiff", bits=16, size=32)
    small = decode_tiff(encode_still(ramp, recipe=None, card=CARD, settings=settings))
    means = ramp.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))
    inner = np.s_[4:-4, 4:-4]
    assert np.abs(small[inner] - means[inner]).max() < 64
    assert len(np.unique(small)) > 1000


@pytest.mark.parametrize("content", [b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff",
                                     b"\0\0\0 ftypavif<x:xmpmeta"])  # fmt: skip
def test_a_broken_tiff_or_avif_says_nothing_and_never_raises(content: bytes) -> None:
    assert read_recipe_text(content).recipe is None


def test_a_tiff_that_lies_about_its_words_is_refused() -> None:
    settings = StillSettings(format="tiff")
    content = encode_still(picture_of(1, 20), recipe=recipe_of(7), card=NAMED, settings=settings)
    place = content.index(struct.pack("<HH", 700, 1))
    lying = content[: place + 4] + struct.pack("<I", 1 << 30) + content[place + 8 :]
    assert read_recipe_text(lying).refused is not None


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize(
    ("sides", "size", "wanted"),
    [((96, 96), None, (128, 128)), ((60, 40), 100, (128, 64)), ((64, 128), 64, (32, 64))],
)
def test_textures_have_sides_that_are_powers_of_two(
    bits: int, sides: tuple[int, int], size: int | None, wanted: tuple[int, int]
) -> None:
    picture = np.zeros((*sides, 3), np.uint8)
    settings = StillSettings(bits=bits, size=size, is_power_of_two=True)  # type: ignore[arg-type]
    content = encode_still(picture, recipe=None, card=CARD, settings=settings)
    assert decode_picture(content).shape[:2] == wanted


def _see_through(side: int = 32) -> Picture:
    """Give a picture that fades from the left, where nothing is seen, to the right."""
    picture = np.zeros((side, side, 4), np.uint8)
    picture[..., :3] = picture_of(3, side)
    picture[..., 3] = np.linspace(0, 255, side).astype(np.uint8)
    return picture


@pytest.mark.parametrize("kind", ["png", "tiff", "webp", "avif"])
@pytest.mark.parametrize("bits", [8, 16])
def test_alpha_stays(kind: str, bits: int) -> None:
    picture = _see_through()
    settings = StillSettings(format=kind, bits=bits, quality=100)  # type: ignore[arg-type]
    content = encode_still(picture, recipe=recipe_of(3), card=CARD, settings=settings)
    if kind == "tiff":
        levels = decode_tiff(content)
        assert np.array_equal(levels >> 8 if settings.is_deep else levels, picture)
    elif settings.is_deep:
        assert np.array_equal(decode_png16(content) >> 8, picture)
        assert np.array_equal(decode_with_alpha(content), picture)  # as other programs read it
    else:
        levels = decode_with_alpha(content)
        assert levels.shape == (32, 32, 4)
        assert np.abs(levels[..., 3].astype(int) - picture[..., 3]).max() <= (3 * (kind == "avif"))
        if kind != "avif":
            assert np.array_equal(levels[:, 1:], picture[:, 1:])
    found = read_recipe_text(content).recipe
    assert found is not None
    assert found.recipe == recipe_of(3)


def test_a_picture_with_alpha_is_unchanged_as_our_reader_sees_it() -> None:
    content = encode_still(_see_through(), recipe=recipe_of(3), card=CARD, settings=StillSettings())
    seen = decode_picture(content)
    assert pixel_hash(seen).encode() in content
    assert (seen[:, 0] == 255).all()


def test_jpeg_has_no_alpha_and_stands_on_white() -> None:
    settings = StillSettings(format="jpeg", size=16, with_recipe=False)
    content = encode_still(_see_through(), recipe=None, card=CARD, settings=settings)
    seen = decode_picture(content)
    assert seen.shape == (16, 16, 3)
    assert seen[:, 0].min() > 200
