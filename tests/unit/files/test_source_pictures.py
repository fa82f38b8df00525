import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.files import source_pictures
from studio.files.source_pictures import (
    UnusableError,
    encode_picture,
    read_picture,
    resize_picture,
)

RED = (200, 30, 40)


def saved(tmp_path: Path, image: Image.Image, name: str = "a.png", **options: object) -> Path:
    path = tmp_path / name
    image.save(path, **options)  # type: ignore[arg-type]
    return path


def pixel(path: Path) -> tuple[int, ...]:
    return tuple(int(value) for value in read_picture(path, min_side_px=1)[0, 0])


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "RGBA", "RGB", "I;16"])
def test_every_mode_becomes_three_channels(tmp_path: Path, mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((9, 9), 65535 // 2, np.uint16))
    else:
        image = Image.new("RGB", (9, 9), (128, 128, 128)).convert(mode)
    picture = read_picture(saved(tmp_path, image), min_side_px=8)
    assert picture.shape == (9, 9, 3)
    assert picture.dtype == np.uint8


def test_sixteen_bit_grey_keeps_its_brightness(tmp_path: Path) -> None:
    image = Image.fromarray(np.full((9, 9), 32768, np.uint16))
    assert pixel(saved(tmp_path, image)) == (128, 128, 128)


def test_cmyk_is_read(tmp_path: Path) -> None:
    image = Image.new("CMYK", (9, 9), (0, 255, 255, 0))
    red, green, blue = pixel(saved(tmp_path, image, "a.jpg"))
    assert red > 200
    assert max(green, blue) < 60


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    image = Image.new("RGBA", (9, 9), (*RED, 0))
    assert pixel(saved(tmp_path, image)) == (255, 255, 255)
    half = Image.new("RGBA", (9, 9), (0, 0, 0, 128))
    assert abs(pixel(saved(tmp_path, half))[0] - 127) <= 1


def test_a_transparent_palette_lies_on_white(tmp_path: Path) -> None:
    image = Image.new("P", (9, 9), 0)
    image.putpalette([*RED, 0, 0, 0])
    assert pixel(saved(tmp_path, image, transparency=0)) == (255, 255, 255)


def test_a_turned_photograph_stands_upright(tmp_path: Path) -> None:
    image = Image.new("RGB", (20, 10), (0, 0, 0))
    image.paste(RED, (0, 0, 4, 4))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter clockwise to show
    picture = read_picture(saved(tmp_path, image, exif=exif), min_side_px=1)
    assert picture.shape == (20, 10, 3)
    assert tuple(picture[0, -1]) == RED


def test_another_colour_space_is_converted(tmp_path: Path) -> None:
    lab = ImageCms.createProfile("LAB")
    srgb = ImageCms.createProfile("sRGB")
    assert lab is not None
    linear = ImageCms.ImageCmsProfile(srgb).tobytes()
    # sRGB to sRGB must change nothing; a damaged profile is taken for sRGB.
    image = Image.new("RGB", (9, 9), RED)
    assert pixel(saved(tmp_path, image, icc_profile=linear)) == RED
    assert pixel(saved(tmp_path, image, icc_profile=b"nonsense")) == RED


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"],
    ids=["empty", "cut gif", "cut png", "eps"],
)
def test_what_is_no_picture_has_a_reason(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(UnusableError, match=r"not a picture|damaged|empty"):
        read_picture(path, min_side_px=1)


def test_every_cut_of_a_picture_is_refused_with_a_reason(tmp_path: Path) -> None:
    random = np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    whole = encode_picture(random, "PNG")
    for length in range(0, len(whole) - 20, 97):
        path = tmp_path / "a.png"
        path.write_bytes(whole[:length])
        with pytest.raises(UnusableError):
            read_picture(path, min_side_px=1)


def test_small_and_huge_pictures_are_refused_by_their_header(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(tmp_path, Image.new("RGB", (30, 9), RED))
    with pytest.raises(UnusableError, match="too small"):
        read_picture(path, min_side_px=10)
    monkeypatch.setattr(source_pictures, "MAX_PIXELS", 200)
    with pytest.raises(UnusableError, match="too large"):
        read_picture(path, min_side_px=1)


def test_a_missing_file_has_a_reason(tmp_path: Path) -> None:
    with pytest.raises(UnusableError):
        read_picture(tmp_path / "gone.png", min_side_px=1)


def test_resizing_and_encoding() -> None:
    picture = np.full((40, 40, 3), RED, np.uint8)
    small = resize_picture(picture, 8)
    assert small.shape == (8, 8, 3)
    assert tuple(small[3, 3]) == RED
    with Image.open(io.BytesIO(encode_picture(small, "PNG"))) as image:
        assert np.array_equal(np.asarray(image), small)
