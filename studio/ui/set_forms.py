"""What can be chosen for each kind of sheet or set."""

from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QLineEdit, QStackedWidget, QWidget

from studio.export.set_settings import (
    MAX_COLOURS,
    MAX_COLUMNS,
    MAX_EXTRUDE_PX,
    MAX_PADDING_PX,
    MAX_TILES_ACROSS,
    MIN_COLOURS,
    PALETTE_FORMATS,
    SET_KINDS,
    SetKind,
    SetSettings,
)
from studio.ui.form_rows import choice, form_column, labelled, pick, section, whole_box
from studio.ui.segments import Segments
from studio.ui.texts import tr

Changed = Callable[[], object]
_CELLS_PX: Final = (64, 96, 128, 192, 256, 384, 512, 1024)
_TILES_PX: Final = (8, 16, 24, 32, 48, 64, 96, 128, 256, 512)


class SetForms(QStackedWidget):
    """Shows the form of one kind; remembers all.

    Signals:
        changed: The new `SetSettings`, when the artist changed something.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = SetSettings()
        self._is_showing = False
        self.sheet = _SheetForm(self._take)
        self.sprites = _SpriteForm(self._take)
        self.tiles = _TileForm(self._take)
        self.palette_form = _PaletteForm(self._take)
        self.page = _PageForm(self._take)
        for form in self._forms():
            self.addWidget(form)

    @property
    def settings(self) -> SetSettings:
        """What is chosen for all kinds."""
        return self._settings

    def show_kind(self, kind: SetKind, *, num_pictures: int) -> None:
        """Show the form of a kind; tiles are cut from one picture only."""
        self.setCurrentIndex(SET_KINDS.index(kind))
        self.tiles.show_count(num_pictures)
        self.setFixedHeight(self._forms()[self.currentIndex()].sizeHint().height())

    def show_settings(self, settings: SetSettings) -> None:
        """Show what is remembered."""
        self._settings = settings
        self._is_showing = True
        for form in self._forms():
            form.show_settings(settings)
        self._is_showing = False

    def _forms(self) -> tuple["_Form", ...]:
        return (self.sheet, self.sprites, self.tiles, self.palette_form, self.page)

    @Slot()
    def _take(self) -> None:
        if self._is_showing:
            return
        settings = self._settings
        for form in self._forms():
            settings = form.read(settings)
        if settings != self._settings:
            self._settings = settings
            self.changed.emit(settings)


class _Form(QWidget):
    """One kind's choices."""

    def show_settings(self, settings: SetSettings) -> None:
        """Show what is remembered."""
        raise NotImplementedError

    def read(self, settings: SetSettings) -> SetSettings:
        """Give the settings with what is chosen here."""
        raise NotImplementedError


class _SheetForm(_Form):
    def __init__(self, changed: Changed) -> None:
        super().__init__()
        self.title = QLineEdit()
        self.title.setAccessibleName(tr("Title"))
        self.title.setPlaceholderText(tr("Title above the pictures"))
        self.title.setMaxLength(200)
        self.title.editingFinished.connect(changed)
        captions = (
            (tr("Name"), "name"), (tr("Seed"), "seed"), (tr("Name and seed"), "both"),
            (tr("Nothing"), "none"),
        )  # fmt: skip
        self.caption = choice(tr("Below each picture"), captions, changed=changed)
        self.cell = choice(
            tr("Size of the pictures"),
            [(tr("{size} px", size=size), size) for size in _CELLS_PX],
            changed=changed,
        )
        self.columns = whole_box(
            tr("Columns"), (0, MAX_COLUMNS), changed=changed, nothing=tr("Fitting")
        )
        self.gap = whole_box(tr("Gap in pixels"), (0, 200), changed=changed)
        self.margin = whole_box(tr("Margin in pixels"), (0, 400), changed=changed)
        grounds = (("dark", tr("Dark")), ("grey", tr("Grey")), ("white", tr("White")))
        self.ground = Segments(grounds, name=tr("Ground"))
        self.ground.current_changed.connect(changed)
        self.credit = QCheckBox(tr("The model’s credit below"))
        self.credit.toggled.connect(changed)
        column = form_column(self)
        for row in (
            self.title,
            labelled(tr("Below each picture"), self.caption),
            labelled(tr("Size of the pictures"), self.cell),
            labelled(tr("Columns"), self.columns),
            labelled(tr("Gap and margin"), self.gap, self.margin),
            self.ground,
            self.credit,
        ):
            column.addWidget(row)
        self.gap.setFixedWidth(64)
        self.margin.setFixedWidth(64)

    def show_settings(self, settings: SetSettings) -> None:
        sheet = settings.sheet
        if self.title.text() != sheet.title:
            self.title.setText(sheet.title)
        pick(self.caption, sheet.caption)
        pick(self.cell, sheet.cell_px)
        self.columns.setValue(sheet.columns)
        self.gap.setValue(sheet.gap_px)
        self.margin.setValue(sheet.margin_px)
        self.ground.set_current(sheet.ground)
        self.credit.setChecked(sheet.has_credit)

    def read(self, settings: SetSettings) -> SetSettings:
        sheet = msgspec.structs.replace(
            settings.sheet,
            title=self.title.text().strip(),
            caption=self.caption.currentData(),
            cell_px=self.cell.currentData(),
            columns=self.columns.value(),
            gap_px=self.gap.value(),
            margin_px=self.margin.value(),
            ground=self.ground.current,
            has_credit=self.credit.isChecked(),
        )
        return msgspec.structs.replace(settings, sheet=sheet)


