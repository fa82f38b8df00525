"""Connects the boards with preferences, export and what is said."""

from PySide6.QtCore import QObject, Slot

from studio.app.board_desk import RemovedBoard
from studio.ui.board_section import BoardSection
from studio.ui.export_flow import ExportFlow
from studio.ui.parts import Parts
from studio.ui.texts import tr


class BoardFlow(QObject):
    """Opens the board that was open last, and remembers which that is."""

    def __init__(self, parts: Parts, section: BoardSection, *, exporting: ExportFlow) -> None:
        super().__init__(parts.window)
        self._parts, self._boards = parts, section.boards
        self._section, self._exporting = section, exporting
        self._boards.choose(parts.preferences.values.board)
        self._boards.chosen.connect(self._on_chosen)
        section.export_requested.connect(self._export)
        section.removed.connect(self._on_removed)
        actions = parts.window.actions_table
        actions.connect_command("board_new", self._make)
        actions.connect_command("board_export", self._export_present)

    @Slot(object)
    def _on_chosen(self, name: str) -> None:
        self._parts.preferences.change(board=name)

    def _make(self) -> None:
        self._parts.window.show_place("gallery")
        self._section.ask_new()

    def _export_present(self) -> None:
        if self._boards.present:
            self._export(self._boards.present)
        else:
            self._parts.window.show_place("gallery")
            self._parts.window.toast.say(tr("Open a board first."))

    @Slot(object)
    def _export(self, name: str) -> None:
        self._exporting.export_set(self._boards.items(name), name)

    @Slot(object)
    def _on_removed(self, removed: RemovedBoard) -> None:
        self._parts.window.toast.say(
            tr("The board was removed; its pictures stay."),
            button=tr("Undo"),
            do=lambda: self._boards.bring_back(removed),
        )
