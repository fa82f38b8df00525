"""The Latents panel: seed, truncation, zones, mix and the sliders of the directions."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.engine_client import EngineClient, OpenedModel
from studio.app.latent_editor import LatentEditor
from studio.app.preferences import Preferences
from studio.app.small_pictures import SmallPictures
from studio.app.strips import Strips
from studio.app.teaching_desk import TeachingDesk
from studio.core.latent import filled_zones
from studio.core.mixing import alone, ruling_source
from studio.core.recipe import DEFAULT_PSI, MAX_PSI, ZONES, Recipe, Zone
from studio.ui.direction_place import DirectionPlace
from studio.ui.elided_label import ElidedLabel, name_label
from studio.ui.fine_slider import FineSlider
from studio.ui.hairline import Hairline
from studio.ui.icon_button import IconButton
from studio.ui.mix_part import MixPart
from studio.ui.number_box import NumberBox
from studio.ui.seed_row import SeedRow
from studio.ui.texts import tr
from studio.ui.theme import mark
from studio.ui.zone_chips import ZONE_NAMES, ZoneChips

_SOURCE_PX = 64
_COMPACT_BELOW_PX = 560  # look/small.jpg: at 720 px of window only the strip in use is shown


class LatentPanel(QWidget):
    """Everything that steers the picture.

    Signals:
        dropped: `Dropped` on a zone's chip.
        source_dropped: `Dropped` on the mix: a picture that is to be one source more.
    """

    dropped = Signal(object)
    source_dropped = Signal(object)

    def __init__(
        self,
        document: Document,
        engine: EngineClient,
        *,
        preferences: Preferences,
        desk: DirectionDesk,
        editor: LatentEditor | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._engine = engine
        self.desk = desk
        self.editor = editor or LatentEditor(document, preferences, desk=desk, parent=self)
        self._sources = SmallPictures(engine, "source", size=_SOURCE_PX, parent=self)
        self.strips = Strips(document, engine, editor=self.editor, parent=self)
        self.seed_row = SeedRow()
        self.psi_slider = FineSlider(
            0.0, MAX_PSI, name=tr("Truncation"), step=0.05, default=DEFAULT_PSI
        )
        self.psi_box = NumberBox(0.0, MAX_PSI, name=tr("Truncation"), decimals=2)
        self._psi_reset = IconButton("reset", tr("Back to {value}", value=DEFAULT_PSI), size=24)
        self._zones_said = mark(ElidedLabel(), "second")
        self.chips = ZoneChips()
        self._has_psi = True
        self._filled: tuple[Zone, ...] = ZONES
        self.mix = MixPart(self.editor, self._sources)
        self.mix_row = self.mix.row
        self.teaching = TeachingDesk(
            document, engine, sliders=desk, editor=self.editor, parent=self
        )
        self.sliders = DirectionPlace(self.editor, desk, teaching=self.teaching)
        self.directions = self.sliders.directions
        self._lay_out()
        self._connect()
        self._on_model(engine.opened)
        self._show_recipe(document.recipe)
        self.seed_row.show_lock(self.editor.is_seed_locked)

    def roll_dice(self) -> None:
        """Draw a new seed, unless it is locked."""
        self.editor.roll()

    def toggle_lock(self) -> None:
        """Lock or unlock the seed."""
        self.editor.set_locked(not self.editor.is_seed_locked)

    def previous_seed(self) -> None:
        """Go back to the seed before this one."""
        self.editor.previous_seed()

    def next_seed(self) -> None:
        """Go on to the next seed."""
        self.editor.next_seed()

    def focus_direction(self, index: int) -> None:
        """Put the focus on a direction's slider, 0 for the first."""
        self.sliders.close_teaching()
        self.directions.focus_row(index)

    def focus_seed(self) -> None:
        """Put the focus into the seed's field."""
        self.seed_row.field.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show only the strip in use where there is little room."""
        super().resizeEvent(event)
        is_compact = self.height() < _COMPACT_BELOW_PX
        self.directions.set_compact(is_compact)
        self.mix.pad.set_compact(is_compact)

    def _lay_out(self) -> None:
        top = QWidget()
        column = QVBoxLayout(top)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        column.addWidget(self.seed_row)
        column.addLayout(self._psi_row())
        column.addLayout(_head(tr("Zones"), self._zones_said))
        column.addWidget(self.chips)
        column.addWidget(self.mix)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(top)
        whole.addWidget(Hairline())
        whole.addWidget(self.sliders, 1)

    def _psi_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(name_label(QLabel(tr("Truncation"))))
        row.addSpacing(4)
        row.addWidget(self.psi_slider, 1)
        row.addWidget(self._psi_reset)
        row.addWidget(self.psi_box)
        keep = self._psi_reset.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._psi_reset.setSizePolicy(keep)
        return row

    def _connect(self) -> None:
        document, editor = self._document, self.editor
        document.recipe_changed.connect(self._show_recipe)
        editor.zones_changed.connect(self._on_zones)
        editor.lock_changed.connect(self.seed_row.show_lock)
        self._engine.model_opened.connect(self._on_model)
        self._sources.ready.connect(self._on_source)
        self.strips.picture_ready.connect(self.directions.show_picture)
        self.strips.follow(self.directions.visible_directions)
        self.directions.view_changed.connect(self.strips.look_again)
        for hand in (self.psi_slider, self.mix, self.directions):
            hand.gesture_began.connect(document.begin_gesture)
            hand.gesture_ended.connect(document.end_gesture)
        self.seed_row.seed_edited.connect(editor.set_seed)
        self.seed_row.dice_requested.connect(editor.roll)
        self.seed_row.previous_requested.connect(editor.previous_seed)
        self.seed_row.lock_requested.connect(editor.set_locked)
        self.psi_slider.value_edited.connect(editor.set_psi)
        self.psi_slider.default_requested.connect(self._reset_psi)
        self._psi_reset.clicked.connect(self._reset_psi)
        self.psi_box.number_edited.connect(editor.set_psi)
        self.chips.zones_edited.connect(editor.set_zones)
        self.chips.dropped.connect(self.dropped)
        self.mix.dropped.connect(self.source_dropped)

    @Slot(object)
    def _show_recipe(self, recipe: Recipe | None) -> None:
        editor, has_picture = self.editor, recipe is not None
        self.psi_slider.setEnabled(has_picture and self._has_psi)
        self.psi_box.setEnabled(has_picture and self._has_psi)
        for part in (self.seed_row, self.chips, self.mix):
            part.setEnabled(has_picture)
        self.directions.setEnabled(has_picture)
        self.seed_row.show_seed(
            editor.seed, has_picture=has_picture, can_go_back=editor.can_go_back
        )
        self.psi_slider.show_number(editor.psi())
        self.psi_box.show_number(editor.psi())
        self._psi_reset.setVisible(has_picture and abs(editor.psi() - DEFAULT_PSI) > 1e-6)
        self.directions.refresh()
        self._show_zones()
        self._show_sources()

    def _show_zones(self) -> None:
        zones = self.editor.zones
        self.chips.show_zones(zones)
        has_zones = len(self._filled) > 1
        said = _say_zones(zones) if has_zones else tr("one for the whole picture")
        self._zones_said.set_full_text(said)

    def _show_sources(self) -> None:
        recipe = self._document.recipe
        if recipe is None:
            return
        self.mix.show_recipe(recipe)
        for zone, chip in self.chips.chips.items():
            place = ruling_source(recipe, zone)
            chip.show_source(chr(ord("A") + place), self._sources.request(alone(recipe, place)))

    @Slot(object)
    def _on_source(self, _recipe: Recipe) -> None:
        self._show_sources()

    @Slot(object)
    def _on_zones(self, _zones: object) -> None:
        self._show_recipe(self._document.recipe)

    @Slot(object)
    def _on_model(self, opened: OpenedModel | None) -> None:
        if opened is not None:
            self._filled = filled_zones(opened.card.layers, opened.card.zones)
            self.chips.show_filled(self._filled)
            foreign = opened.card.foreign
            self._has_psi = foreign is None or foreign.has_truncation
            tip = "" if self._has_psi else tr("This model takes no truncation: it undoes it itself")
            self.psi_slider.setToolTip(tip)
            self.psi_box.setToolTip(tip)
            self._show_recipe(self._document.recipe)

    @Slot()
    def _reset_psi(self) -> None:
        self.editor.set_psi(DEFAULT_PSI)


def _head(text: str, said: QLabel | None = None) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    row.addWidget(mark(QLabel(text), "second"))
    row.addStretch(1)
    if said is not None:
        said.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(said, 30)
    return row


def _say_zones(zones: tuple[Zone, ...]) -> str:
    names = [tr(ZONE_NAMES[zone]) for zone in zones]
    if len(zones) == len(ZONES):
        return tr("sliders change everything")
    if len(names) == 1:
        return tr("sliders change {zone}", zone=names[0])
    return tr("sliders change {zone} and {other}", zone=names[0], other=names[1])