class _SpriteForm(_Form):
    def __init__(self, changed: Changed) -> None:
        super().__init__()
        sizes = [(tr("As made"), 0), *((tr("{size} px", size=size), size) for size in _TILES_PX)]
        self.side = choice(tr("Size of the frames"), sizes, changed=changed)
        self.columns = whole_box(
            tr("Columns"), (0, MAX_COLUMNS), changed=changed, nothing=tr("Fitting")
        )
        self.padding = whole_box(tr("Padding in pixels"), (0, MAX_PADDING_PX), changed=changed)
        self.extrude = whole_box(tr("Extrude in pixels"), (0, MAX_EXTRUDE_PX), changed=changed)
        self.duration = whole_box(
            tr("Milliseconds a frame"), (0, 10_000), changed=changed, nothing=tr("None")
        )
        self.power = QCheckBox(tr("Sides are powers of two"))
        self.power.toggled.connect(changed)
        self.form = Segments(
            (("hash", tr("JSON hash")), ("array", tr("JSON array"))), name=tr("Form of the JSON")
        )
        self.form.current_changed.connect(changed)
        column = form_column(self)
        for row in (
            labelled(tr("Size of the frames"), self.side),
            labelled(tr("Columns"), self.columns),
            labelled(tr("Padding between"), self.padding),
            labelled(tr("Edge repeated around"), self.extrude),
            labelled(tr("Milliseconds a frame"), self.duration),
            self.power,
            self.form,
        ):
            column.addWidget(row)

    def show_settings(self, settings: SetSettings) -> None:
        sprites = settings.sprites
        pick(self.side, sprites.side_px)
        self.columns.setValue(sprites.columns)
        self.padding.setValue(sprites.padding_px)
        self.extrude.setValue(sprites.extrude_px)
        self.duration.setValue(sprites.duration_ms)
        self.power.setChecked(sprites.is_power_of_two)
        self.form.set_current(sprites.form)

    def read(self, settings: SetSettings) -> SetSettings:
        sprites = msgspec.structs.replace(
            settings.sprites,
            side_px=self.side.currentData(),
            columns=self.columns.value(),
            padding_px=self.padding.value(),
            extrude_px=self.extrude.value(),
            duration_ms=self.duration.value(),
            is_power_of_two=self.power.isChecked(),
            form=self.form.current,
        )
        return msgspec.structs.replace(settings, sprites=sprites)


