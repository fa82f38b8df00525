"""Export presets in the panel: choosing one, saving what is chosen, renaming and removing."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QInputDialog, QMenu, QWidget

from studio.export.presets import MAX_NAME, SHIPPED, ExportPreset
from studio.ui.icon_button import IconButton
from studio.ui.texts import N_, tr

# The names of ours, for the catalogue of texts.
_OURS: Final = (N_("For Blender"), N_("For print"), N_("For the web"))


class PresetRow(QWidget):
    """Shows and asks.

    Signals:
        preset_chosen: `ExportPreset`.
        save_requested: A name for what is chosen now.
        rename_requested: (old name, new name).
        remove_requested: A name.
    """

    preset_chosen = Signal(object)
    save_requested = Signal(str)
    rename_requested = Signal(str, str)
    remove_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._own: tuple[ExportPreset, ...] = ()
        self.box = QComboBox()
        self.box.setAccessibleName(tr("Preset"))
        self.box.setToolTip(tr("Preset: format, size, names and folder at once"))
        self.box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.more = IconButton("more", tr("Save, rename or delete a preset"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.box, 1)
        row.addWidget(self.more)
        self.box.activated.connect(self._on_activated)
        self.more.clicked.connect(self._open_menu)
        self.show_presets((), None)

    def show_presets(self, own: Sequence[ExportPreset], chosen: str | None) -> None:
        """Show ours and the artist's; `chosen` is the name of the present one, None for none."""
        self._own = tuple(own)
        self.box.clear()
        self.box.addItem(tr("No preset"), None)
        for one in SHIPPED:
            self.box.addItem(tr(one.name), one)
        if self._own:
            self.box.insertSeparator(self.box.count())
        for one in self._own:
            self.box.addItem(one.name, one)
        self.show_chosen(chosen)

    def show_chosen(self, name: str | None) -> None:
        """Show which one is in force, None when what is chosen is no preset's."""
        places = range(self.box.count())
        found = (place for place in places if _name_at(self.box, place) == name)
        self.box.setCurrentIndex(next(found, 0))

    @property
    def chosen(self) -> ExportPreset | None:
        """The present one."""
        preset = self.box.currentData()
        return preset if isinstance(preset, ExportPreset) else None

    def make_menu(self) -> QMenu:
        """Give the menu; ours can be neither renamed nor deleted."""
        menu = QMenu(self)
        menu.addAction(tr("Save as a preset…"), self.ask_name)
        preset = self.chosen
        rename = menu.addAction(tr("Rename…"), self.ask_other_name)
        remove = menu.addAction(tr("Delete"), self._remove)
        for action in (rename, remove):
            action.setEnabled(preset is not None and preset in self._own)
        return menu

    def ask_name(self) -> None:
        """Ask under which name to save."""
        present = self.chosen
        is_own = present is not None and present in self._own
        name = self._ask(
            tr("Save as a preset"), present.name if present is not None and is_own else ""
        )
        if name:
            self.save_requested.emit(name)

    def ask_other_name(self) -> None:
        """Ask for another name."""
        if self.chosen is not None:
            name = self._ask(tr("Rename the preset"), self.chosen.name)
            if name and name != self.chosen.name:
                self.rename_requested.emit(self.chosen.name, name)

    def _ask(self, title: str, text: str) -> str:
        name, is_given = QInputDialog.getText(self, title, tr("Name"), text=text)
        return name.strip()[:MAX_NAME] if is_given else ""

    def _remove(self) -> None:
        if self.chosen is not None:
            self.remove_requested.emit(self.chosen.name)

    @Slot()
    def _open_menu(self) -> None:
        menu = self.make_menu()
        menu.exec(self.more.mapToGlobal(self.more.rect().bottomLeft()))
        menu.deleteLater()

    @Slot(int)
    def _on_activated(self, _place: int) -> None:
        if self.chosen is not None:
            self.preset_chosen.emit(self.chosen)


def _name_at(box: QComboBox, place: int) -> str | None:
    preset = box.itemData(place)
    return preset.name if isinstance(preset, ExportPreset) else None
