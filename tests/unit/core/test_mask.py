"""A mask survives its text, and no text from a stranger does more than raise `ValueError`."""

import base64
import contextlib
import io
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from studio.core.mask import Mask, alpha_of, inverted, mask_from_text, mask_to_text

masks = hnp.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 20)))


@given(masks)
def test_a_mask_survives_its_text_and_is_a_png(mask: Mask) -> None:
    text = mask_to_text(mask)
    np.testing.assert_array_equal(mask_from_text(text), mask)
    with Image.open(io.BytesIO(base64.b64decode(text))) as image:
        assert image.mode == "L"
        np.testing.assert_array_equal(np.asarray(image), mask)


def test_another_programs_filters_are_read() -> None:
    rows, columns = np.mgrid[:64, :90]
    soft = (127 + 60 * np.sin(rows / 9) + 60 * np.cos(columns / 7)).astype(np.uint8)
    target = io.BytesIO()
    Image.fromarray(soft).save(target, "PNG", optimize=True)  # all five filters
    text = base64.b64encode(target.getvalue()).decode()
    np.testing.assert_array_equal(mask_from_text(text), soft)


@pytest.mark.parametrize("mode", ["1", "RGB", "LA", "I;16"])
def test_another_kind_of_picture_is_refused(mode: str) -> None:
    target = io.BytesIO()
    Image.new(mode, (4, 4)).save(target, "PNG")
    with pytest.raises(ValueError, match="8-bit grey"):
        mask_from_text(base64.b64encode(target.getvalue()).decode())


@pytest.mark.parametrize("size", [(257, 1), (1, 257), (60_000, 60_000)])
def test_a_large_one_is_refused_before_it_is_inflated(size: tuple[int, int]) -> None:
    raw = bytearray(base64.b64decode(mask_to_text(np.zeros((2, 2), dtype=np.uint8))))
    raw[16:20], raw[20:24] = size[0].to_bytes(4, "big"), size[1].to_bytes(4, "big")
    raw[29:33] = _crc(bytes(raw[12:29]))
    with pytest.raises(ValueError, match="256"):
        mask_from_text(base64.b64encode(raw).decode())
    with pytest.raises(ValueError, match="px"):
        mask_to_text(np.zeros((1, 257), dtype=np.uint8))


def test_more_or_less_pixels_than_the_size_says_are_refused() -> None:
    raw = base64.b64decode(mask_to_text(np.zeros((2, 2), dtype=np.uint8)))
    begin, end = raw.index(b"IDAT"), raw.index(b"IEND")
    for num_bytes in (5, 7, 10_000_000):
        data = b"IDAT" + zlib.compress(bytes(num_bytes))
        chunk = (len(data) - 4).to_bytes(4, "big") + data + _crc(data)
        forged = raw[: begin - 4] + chunk + raw[end - 4 :]
        with pytest.raises(ValueError, match="size"):
            mask_from_text(base64.b64encode(forged).decode())


@given(masks, st.data())
def test_a_text_with_one_byte_changed_is_a_mask_or_refused(mask: Mask, data: st.DataObject) -> None:
    raw = bytearray(base64.b64decode(mask_to_text(mask)))
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(ValueError):
        assert mask_from_text(base64.b64encode(raw).decode()).size <= 256 * 256


def test_noise_loses_levels_and_never_what_is_full_or_empty() -> None:
    noise = np.random.RandomState(1).randint(0, 256, (256, 256), dtype=np.uint8)
    text = mask_to_text(noise)
    assert len(text) <= 64 * 1024
    again = mask_from_text(text)
    assert ((again == 255) == (noise == 255)).all()
    assert (again[noise == 0] == 0).all()


@given(masks, st.integers(1, 40), st.integers(1, 40))
def test_full_stays_full_and_empty_stays_empty_at_any_size(
    mask: Mask, wide: int, high: int
) -> None:
    alpha = alpha_of(mask_to_text(mask), width=wide, height=high)
    assert alpha.shape == (high, wide)
    assert alpha.dtype == np.float32
    assert 0 <= alpha.min() <= alpha.max() <= 1
    full = mask_to_text(np.full_like(mask, 255))
    assert (alpha_of(full, width=wide, height=high) == 1).all()
    assert (alpha_of(inverted(full), width=wide, height=high) == 0).all()


def test_half_the_size_is_the_mean() -> None:
    mask = np.array([[255, 0, 255, 255], [0, 0, 255, 255]], dtype=np.uint8)
    np.testing.assert_allclose(alpha_of(mask_to_text(mask), width=2, height=1), [[0.25, 1.0]])


def _crc(raw: bytes) -> bytes:
    return zlib.crc32(raw).to_bytes(4, "big")
