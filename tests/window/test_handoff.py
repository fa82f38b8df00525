"""Sending pictures to a stand-in for a paint program, and what comes back from it."""

import shlex
import sys
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from studio.app.preferences import SendPreferences
from studio.compose import Composition
from studio.core.mask import mask_to_text
from studio.core.provenance import COMPOSITE_SOURCE_TYPE
from studio.core.recipe import Region, new_recipe
from studio.files.handoffs import read_handoffs
from studio.files.images import decode_picture, encode_png
from studio.ui.own_program_form import OwnProgramForm
from studio.ui.palette_flow import PaletteFlow
from tests.fakes.galleries import picture_of
from tests.window.shell_parts import Studio, press, studio

__all__ = ["studio"]


class PaintProgram:
    """A program that notes its arguments, and puts a painted picture in place of the first."""

    def __init__(self, folder: Path) -> None:
        self.script, self.told = folder / "paint", folder / "told"
        self.painted = folder / "painted.bin"
        code = folder / "paint.py"
        code.write_text(
            "import os, pathlib, shutil, sys\n"
            f"pathlib.Path({str(self.told)!r}).write_text('\\n'.join(sys.argv[1:]))\n"
            f"if os.path.exists({str(self.painted)!r}):\n"
            f"    shutil.copy({str(self.painted)!r}, sys.argv[-1] + '.tmp')\n"
            "    os.replace(sys.argv[-1] + '.tmp', sys.argv[-1])\n"
        )
        # Not Python's own path in the first line: the system ends it at a space.
        words = shlex.join([sys.executable, str(code)])
        self.script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        self.script.chmod(0o755)

    def paints(self, seed: int, side: int = 32) -> None:
        """Let it save a picture when it is started next."""
        self.painted.write_bytes(encode_png(picture_of(seed, side)))

    @property
    def arguments(self) -> list[str]:
        """What it was started with last, [] before."""
        return self.told.read_text().split("\n") if self.told.exists() else []


@pytest.fixture
def program(tmp_path: Path) -> PaintProgram:
    return PaintProgram(tmp_path)


def _open(studio: Studio, program: PaintProgram) -> Composition:
    composition = studio.open()
    command = (str(program.script), "--new; ls", "{file}")
    composition.preferences.change(
        send=SendPreferences(own_name="Paint", own_command=command),
        export=msgspec.structs.replace(composition.preferences.values.export, size=None),
    )
    return composition


def _width(composition: Composition) -> int:
    image = composition.canvas.sheet.image
    return image.width() if image is not None else 0


def _painted(composition: Composition) -> str:
    painted = composition.document.painted
    return painted.program if painted is not None else ""


def test_a_picture_is_sent_comes_back_painted_over_and_is_then_what_is_exported(
    studio: Studio, program: PaintProgram, qtbot: QtBot, tmp_path: Path
) -> None:
    composition = _open(studio, program)
    recipe, toast = composition.document.recipe, composition.window.toast
    program.paints(5)
    press(composition, "send_own")
    qtbot.waitUntil(lambda: _painted(composition) == "Paint")
    assert program.arguments[0] == "--new; ls"
    path = Path(program.arguments[1])
    assert (path.parent.parent, path.suffix) == (studio.home / "handoff", ".png")
    (kept,) = composition.desk.items()
    assert (kept.painted_in, kept.recipe, kept.width) == ("Paint", recipe, 32)
    assert toast.text == "Painted over in Paint. It is in the gallery."
    qtbot.waitUntil(lambda: composition.sending.view.shown is not None)
    np.testing.assert_array_equal(composition.sending.view.shown.picture, picture_of(5))  # type: ignore[union-attr]
    nodes = composition.document.history.nodes
    assert nodes[-1].parent == nodes[-2].id
    assert COMPOSITE_SOURCE_TYPE.encode() in composition.gallery.read_picture_file(kept)
    assert _width(composition) == 32
    press(composition, "undo")
    assert composition.document.painted is None
    assert composition.document.recipe == recipe
    qtbot.waitUntil(lambda: _width(composition) == 128)
    press(composition, "redo")
    assert _painted(composition) == "Paint"
    qtbot.waitUntil(lambda: composition.sending.view.shown is not None)
    export = composition.preferences.values.export
    composition.preferences.change(
        export=msgspec.structs.replace(export, folder=str(tmp_path / "out"))
    )
    with qtbot.waitSignal(composition.exporter.exported) as told:
        composition.export_panel.export.click()
    (path,) = told.args[0].paths
    np.testing.assert_array_equal(decode_picture(path.read_bytes()), picture_of(5))
    assert COMPOSITE_SOURCE_TYPE.encode() in path.read_bytes()
    press(composition, "star")
    qtbot.waitUntil(lambda: composition.desk.items()[0].starred)
    press(composition, "keep")
    assert composition.window.toast.text == "It is kept already, with its paint."
    assert len(composition.desk.items()) == 1


def test_it_does_not_jump_onto_the_canvas_while_the_artist_is_elsewhere(
    studio: Studio, program: PaintProgram, qtbot: QtBot
) -> None:
    composition = _open(studio, program)
    press(composition, "send_own")
    qtbot.waitUntil(lambda: bool(program.arguments))
    press(composition, "dice")
    here = composition.document.history.current
    path = Path(program.arguments[1])
    path.write_bytes(encode_png(picture_of(6)))
    qtbot.waitUntil(lambda: len(composition.desk.items()) == 1)
    qtbot.waitUntil(lambda: composition.document.history.nodes[-1].painted is not None)
    history = composition.document.history
    assert history.current == here
    assert history.nodes[-1].parent == history.nodes[0].id
    composition.window.toast.button.click()  # "Show"
    assert _painted(composition) == "Paint"


