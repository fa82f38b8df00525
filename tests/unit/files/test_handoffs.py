"""Records of what was sent; what the artist put beside it is never touched."""

import json
from pathlib import Path

import msgspec
import pytest

from studio.core.recipe import new_recipe
from studio.files.handoffs import (
    KEPT_S,
    RECORD,
    Handoff,
    SentPicture,
    digest_of,
    list_pictures,
    read_handoffs,
    remove_untouched,
    write_handoff,
)

RECIPE = new_recipe("ab" * 32, 7)


def _send(home: Path, *names: str, folder: str = "Hills") -> Handoff:
    place = home / "handoff" / folder
    place.mkdir(parents=True)
    sent = []
    for name in names:
        (place / name).write_bytes(name.encode())
        digest = digest_of(place / name)
        sent.append(SentPicture(file=name, sha256=digest, recipe=RECIPE, model_name="Hügel"))
    handoff = Handoff(
        folder=place, program="Krita 山", sent_at=1.0, pictures=tuple(sent), seen=("12",)
    )
    write_handoff(handoff)
    return handoff


def test_a_record_comes_back_as_it_was(tmp_path: Path) -> None:
    first = _send(tmp_path, "a.png", "b.png")
    second = msgspec.structs.replace(_send(tmp_path, "c.png", folder="Sea"), sent_at=2.0)
    write_handoff(second)
    assert read_handoffs(tmp_path) == (second, first)
    assert read_handoffs(tmp_path / "nowhere") == ()


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 0},
        {"pictures": []},
        {"pictures": [{"file": "../../a.png", "sha256": "", "recipe": {}}]},
        {"program": None},
        None,
    ],
)
def test_a_damaged_record_is_left_out_and_left_alone(
    change: dict[str, object] | None, tmp_path: Path
) -> None:
    path = _send(tmp_path, "a.png").folder / RECORD
    fields = json.loads(path.read_bytes())
    if change is not None and change.get("pictures"):
        change["pictures"] = [fields["pictures"][0] | {"file": "../../a.png"}]
    damaged = b"\xff{" if change is None else json.dumps(fields | change).encode()
    path.write_bytes(damaged)
    assert read_handoffs(tmp_path) == ()
    assert remove_untouched(tmp_path, now=KEPT_S * 9) == 0
    assert path.read_bytes() == damaged


def test_a_file_belongs_to_the_picture_whose_name_is_likest() -> None:
    names = ("sea-7.png", "sea-12.png", "wood.png")
    sent = tuple(SentPicture(file=name, sha256="", recipe=RECIPE) for name in names)
    handoff = Handoff(folder=Path("x"), program="", sent_at=0.0, pictures=sent)
    saved = {"sea-12.png": 1, "sea-7 painted.jpg": 0, "Wood.tif": 2, "other.png": 0}
    assert {name: sent.index(handoff.picture_of(name)) for name in saved} == saved


def test_only_pictures_in_the_folder_itself_are_looked_at(tmp_path: Path) -> None:
    for name in ("a.png", ".part-x.png", "b.xcf", "c.PNG~", "d.JPG"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "e.png").symlink_to(tmp_path / "a.png")
    (tmp_path / "f.png").mkdir()
    assert [path.name for path in list_pictures(tmp_path)] == ["a.png", "d.JPG"]
    assert list_pictures(tmp_path / "gone") == {}


def test_old_handoffs_go_only_when_nobody_did_anything_to_them(tmp_path: Path) -> None:
    plain, painted, worked = (_send(tmp_path, "a.png", folder=name) for name in "ijk")
    (painted.folder / "a.png").write_bytes(b"painted over")
    (worked.folder / "a.xcf").write_bytes(b"the artist's own work")
    assert remove_untouched(tmp_path, now=KEPT_S - 9) == 0
    assert remove_untouched(tmp_path, now=KEPT_S + 9) == 1
    assert not plain.folder.exists()
    assert (painted.folder / "a.png").read_bytes() == b"painted over"
    assert sorted(path.name for path in worked.folder.iterdir()) == ["a.png", "a.xcf", RECORD]
