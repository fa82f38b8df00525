"""The mapped ring refuses what does not fit, and gives away copies only."""

from pathlib import Path

import numpy as np
import pytest

from studio.core.arrays import Picture
from studio.protocol.codec import ProtocolError
from studio.protocol.ring import MappedRing

SLOT_BYTES = 8 * 6 * 3


def picture(value: int, height: int = 6, width: int = 8) -> Picture:
    return np.full((height, width, 3), value, dtype=np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "ring"
    place.write_bytes(bytes(2 * SLOT_BYTES))
    return place


def test_a_picture_comes_out_as_it_went_in(path: Path) -> None:
    ours = MappedRing(path, num_slots=2, slot_bytes=SLOT_BYTES)
    theirs = MappedRing(path, num_slots=2, slot_bytes=SLOT_BYTES)
    values = np.arange(SLOT_BYTES, dtype=np.uint8).reshape(6, 8, 3)
    theirs.write(0, picture(9))
    theirs.write(1, values[:, ::-1])
    assert (ours.read(1, width=8, height=6) == values[:, ::-1]).all()
    assert (ours.read(0, width=8, height=6) == 9).all()


def test_what_was_read_does_not_change_when_the_slot_is_written_again(path: Path) -> None:
    ring = MappedRing(path, num_slots=2, slot_bytes=SLOT_BYTES)
    ring.write(0, picture(1))
    read = ring.read(0, width=8, height=6)
    ring.write(0, picture(2))
    assert (read == 1).all()
    assert not read.flags.writeable
    ring.close()  # would raise if anything still pointed into the mapping


@pytest.mark.parametrize("slot", [-1, 2, 1000])
def test_a_slot_that_is_not_there_is_refused(path: Path, slot: int) -> None:
    ring = MappedRing(path, num_slots=2, slot_bytes=SLOT_BYTES)
    with pytest.raises(ValueError, match="slot"):
        ring.write(slot, picture(1))
    with pytest.raises(ValueError, match="slot"):
        ring.read(slot, width=8, height=6)


@pytest.mark.parametrize(("width", "height"), [(9, 6), (0, 6), (10**9, 10**9), (-8, -6)])
def test_a_size_that_does_not_fit_is_refused(path: Path, width: int, height: int) -> None:
    ring = MappedRing(path, num_slots=2, slot_bytes=SLOT_BYTES)
    with pytest.raises(ValueError, match="fit"):
        ring.read(0, width=width, height=height)


@pytest.mark.parametrize(("num_slots", "slot_bytes"), [(3, SLOT_BYTES), (0, 1), (2, 0), (2**40, 9)])
def test_a_file_of_another_size_is_refused(path: Path, num_slots: int, slot_bytes: int) -> None:
    with pytest.raises(ProtocolError):
        MappedRing(path, num_slots=num_slots, slot_bytes=slot_bytes)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError):
        MappedRing(tmp_path / "none", num_slots=1, slot_bytes=1)