def test_painted_states_and_waiting_saves_survive_a_restart(
    studio: Studio, program: PaintProgram, qtbot: QtBot
) -> None:
    composition = _open(studio, program)
    program.paints(5)
    press(composition, "send_own")
    qtbot.waitUntil(lambda: composition.sending.view.shown is not None)
    path = Path(program.arguments[1])
    studio.close()
    path.write_bytes(encode_png(picture_of(7)))
    again = studio.open()
    qtbot.waitUntil(lambda: len(again.desk.items()) == 2)
    qtbot.waitUntil(lambda: again.sending.view.shown is not None)
    assert sum(node.painted is not None for node in again.document.history.nodes) == 2
    (handoff,) = read_handoffs(studio.home)
    assert len(handoff.seen) == 3


def test_the_same_picture_is_not_written_twice_until_something_was_done_to_it(
    studio: Studio, program: PaintProgram, qtbot: QtBot
) -> None:
    composition = _open(studio, program)
    for _ in range(2):
        with qtbot.waitSignal(composition.sending.desk.sent):
            press(composition, "send_own")
    folder = studio.home / "handoff"
    (only,) = folder.iterdir()
    (only / "mine.xcf").write_bytes(b"PK")
    next(only.glob("*.png")).write_bytes(encode_png(picture_of(8)))
    qtbot.waitUntil(lambda: composition.sending.view.shown is not None)
    press(composition, "undo")
    with qtbot.waitSignal(composition.sending.desk.sent):
        press(composition, "send")
    assert len(list(folder.iterdir())) == 2
    assert [one.pictures[0].kept for one in read_handoffs(studio.home)] == [None, None]
    assert (only / "mine.xcf").read_bytes() == b"PK"


def test_many_go_to_one_program_and_a_failure_has_a_way_out(
    studio: Studio, program: PaintProgram, qtbot: QtBot
) -> None:
    composition = _open(studio, program)
    for _ in range(2):
        press(composition, "keep")
        press(composition, "dice")
    qtbot.waitUntil(lambda: len(composition.desk.items()) == 2)
    command = (str(program.script), "{files}")
    composition.preferences.change(send=SendPreferences(own_name="P", own_command=command))
    menu = composition.gallery_page.actions_on_kept.make_menu(
        composition.desk.items(), in_trash=False
    )
    (send,) = (one for one in menu.findChildren(QMenu) if one.title() == "Send to")
    next(one for one in send.actions() if one.text() == "P").trigger()
    qtbot.waitUntil(lambda: len(program.arguments) == 2)
    said = "2 pictures sent to P. What is saved there comes back here."
    qtbot.waitUntil(lambda: composition.window.toast.text == said)
    menu.deleteLater()
    program.script.unlink()
    press(composition, "send")
    qtbot.waitUntil(lambda: "could not be started" in composition.window.toast.text)
    assert "handoff" in composition.window.toast.text


def test_programs_that_are_here_are_offered_and_ones_own_is_asked_for(
    studio: Studio,
    program: PaintProgram,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("krita", "inkscape"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path))
    composition = studio.open()
    table = composition.window.actions_table
    qtbot.waitUntil(lambda: table.action("send_krita").isVisible())
    seen = {
        command.id
        for command in table.commands()
        if command.submenu == "Send to" and table.action(command.id).isVisible()
    }
    assert seen == {"send_krita", "send_inkscape", "send_default", "send_own", "send_set"}
    (palette,) = composition.window.findChildren(PaletteFlow)
    places = {entry.key for entry in palette.entries()}
    assert seen <= places
    assert "send_gimp" not in places
    menu = composition.gallery_page.export_panel.send.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()][:2] == ["Krita", "Inkscape"]
    press(composition, "send_own")
    (form,) = composition.window.findChildren(OwnProgramForm)
    form.program.setText("not there")
    form.save.click()
    assert form.wrong.text().startswith("There is no program “not there”.")
    form.name.setText("Mine")
    form.program.setText(str(program.script))
    form.arguments.setPlainText("--a\n\n{file}")
    form.save.click()
    send = composition.preferences.values.send
    assert (send.own_name, send.own_command) == ("Mine", (str(program.script), "--a", "{file}"))
    assert composition.window.toast.text == "“Mine” is in “Send to”."


def test_a_picture_with_painted_regions_goes_out_in_layers_and_its_merged_picture_comes_back(
    studio: Studio,
    program: PaintProgram,
    tmp_path: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program.script.rename(tmp_path / "krita")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path))
    composition = _open(studio, program)
    table = composition.window.actions_table
    qtbot.waitUntil(lambda: table.action("send_krita").isVisible())
    recipe = composition.document.recipe
    assert recipe is not None
    sky = Region(
        kind="mix",
        mask=mask_to_text(np.full((8, 8), 200, np.uint8)),
        recipe=new_recipe(recipe.model, 3),
    )
    composition.document.edit(msgspec.structs.replace(recipe, regions=(sky,)))
    press(composition, "send_krita")
    qtbot.waitUntil(lambda: bool(program.arguments))
    path = Path(program.arguments[0])
    assert path.suffix == ".ora"
    with zipfile.ZipFile(path) as layered:
        assert b"<layer" in layered.read("stack.xml")
    assert not composition.desk.items()
    path.with_suffix(".png").write_bytes(encode_png(picture_of(9)))
    qtbot.waitUntil(lambda: len(composition.desk.items()) == 1)
    assert composition.desk.items()[0].painted_in == "Krita"
