"""The Latents panel: what the hand does to the recipe, by mouse and by keyboard."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from studio.app.direction_desk import DirectionDesk
from studio.app.strips import POSITIONS
from studio.core.direction_book import taught_direction
from studio.core.mixing import share_of_b
from studio.core.recipe import strength_of, with_edit
from studio.files.direction_units import read_units
from studio.protocol import messages as say
from studio.ui.direction_list import FIRST_ROWS, MORE_ROWS
from studio.ui.latent_panel import LatentPanel
from studio.ui.seed_row import group_digits, read_seed
from studio.ui.slider_row import DirectionRow
from tests.window.panel_parts import Studio

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def studio(tmp_path: Path, qtbot: QtBot) -> Studio:
    return Studio(tmp_path)


@pytest.fixture
def panel(studio: Studio, qtbot: QtBot) -> Iterator[LatentPanel]:
    panel = studio.make_panel(qtbot, width=350, height=900)
    qtbot.waitExposed(panel)
    qtbot.waitUntil(lambda: panel.directions.is_whole)
    yield panel
    studio.close(panel)


def _row(panel: LatentPanel, studio: Studio, index: int) -> DirectionRow:
    row = panel.directions.row(studio.ids[index])
    assert row is not None
    return row


def test_there_are_at_least_ten_sliders(panel: LatentPanel) -> None:
    assert len(panel.directions.rows) >= 10


def test_dragging_a_slider_is_one_step_and_undo_takes_it_back(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    slider = _row(panel, studio, 0).slider
    before = studio.num_steps
    start = slider.handle_centre()
    qtbot.mousePress(slider, LEFT, pos=start)
    for step in range(1, 8):
        qtbot.mouseMove(slider, start + QPoint(5 * step, 0))
    assert studio.num_steps == before
    assert strength_of(studio.recipe, studio.ids[0])[0] > 0
    qtbot.mouseRelease(slider, LEFT, pos=start + QPoint(35, 0))
    assert studio.num_steps == before + 1
    studio.document.undo()
    assert slider.number == 0.0
    assert not studio.recipe.edits


def test_a_slider_changes_only_the_chosen_zones(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    qtbot.mouseClick(panel.chips.chips["fine"], LEFT)
    qtbot.mouseClick(panel.chips.chips["medium"], LEFT)
    assert studio.editor.zones == ("coarse",)
    _row(panel, studio, 2).box.setValue(1.5)
    assert strength_of(studio.recipe, studio.ids[2]) == (1.5, 0.0, 0.0)
    qtbot.mouseClick(panel.chips.chips["coarse"], LEFT)
    assert studio.editor.zones == ("coarse",), "at least one zone stays chosen"


def test_reset_shows_only_where_something_moved(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    row = _row(panel, studio, 1)
    reset = next(b for b in row.findChildren(QAbstractButton) if b.accessibleName() == "Back to 0")
    assert not reset.isVisible()
    row.box.setValue(-2.0)
    assert reset.isVisible()
    qtbot.mouseClick(reset, LEFT)
    assert not studio.recipe.edits
    assert not reset.isVisible()


def test_a_double_click_goes_to_zero(panel: LatentPanel, studio: Studio, qtbot: QtBot) -> None:
    row = _row(panel, studio, 1)
    row.box.setValue(2.0)
    qtbot.mouseDClick(row.slider, LEFT, pos=row.slider.handle_centre())
    assert not studio.recipe.edits


def test_strips_come_when_the_hand_rests_for_the_rows_seen_only(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    studio.engine.asked.clear()
    _row(panel, studio, 0).box.setValue(1.0)
    assert not [key for key in studio.asked_small if key[0] == "strip"]
    row = _row(panel, studio, 0)
    qtbot.waitUntil(lambda: row.strip.image(6) is not None)
    asked = {key[2] for key in studio.asked_small if key[0] == "strip"}
    seen = panel.directions.visible_directions()
    assert asked == set(seen)
    assert len(seen) < len(studio.ids), "rows below the edge cost nothing"
    first = [key[2] for key in studio.asked_small if key[0] == "strip"][: len(POSITIONS)]
    assert set(first) == {seen[0]}, "the top row comes first"
    assert row.strip.framed == 4


def test_the_next_move_drops_what_was_asked(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    row = _row(panel, studio, 0)
    qtbot.waitUntil(lambda: row.strip.image(0) is not None)
    studio.engine.asked.clear()
    row.box.setValue(0.5)
    assert ("cancel_small", ("strip",)) in studio.engine.asked


def test_a_click_on_a_picture_goes_there(panel: LatentPanel, studio: Studio, qtbot: QtBot) -> None:
    strip = _row(panel, studio, 0).strip
    qtbot.mouseClick(strip, LEFT, pos=QPoint(strip.width() - 5, 10))
    assert strength_of(studio.recipe, studio.ids[0]) == (3.0, 3.0, 3.0)
    assert strip.framed == 6


def test_a_locked_seed_stays(panel: LatentPanel, studio: Studio, qtbot: QtBot) -> None:
    qtbot.mouseClick(panel.seed_row.lock, LEFT)
    assert studio.preferences.values.is_seed_locked
    assert not panel.seed_row.dice.isEnabled()
    panel.roll_dice()
    panel.next_seed()
    panel.previous_seed()
    assert studio.editor.seed == 7
    panel.toggle_lock()
    panel.roll_dice()
    assert studio.editor.seed != 7
    panel.previous_seed()
    assert studio.editor.seed == 7
    panel.next_seed()
    assert studio.editor.seed != 7


@pytest.mark.parametrize(
    ("typed", "seed"),
    [
        ("12", 12), ("1 846 302 917", 1846302917), ("seed 77,120", 77120), ("", None), ("x", None),
        ("2147483647", 2147483647), ("2147483648", None), ("-5", None), ("９", None),
    ],
)  # fmt: skip
def test_seeds_are_read_as_people_write_them(typed: str, seed: int | None) -> None:
    assert read_seed(typed) == seed


def test_a_seed_is_typed_and_pasted(panel: LatentPanel, studio: Studio, qtbot: QtBot) -> None:
    field = panel.seed_row.field
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "1846302917")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert studio.editor.seed == 1846302917
    assert field.text() == group_digits(1846302917) == "1\u202f846\u202f302\u202f917"
    QGuiApplication.clipboard().setText("seed 42")
    field.selectAll()
    field.paste()
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert studio.editor.seed == 42
    field.selectAll()
    qtbot.keyClicks(field, "99999999999")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert (studio.editor.seed, field.text()) == (42, "42")


def test_truncation_moves_and_returns_to_its_default(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    panel.psi_box.setValue(1.2)
    assert studio.recipe.psi == (1.2, 1.2, 1.2)
    qtbot.mouseDClick(panel.psi_slider, LEFT, pos=panel.psi_slider.handle_centre())
    assert studio.recipe.psi == (0.7, 0.7, 0.7)


def test_a_second_source_is_added_mixed_and_swapped(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    assert not panel.mix_row.slider.isEnabled()
    qtbot.mouseClick(panel.mix_row.b, LEFT)
    assert len(studio.recipe.sources) == 2
    assert share_of_b(studio.recipe) == (0.5, 0.5, 0.5)
    qtbot.mouseClick(panel.chips.chips["coarse"], LEFT)
    panel.mix_row.box.setValue(90)
    assert share_of_b(studio.recipe) == pytest.approx((0.5, 0.9, 0.9))
    assert [chip.letter for chip in panel.chips.chips.values()] == ["A", "B", "B"]
    seeds = [source.seed for source in studio.recipe.sources]
    qtbot.mouseClick(panel.mix_row.swap, LEFT)
    assert [source.seed for source in studio.recipe.sources] == seeds[::-1]


def test_a_model_with_many_sliders_shows_the_first_at_once_and_the_others_after(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    """All rows in one go held the window up for 100 ms and more."""
    rows = panel.directions
    made: list[int] = []
    rows.view_changed.connect(lambda: made.append(len(rows._row_by_id)))
    before = [row.direction for row in rows.rows]
    assert len(before) > FIRST_ROWS
    for direction in before:
        rows._row_by_id.pop(direction).deleteLater()
    rows._on_desk(None)
    assert [row.direction for row in rows.rows] == before[:FIRST_ROWS]
    qtbot.waitUntil(lambda: rows.is_whole)
    assert [row.direction for row in rows.rows] == before
    assert max(now - last for last, now in pairwise(made)) <= MORE_ROWS


def test_directions_are_searched_starred_renamed_and_hidden(
    panel: LatentPanel, studio: Studio
) -> None:
    names = [row.name for row in panel.directions.rows]
    panel.directions.set_wanted("HORIZON")
    assert [row.name for row in panel.directions.rows] == ["low ↔ high horizon"]
    panel.directions.set_wanted("")
    last = panel.directions.rows[-1]
    last.starred.emit(True)
    last.renamed.emit("Weather of the valley")
    assert panel.directions.rows[0].name == "Weather of the valley"
    panel.directions.rows[1].hidden.emit(True)
    assert len(panel.directions.rows) == len(names) - 1
    panel.directions.set_shows_hidden(True)
    assert len(panel.directions.rows) == len(names)
    assert panel.directions.num_hidden == 1


def test_names_order_and_stars_are_there_again(
    panel: LatentPanel, studio: Studio, tmp_path: Path, qtbot: QtBot
) -> None:
    first, second, third = panel.directions.rows[:3]
    first.name_field.edit()
    qtbot.keyClicks(first.name_field.field, "Evening")
    qtbot.keyClick(first.name_field.field, Qt.Key.Key_Return)
    assert first.slider.hasFocus()
    second.name_field.edit()
    qtbot.keyClicks(second.name_field.field, "no")
    qtbot.keyClick(second.name_field.field, Qt.Key.Key_Escape)
    qtbot.keyClick(third.slider, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert third.slider.number == 0.0, "the row moves and not its number"
    shown = [row.name for row in panel.directions.rows]
    assert shown[:3] == ["Evening", "far ↔ near", "calm ↔ storm"]
    studio.sliders.finish()
    again = DirectionDesk(tmp_path, studio.document, engine=studio.engine)
    assert [entry.name for entry in again.entries] == shown
    first.renamed.emit("")
    assert panel.directions.rows[0].name == "dawn ↔ dusk"


def test_a_row_is_dropped_before_another(panel: LatentPanel, studio: Studio) -> None:
    panel.directions.dropped_before.emit((studio.ids[4], studio.ids[1]))
    order = [row.direction for row in panel.directions.rows]
    assert order[:3] == [studio.ids[0], studio.ids[4], studio.ids[1]]
    panel.directions.dropped_before.emit((studio.ids[0], ""))
    assert [row.direction for row in panel.directions.rows][-1] == studio.ids[0]


def test_a_slider_inside_a_picture_shows_itself_and_can_stay(
    panel: LatentPanel, studio: Studio
) -> None:
    vector_D = np.linspace(-1, 1, 64, dtype=np.float32)
    taught = taught_direction(vector_D, name="x", zones=("coarse",))
    strength = (1.5, 0.0, 0.0)
    studio.document.edit(
        with_edit(studio.recipe, taught.id, strength=strength, vector=taught.vector)
    )
    row = panel.directions.rows[0]
    assert (row.direction, row.slider.number) == (taught.id, 1.5)
    row.box.setValue(0.0)
    assert panel.directions.rows[0] is row, "it stays while the hand is on it"
    row.box.setValue(2.0)
    assert studio.recipe.edits[0].vector == taught.vector
    assert strength_of(studio.recipe, taught.id) == (2.0, 0.0, 0.0), "only where it was"
    row.kept.emit()
    assert not studio.sliders.is_guest(taught.id)
    studio.sliders.remove(taught.id)
    assert studio.sliders.is_guest(taught.id), "the picture still has it"


def test_measured_units_change_what_sliders_show_and_no_picture(
    panel: LatentPanel, studio: Studio, tmp_path: Path, qtbot: QtBot
) -> None:
    row = _row(panel, studio, 0)
    row.box.setValue(1.0)
    before = studio.recipe
    units = dict.fromkeys(studio.ids, 0.5)

    def answer(command: say.Command) -> say.Event:
        assert isinstance(command, say.MeasureUnits)
        return say.UnitsMeasured(request_id=command.request_id, units=units)

    studio.engine.answer_side = answer
    studio.sliders.units.measure()
    qtbot.waitUntil(lambda: row.slider.number == 2.0)
    assert studio.recipe == before
    row.slider.value_edited.emit(3.0)
    assert strength_of(studio.recipe, studio.ids[0]) == (1.5, 1.5, 1.5)
    assert row.box.maximum() == 10.0
    studio.sliders.finish()
    opened = studio.engine.opened
    assert opened is not None
    assert read_units(tmp_path, opened.card.model) == units


def test_a_model_without_zones_and_sliders_says_what_works(
    studio: Studio, panel: LatentPanel, qtbot: QtBot
) -> None:
    opened = studio.engine.opened
    assert opened is not None
    card = msgspec.structs.replace(opened.card, layers=6, zones=(3, 6), model="cd" * 32)
    small = msgspec.structs.replace(opened, card=card, directions=())
    studio.engine.model_opened.emit(small)
    assert not panel.chips.chips["fine"].isEnabled()
    assert panel.chips.chips["medium"].isEnabled()
    assert panel.directions.rows == ()
    (sentence,) = [t for w in panel.directions.findChildren(QLabel) if "teach" in (t := w.text())]
    assert "Seed, truncation and mixing work" in sentence
    (teach,) = [b for b in panel.directions.findChildren(QPushButton) if b.isVisible()]
    qtbot.mouseClick(teach, LEFT)
    assert panel.sliders.is_teaching
    card = msgspec.structs.replace(card, layers=4, zones=(4, 4))
    studio.engine.model_opened.emit(msgspec.structs.replace(small, card=card))
    assert panel.chips.isHidden()


def test_a_low_panel_shows_the_strip_in_use_only(
    panel: LatentPanel, studio: Studio, qtbot: QtBot
) -> None:
    panel.resize(350, 500)
    assert not any(row.has_strip for row in panel.directions.rows)
    panel.focus_direction(1)
    qtbot.waitUntil(panel.directions.rows[1].slider.hasFocus)
    panel.directions.refresh()
    assert [row.has_strip for row in panel.directions.rows][:3] == [False, True, False]


def test_the_keyboard_alone_is_enough(panel: LatentPanel, studio: Studio, qtbot: QtBot) -> None:
    reached: set[str] = set()
    panel.focus_seed()
    for _ in range(120):
        focused = QApplication.focusWidget()
        if focused is None:
            break
        reached.add(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    for name in ("Seed", "New seed", "Lock the seed", "Truncation", "dawn ↔ dusk", "old ↔ new"):
        assert name in reached, f"{name} is out of reach"
    assert any(name.startswith("Coarse") for name in reached)
    panel.focus_direction(0)
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert strength_of(studio.recipe, studio.ids[0])[0] == pytest.approx(0.1)


def test_everything_that_can_be_focused_has_a_name(panel: LatentPanel) -> None:
    kinds = (QAbstractButton, QSlider, QLineEdit)
    nameless = [
        widget
        for widget in panel.findChildren(QWidget)
        if isinstance(widget, kinds)
        and widget.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not widget.accessibleName()
        and not widget.objectName().startswith("qt_")
    ]
    assert not nameless


@pytest.mark.parametrize("width", [300, 350])
def test_it_fits_a_narrow_dock(panel: LatentPanel, width: int) -> None:
    panel.setFixedWidth(width)
    assert panel.minimumSizeHint().width() <= width
    for widget in (panel.psi_box, panel.mix_row.box, panel.seed_row.lock):
        right = widget.mapTo(panel, widget.rect().topRight()).x()
        assert right <= width


def test_without_a_picture_nothing_can_be_moved(tmp_path: Path, qtbot: QtBot) -> None:
    from studio.app.document import Document
    from studio.app.preferences import Preferences
    from tests.fakes.engine_client import FakeEngineClient

    document, engine = Document(), FakeEngineClient()
    desk = DirectionDesk(tmp_path, document, engine=engine)
    panel = LatentPanel(document, engine, preferences=Preferences(tmp_path), desk=desk)
    qtbot.addWidget(panel)
    panel.show()
    assert not panel.psi_slider.isEnabled()
    panel.roll_dice()
    panel.editor.swap()
    panel.editor.roll_b()
    panel.strips.stop()
