"""Sending pictures to other programs, and showing what comes back painted over."""

import os
from collections.abc import Sequence
from functools import partial

import msgspec
from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu, QPushButton

from studio.app.background import Background
from studio.app.exporting import Exporter, ExportItem
from studio.app.gallery_desk import GalleryDesk
from studio.app.handoff_desk import HandoffDesk, Returned, Sent
from studio.app.preferences import SendPreferences
from studio.core.errors import StudioError
from studio.core.history import Painted
from studio.export.stills import StillSettings
from studio.files.paint_programs import (
    DEFAULT_KEY,
    KNOWN,
    LAYERED_BY_KEY,
    OWN_KEY,
    PaintProgram,
    find_programs,
)
from studio.library.kept import Kept
from studio.ui.change_words import say_painted
from studio.ui.commands import COMMAND_BY_ID
from studio.ui.export_flow import ExportFlow
from studio.ui.history_panel import HistoryPanel
from studio.ui.icons import icon
from studio.ui.inversion_flow import InversionFlow
from studio.ui.kept_actions import KeptActions
from studio.ui.own_program_form import OwnProgramForm
from studio.ui.painted_view import PaintedView
from studio.ui.parts import Parts
from studio.ui.texts import tr, tr_error, tr_plural


class HandoffFlow(QObject):
    """Connects commands, Export panels and gallery with the desk that sends and watches."""

    def __init__(
        self,
        parts: Parts,
        gallery: GalleryDesk,
        *,
        exporting: ExportFlow,
        on_kept: Sequence[KeptActions],
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._gallery, self._exporting = parts, gallery, exporting
        find = parts.models.find_card
        exporter = Exporter(
            gallery.gallery, parts.engine, find_card=find, name="handoff", parent=self
        )
        self.desk = HandoffDesk(gallery.gallery, exporter, find_card=find, parent=self)
        self.view = PaintedView(parts, gallery.gallery, exporting=exporting)
        self._worker = Background(self)
        self._found: tuple[PaintProgram, ...] = ()
        self._kept_actions = tuple(on_kept)
        self._inverting: InversionFlow | None = None
        self._connect_commands()
        self.desk.sent.connect(self._on_sent)
        self.desk.returned.connect(self._on_returned)
        self.desk.failed.connect(self._say_error)
        self.view.failed.connect(self._say_error)
        parts.preferences.changed.connect(self._offer)
        parts.window.installEventFilter(self)
        for panel in exporting.panels:
            self._make_menu(panel.send)
        for actions in self._kept_actions:
            actions.send_requested.connect(self._send_kept)
        self._offer(None)

    def follow(self, history: HistoryPanel, inverting: InversionFlow) -> None:
        """Show in the history what came back, and let it be looked for in the model."""
        self._inverting = inverting
        history.model.take_painted_pictures(self._thumbnail)
        self._gallery.thumbnails.ready.connect(history.model.refresh_painted)

    def begin(self) -> None:
        """Look for programs and for what came back meanwhile: once the window is seen."""
        self._worker.run(
            lambda: find_programs(os.environ), self._take_programs, failed=self._say_error
        )
        self.desk.begin()

    def finish(self) -> None:
        """Stop watching, and wait for what is being written."""
        self._worker.finish()
        self.desk.finish()
        self.view.finish()

    @property
    def programs(self) -> tuple[PaintProgram, ...]:
        """Where pictures can be sent, in the order of menus."""
        send = self._parts.preferences.values.send
        default = PaintProgram(DEFAULT_KEY, tr("The usual program for pictures"))
        own = PaintProgram(OWN_KEY, send.own_name, send.own_command)
        return (*self._found, default, *((own,) if send.own_command else ()))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Look at what was sent when the artist comes back to the window."""
        if event.type() == QEvent.Type.WindowActivate:
            self.desk.watch.look()
        return super().eventFilter(watched, event)

    # ---------------------------------------------------------------- sending

    def _connect_commands(self) -> None:
        connect = self._parts.window.actions_table.connect_command
        connect("send", self._send_again)
        for key in (*(known.key for known in KNOWN), DEFAULT_KEY, OWN_KEY):
            action = connect(f"send_{key}", partial(self._send_at_hand, key))
            action.setVisible(key in (DEFAULT_KEY, OWN_KEY))
        connect("send_set", self.ask_own)
        connect("bring", self._bring)

    def _take_programs(self, found: tuple[PaintProgram, ...]) -> None:
        self._found = found
        for program in found:
            self._parts.window.actions_table.action(f"send_{program.key}").setVisible(True)
        self._offer(None)

    @Slot()
    def _send_again(self) -> None:
        last = self._parts.preferences.values.send.last
        programs = {program.key for program in self.programs}
        self._send_at_hand(last if last in programs else self.programs[0].key)

    def _send_at_hand(self, key: str) -> None:
        self.send(self._exporting.at_hand(), key)

    @Slot(object)
    def _send_kept(self, wish: tuple[tuple[Kept, ...], str]) -> None:
        items, key = wish
        self.send([ExportItem(kept.recipe, kept.name, kept) for kept in items], key)

    def send(self, items: Sequence[ExportItem], key: str) -> None:
        """Send pictures to a program; without one's own program it is asked for."""
        program = next((one for one in self.programs if one.key == key), None)
        if program is None:
            self.ask_own()
        elif not items:
            self._parts.window.toast.say(tr("Choose a picture first."))
        elif self.desk.is_sending:
            self._parts.window.toast.say(tr("Pictures are still being sent."))
        else:
            self._change(last=key)
            self._parts.window.status.show_work(tr("Sending…"), None)
            self.desk.send(items, program, settings=self._settings(items, key))

    def _settings(self, items: Sequence[ExportItem], key: str) -> StillSettings:
        """Give size, depth and recipe as the Export panel has them; the format is one to paint in."""
        chosen = self._parts.preferences.values.export
        has_layers = all(self._has_layers(item) for item in items)
        return StillSettings(
            format=LAYERED_BY_KEY.get(key, "png") if has_layers else "png",
            bits=chosen.bits,
            size=chosen.size,
            with_recipe=chosen.with_recipe,
            in_one=False,
        )

    def _has_layers(self, item: ExportItem) -> bool:
        """Say whether a picture has painted regions that can be made as layers of their own."""
        is_painted = item.kept is not None and bool(item.kept.painted_in)
        is_possible = self._parts.models.is_open(item.recipe) and not is_painted
        return is_possible and any(region.is_visible for region in item.recipe.regions)

    def _change(self, **changes: object) -> None:
        send: SendPreferences = self._parts.preferences.values.send
        self._parts.preferences.change(send=msgspec.structs.replace(send, **changes))

    @Slot()
    def ask_own(self) -> None:
        """Ask for the artist's own program."""
        send = self._parts.preferences.values.send
        form = OwnProgramForm(
            send.own_name, send.own_command, take=self._take_own, parent=self._parts.window
        )
        form.finished.connect(form.deleteLater)
        form.open()

    def _take_own(self, program: PaintProgram) -> None:
        self._change(own_name=program.name, own_command=program.command)
        self._parts.window.toast.say(tr("“{name}” is in “Send to”.", name=program.name))

    @Slot(object)
    def _offer(self, _values: object) -> None:
        for actions in self._kept_actions:
            actions.offer_programs([(one.key, one.name) for one in self.programs])

    def _make_menu(self, button: QPushButton) -> None:
        menu = QMenu(button)
        menu.aboutToShow.connect(partial(self._fill_menu, menu))
        button.setMenu(menu)
        button.setIcon(icon("send", button.palette(), size=18))
        button.setToolTip(tr("Open it in another program; what is saved there comes back"))

    def _fill_menu(self, menu: QMenu) -> None:
        menu.clear()
        for program in self.programs:
            menu.addAction(program.name, partial(self._send_at_hand, program.key))
        menu.addSeparator()
        menu.addAction(tr(COMMAND_BY_ID["send_set"].text), self.ask_own)

    @Slot(object)
    def _on_sent(self, sent: Sent) -> None:
        self._parts.window.status.show_work("", None)
        count, name = len(sent.paths), sent.program.name
        self._parts.window.toast.say(
            tr_plural(
                "Sent to {name}. Save it there, and it comes back here.",
                "{n} pictures sent to {name}. What is saved there comes back here.",
                n=count,
                name=name,
            )
        )

    @Slot(object)
    def _say_error(self, error: StudioError) -> None:
        self._parts.window.status.show_work("", None)
        self._parts.window.toast.say(tr_error(error))

    # ---------------------------------------------------------------- coming back

    def _thumbnail(self, kept_id: str) -> QImage | None:
        kept = self._gallery.find(kept_id)
        return self._gallery.thumbnail(kept) if kept is not None else None

    @Slot(object)
    def _on_returned(self, returned: Returned) -> None:
        kept, document = returned.kept, self._parts.document
        self._gallery.refresh()
        painted = Painted(kept.id, kept.painted_in)
        current = document.history.current
        is_here = current is not None and current.recipe == kept.recipe == document.recipe
        if is_here and not document.is_in_gesture:
            document.show_painted(kept.recipe, painted)
        else:
            over = [one.id for one in document.history.nodes if one.recipe == kept.recipe]
            if over:
                document.add_painted(painted, parent=over[-1])
            is_here = False
        said = tr("{what}. It is in the gallery.", what=say_painted(kept.painted_in))
        if not returned.is_whole:
            smaller = tr("It was made smaller: the file has more than 4 million pixels.")
            said = f"{said} {smaller}"
        show, bring = partial(self._parts.restoring.open_kept, kept), self._bring
        text = tr("Look for it in the model") if is_here else tr("Show")
        self._parts.window.toast.say(said, button=text, do=bring if is_here else show)

    @Slot()
    def _bring(self) -> None:
        """Look for the painted picture in the model, as for any picture of one's own."""
        shown = self.view.shown
        if shown is not None and self._inverting is not None:
            self._inverting.bring(shown.picture, shown.kept.name)
