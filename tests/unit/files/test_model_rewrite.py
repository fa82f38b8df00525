import errno
import os
from pathlib import Path

import msgspec
import pytest
from safetensors.numpy import save

from studio.core.directions import DirectionSet, to_tensors
from studio.core.errors import DiskFullError
from studio.core.model_card import DIRECTIONS_FILE
from studio.files.model_folder import NEXT_SUFFIX, read_card, read_directions
from studio.files.model_rewrite import rewrite_model_file
from studio.library.model_library import ModelLibrary
from tests.fakes.disks import FaultyDisk, kill_process, raise_error
from tests.fakes.tiny_model import make_tiny_model


def names(model: Path) -> list[str]:
    return [entry.name for entry in read_directions(model, read_card(model)).entries]


def renamed(directions: DirectionSet, name: str) -> bytes:
    entries = [msgspec.structs.replace(entry, name=name) for entry in directions.entries]
    return save(*to_tensors(msgspec.structs.replace(directions, entries=tuple(entries))))


def rewrite(model: Path, name: str, disk: FaultyDisk) -> None:
    card = read_card(model)
    content = renamed(read_directions(model, card), name)
    rewrite_model_file(model, card, name=DIRECTIONS_FILE, content=content, disk=disk)


def leave_half_way(model: Path) -> None:
    """Do as a rewriting that was killed after the card and before the last renaming."""
    place = model / DIRECTIONS_FILE
    place.rename(place.with_name(f"{place.name}{NEXT_SUFFIX}"))
    place.write_bytes(b"what was there before")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kill -9 is POSIX")
@pytest.mark.parametrize("is_half_way", [False, True])
def test_killed_at_any_step_it_is_the_old_or_the_new_model_and_goes_on(
    tmp_path: Path, is_half_way: bool
) -> None:
    model = make_tiny_model(tmp_path / "models", name="tiny")
    seen = {names(model)[0]}
    at, is_killed = 0, True
    while is_killed:
        at += 1
        if is_half_way and not list(model.glob(f"*{NEXT_SUFFIX}")):
            leave_half_way(model)
        child = os.fork()
        if child == 0:
            rewrite(model, f"killed {at}", FaultyDisk(at, kill_process))
            os._exit(0)
        is_killed = os.waitpid(child, 0)[1] != 0
        seen.add(f"killed {at}")
        assert names(model)[0] in seen
        ModelLibrary((model.parent,)).verify(ModelLibrary((model.parent,)).find("tiny"))
    assert at > 20
    assert names(model)[0] == f"killed {at}"
    assert not list(model.glob("*.next"))


def test_a_full_disk_leaves_the_old_names(tmp_path: Path) -> None:
    model = make_tiny_model(tmp_path / "models", name="tiny")
    before = names(model)
    with pytest.raises(DiskFullError):
        rewrite(model, "new", FaultyDisk(3, raise_error(errno.ENOSPC)))
    assert names(model) == before