class _TileForm(_Form):
    def __init__(self, changed: Changed) -> None:
        super().__init__()
        self.tile = choice(
            tr("Size of a tile"),
            [(tr("{size} px", size=size), size) for size in _TILES_PX],
            changed=changed,
        )
        self.across = whole_box(tr("Tiles across"), (1, MAX_TILES_ACROSS), changed=changed)
        self.down = whole_box(tr("Tiles down"), (1, MAX_TILES_ACROSS), changed=changed)
        self.extrude = whole_box(tr("Extrude in pixels"), (0, MAX_EXTRUDE_PX), changed=changed)
        self.power = QCheckBox(tr("Sides are powers of two"))
        self.power.toggled.connect(changed)
        self._cut = labelled(tr("Cut into columns, rows"), self.across, self.down)
        self._note = section(tr("Each picture becomes one tile."))
        for box in (self.across, self.down):
            box.setFixedWidth(64)
        column = form_column(self)
        for row in (
            labelled(tr("Size of a tile"), self.tile),
            self._cut,
            self._note,
            labelled(tr("Edge repeated around"), self.extrude),
            self.power,
        ):
            column.addWidget(row)

    def show_count(self, num_pictures: int) -> None:
        """Offer to cut where there is one picture."""
        self._cut.setVisible(num_pictures <= 1)
        self._note.setVisible(num_pictures > 1)

    def show_settings(self, settings: SetSettings) -> None:
        tiles = settings.tiles
        pick(self.tile, tiles.tile_px)
        self.across.setValue(tiles.across)
        self.down.setValue(tiles.down)
        self.extrude.setValue(tiles.extrude_px)
        self.power.setChecked(tiles.is_power_of_two)

    def read(self, settings: SetSettings) -> SetSettings:
        tiles = msgspec.structs.replace(
            settings.tiles,
            tile_px=self.tile.currentData(),
            across=self.across.value(),
            down=self.down.value(),
            extrude_px=self.extrude.value(),
            is_power_of_two=self.power.isChecked(),
        )
        return msgspec.structs.replace(settings, tiles=tiles)


class _PaletteForm(_Form):
    def __init__(self, changed: Changed) -> None:
        super().__init__()
        self.count = whole_box(tr("Colours"), (MIN_COLOURS, MAX_COLOURS), changed=changed)
        words = {
            "gpl": tr("GIMP, Krita, Inkscape (.gpl)"),
            "ase": tr("Illustrator, Affinity (.ase)"),
            "aco": tr("Photoshop (.aco)"),
        }
        self.checks = {kind: QCheckBox(words[kind]) for kind in PALETTE_FORMATS}
        column = form_column(self)
        column.addWidget(labelled(tr("Colours"), self.count))
        for check in self.checks.values():
            check.toggled.connect(changed)
            column.addWidget(check)

    def show_settings(self, settings: SetSettings) -> None:
        self.count.setValue(settings.palette.num_colours)
        for kind, check in self.checks.items():
            check.setChecked(kind in settings.palette.formats)

    def read(self, settings: SetSettings) -> SetSettings:
        formats = tuple(kind for kind in PALETTE_FORMATS if self.checks[kind].isChecked())
        palette = msgspec.structs.replace(
            settings.palette, num_colours=self.count.value(), formats=formats
        )
        return msgspec.structs.replace(settings, palette=palette)


class _PageForm(_Form):
    def __init__(self, changed: Changed) -> None:
        super().__init__()
        self.title = QLineEdit()
        self.title.setAccessibleName(tr("Title"))
        self.title.setPlaceholderText(tr("Title of the page"))
        self.title.setMaxLength(200)
        self.title.editingFinished.connect(changed)
        forms = (("file", tr("One file")), ("folder", tr("Folder with pictures")))
        self.form = Segments(forms, name=tr("Form of the page"))
        self.form.current_changed.connect(changed)
        sizes = [(tr("{size} px", size=size), size) for size in (512, 1024, 1536, 2048)]
        self.side = choice(tr("Size of the pictures"), sizes, changed=changed)
        column = form_column(self)
        for row in (self.title, self.form, labelled(tr("Size of the pictures"), self.side)):
            column.addWidget(row)

    def show_settings(self, settings: SetSettings) -> None:
        if self.title.text() != settings.page.title:
            self.title.setText(settings.page.title)
        self.form.set_current(settings.page.form)
        pick(self.side, settings.page.size)

    def read(self, settings: SetSettings) -> SetSettings:
        page = msgspec.structs.replace(
            settings.page,
            title=self.title.text().strip(),
            form=self.form.current,
            size=self.side.currentData(),
        )
        return msgspec.structs.replace(settings, page=page)
