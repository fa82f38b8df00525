"""What happens between the parts: wishes of one become calls of another, and words for people."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot

from studio.app.engine_client import OpenedModel
from studio.app.gallery_desk import GalleryDesk
from studio.app.journal import Journal, JournalState
from studio.core.errors import StudioError
from studio.library.kept import Kept
from studio.ui.canvas_message import Message
from studio.ui.history_panel import HistoryPanel
from studio.ui.parts import Parts
from studio.ui.strength_flow import StrengthFlow
from studio.ui.texts import tr, tr_error, tr_sentence
from studio.ui.wall import WallPick


class WindowFlow(QObject):
    """Connects the parts with each other."""

    def __init__(
        self, parts: Parts, *, desk: GalleryDesk, journal: Journal, history_panel: HistoryPanel
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._desk, self._journal = parts, desk, journal
        self._history_panel = history_panel
        self._window, self._canvas = parts.window, parts.canvas
        self._wall, self._models = parts.wall_page.wall, parts.models

    def connect_all(self) -> None:
        """Connect everything, once."""
        self._connect_models_and_pictures()
        self._connect_keeping()
        self._connect_canvas_and_wall()
        self._journal.state_changed.connect(self._on_journal)
        self._parts.preferences.failed.connect(self.say_error)
        self._parts.latent_panel.desk.failed.connect(self.say_error)
        self._window.left.connect(self._journal.save_now)
        self._window.status.show_saved(tr("Everything is saved"))
        self._models.choices_changed.emit(self._models.choices())
        self._on_gallery(None)

    def _connect_models_and_pictures(self) -> None:
        models, picker = self._models, self._window.bar.picker
        self._parts.pictures.model_wanted.connect(models.on_model_wanted)
        self._parts.pictures.shown.connect(self._parts.restoring.check_shown)
        models.choices_changed.connect(picker.set_choices)
        models.refused.connect(self.say_error)
        models.opening.connect(self._on_opening)
        models.nothing_found.connect(self._say_no_model)
        picker.model_chosen.connect(models.open)
        picker.add_requested.connect(self._window.actions_table.action("add_model").trigger)
        self._parts.engine.model_opened.connect(self._on_model_opened)

    def _connect_keeping(self) -> None:
        restoring, keeping = self._parts.restoring, self._parts.keeping
        for source in (restoring, keeping):
            source.refused.connect(self.say_error)
        restoring.said.connect(self.say)
        restoring.restored.connect(self._go_explore)
        restoring.style_opened.connect(self._go_explore)
        restoring.recipe_opened.connect(self._go_explore)
        keeping.kept.connect(self._on_kept)
        self._desk.changed.connect(self._on_gallery)
        self._parts.latent_panel.dropped.connect(restoring.take)
        self.strength = StrengthFlow(self._parts.document, self._canvas, parent=self)
        restoring.zones_wished.connect(self.strength.take)
        self.strength.refused.connect(self.say_error)

    def _connect_canvas_and_wall(self) -> None:
        restoring, canvas, wall = self._parts.restoring, self._canvas, self._wall
        wall.recipe_chosen.connect(self._on_wall_chosen)
        wall.keep_requested.connect(self._on_wall_kept)
        wall.close_requested.connect(self._close_page)
        self._window.page_changed.connect(self._on_page)
        self._parts.latent_panel.editor.zones_changed.connect(wall.desk.set_zones)
        canvas.dropped.connect(restoring.take)
        self._window.dropped.connect(restoring.take)
        canvas.drag_out_requested.connect(self._drag_out)
        canvas.asked.connect(self._on_asked)

    # ---------------------------------------------------------------- reacting

    def say(self, text: str, *, button: str = "", do: Callable[[], None] | None = None) -> None:
        """Show a word at the bottom left."""
        self._window.toast.say(text, button=button, do=do)

    @Slot(object)
    def say_error(self, error: StudioError) -> None:
        """Say what is wrong: in place where nothing else is shown, else at the bottom left."""
        if self._canvas.has_picture or self._window.place != "explore":
            self.say(tr_error(error))
        else:
            self._parts.pictures.show_error(
                error, wish="choose_model", button=tr("Choose a model…")
            )

    @Slot()
    def _say_no_model(self) -> None:
        self._canvas.show_message(
            Message(
                tr("No model is installed yet."),
                tr("Open a model folder, or train one on your own pictures."),
                button=tr("Open a model folder…"),
                wish="add_model",
            )
        )

    @Slot(object)
    def _on_asked(self, wish: str) -> None:
        if wish == "retry":
            self._parts.pictures.ask_again()
        elif wish == "restart":
            self._models.open_again()
        elif wish:
            self._window.actions_table.action(wish).trigger()

    @Slot(object)
    def _on_opening(self, name: str) -> None:
        self._window.bar.picker.show_model(name, "")

    @Slot(object)
    def _on_model_opened(self, opened: OpenedModel) -> None:
        size = tr("{size} px", size=opened.card.resolution)
        self._window.bar.picker.show_model(opened.card.name, size)
        self._window.setWindowTitle(f"{opened.card.name} – Latent Studio")
        if self._window.is_wall_shown:
            self._wall.desk.refill()

    @Slot(object)
    def _on_kept(self, kept: Kept) -> None:
        if not kept.painted_in:
            self._wall.desk.mark_kept(kept.recipe)

    @Slot(object)
    def _on_gallery(self, _cause: object) -> None:
        self._history_panel.set_kept(
            frozenset(kept.recipe for kept in self._desk.items() if not kept.painted_in)
        )

    @Slot(object)
    def _on_wall_chosen(self, pick: WallPick) -> None:
        self._close_page()
        self._parts.document.edit(pick.recipe, made_from=pick.made_from)

    @Slot(object)
    def _on_wall_kept(self, pick: WallPick) -> None:
        self._parts.keeping.keep_recipe(pick.recipe, made_from=pick.made_from)

    @Slot()
    def _close_page(self) -> None:
        self._window.show_page("")

    @Slot(object)
    def _on_page(self, key: str) -> None:
        if key != "wall":
            self._wall.empty()

    @Slot(object)
    def _go_explore(self, _opened: object) -> None:
        self._close_page()
        self._window.show_place("explore")

    @Slot()
    def _drag_out(self) -> None:
        if self._parts.pictures.latest is not None:
            self._parts.keeping.drag_out(self._parts.pictures.latest, self._canvas)

    @Slot(object)
    def _on_journal(self, state: JournalState) -> None:
        if state.error is not None:
            self._window.status.show_saved(tr_sentence(state.error.what), is_wrong=True)
        else:
            self._window.status.show_saved(
                tr("Everything is saved") if state.is_saved else tr("Saving…")
            )
