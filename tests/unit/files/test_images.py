"""Pictures are read as sRGB, upright, under limits; anything else is one sentence."""

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from studio.core.errors import PictureError
from studio.files import images
from studio.files.images import (
    decode_picture,
    encode_png,
    encode_thumbnail,
    encode_webp,
    picture_size,
    read_picture,
    resize_to,
)
from tests.fakes import strange_pictures as strange
from tests.fakes.galleries import picture_of


def saved(image: Image.Image, kind: str, **fields: object) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **fields)
    return target.getvalue()


def refusal(content: bytes) -> str:
    with pytest.raises(PictureError) as caught:
        decode_picture(content)
    assert caught.value.what.endswith(".")
    assert caught.value.way_out.endswith(".")
    return caught.value.what


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "WEBP"])
def test_a_picture_without_loss_comes_back(kind: str, tmp_path: Path) -> None:
    fields = {"lossless": True} if kind == "WEBP" else {}
    (tmp_path / "no suffix").write_bytes(saved(Image.fromarray(picture_of(1)), kind, **fields))
    np.testing.assert_array_equal(read_picture(tmp_path / "no suffix"), picture_of(1))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F"])
def test_every_kind_of_pixel_becomes_rgb(mode: str) -> None:
    kind = "TIFF" if mode in ("CMYK", "F", "I") else "PNG"
    if mode in ("I;16", "I", "F"):
        top = 65535 if mode != "F" else 255
        level = np.full(
            (4, 4), top, dtype={"I;16": np.uint16, "I": np.int32, "F": np.float32}[mode]
        )
        image = Image.fromarray(level)
    else:
        image = Image.new("RGB", (4, 4), (255, 255, 255)).convert(mode)
    picture = decode_picture(saved(image, kind))
    assert picture.shape == (4, 4, 3)
    assert picture.dtype == np.uint8
    assert picture.min() >= 250


def test_what_is_clear_lies_on_white() -> None:
    image = Image.new("RGBA", (2, 1), (255, 0, 0, 255))
    image.putpixel((1, 0), (0, 0, 0, 0))
    assert decode_picture(saved(image, "PNG")).tolist() == [[[255, 0, 0], [255, 255, 255]]]


def test_a_picture_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = decode_picture(saved(Image.new("RGB", (8, 4)), "JPEG", exif=exif.tobytes()))
    assert picture.shape == (8, 4, 3)


def test_another_colour_space_is_converted_and_srgb_is_left_alone() -> None:
    flat = np.full((4, 4, 3), (200, 80, 40), dtype=np.uint8)
    srgb = saved(Image.fromarray(flat), "PNG", icc_profile=images.srgb_profile())
    np.testing.assert_array_equal(decode_picture(srgb), flat)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    decode_picture(saved(Image.fromarray(flat), "PNG", icc_profile=lab))
    broken = saved(Image.fromarray(flat), "PNG", icc_profile=b"no profile at all")
    np.testing.assert_array_equal(decode_picture(broken), flat)


def test_a_png_says_srgb_and_nothing_else_without_provenance() -> None:
    image = Image.open(io.BytesIO(encode_png(picture_of(1))))
    assert set(image.info) == {"icc_profile"}


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "empty"),
        (b"text", "not a picture"),
        (strange.png()[:50], "damaged"),
        (strange.pixel_bomb(), "too large"),
        (struct.pack("<4sI4s", b"RIFF", 100, b"WEBP") + b"VP8 " * 9, ""),
    ],
)
def test_what_is_no_picture_is_one_sentence(content: bytes, word: str) -> None:
    assert word in refusal(content)


def test_formats_nobody_asked_for_are_refused() -> None:
    for kind in ("PPM", "TGA", "ICO", "EPS", "PDF", "PCX"):
        assert "not a picture" in refusal(saved(Image.new("RGB", (16, 16)), kind))


def test_a_missing_file_or_a_folder_is_one_sentence(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(PictureError, match="cannot be read"):
            read_picture(path)


def test_limits_hold_before_decoding(monkeypatch: pytest.MonkeyPatch) -> None:
    content = strange.png(side=50)
    assert picture_size(content) == (50, 50)
    monkeypatch.setattr(images, "MAX_PIXELS", 2499)
    assert "too large" in refusal(content)
    monkeypatch.setattr(images, "MAX_PIXELS", 2500)
    monkeypatch.setattr(images, "MAX_SIDE_PX", 49)
    assert "too large" in refusal(content)
    monkeypatch.setattr(images, "MAX_FILE_BYTES", 10)
    assert "512 MiB" in refusal(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_large_picture_is_made_to_fit(kind: str) -> None:
    content = saved(Image.new("RGB", (600, 300), (10, 200, 30)), kind)
    picture = decode_picture(content, fit_px=100)
    assert picture.shape == (50, 100, 3)
    assert abs(int(picture[25, 50, 1]) - 200) < 4


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 90))
def test_a_size_is_the_longer_side_and_the_form_stays(width: int, height: int, size: int) -> None:
    sized = resize_to(np.zeros((height, width, 3), dtype=np.uint8), size)
    assert max(sized.shape[:2]) == size
    assert min(sized.shape[:2]) == max(1, round(min(width, height) * size / max(width, height)))


def test_a_thumbnail_fits_and_never_grows() -> None:
    assert picture_size(encode_thumbnail(picture_of(1, 600))) == (256, 256)
    assert picture_size(encode_thumbnail(picture_of(1, 20))) == (20, 20)


@given(st.data())
def test_any_damage_is_a_picture_or_a_sentence(data: st.DataObject) -> None:
    raw = bytearray(
        data.draw(st.sampled_from([encode_png(picture_of(1, 9)), encode_webp(picture_of(1, 9))]))
    )
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = decode_picture(bytes(raw))
    except PictureError:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
