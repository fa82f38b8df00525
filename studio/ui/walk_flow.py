"""Connects the walk's parts with the rest of the window."""

import secrets
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog

from studio.app.engine_client import OpenedModel
from studio.app.film_maker import FilmMaker, FilmProgress
from studio.app.gallery_desk import GalleryDesk
from studio.app.small_pictures import SmallPictures
from studio.app.walk_course import WalkCourse
from studio.app.walk_desk import WalkDesk
from studio.app.walk_player import WalkPlayer
from studio.core.errors import RecipeError, StudioError
from studio.core.recipe import MAX_SEED, Recipe, new_recipe
from studio.core.recipe_json import recipe_from_json
from studio.export.file_names import free_path, safe_name
from studio.export.film import SUFFIX_BY_KIND, FilmSettings, check_settings
from studio.library.walk_shelf import SavedWalk, WalkShelf
from studio.ui.canvas_drop import Dropped
from studio.ui.parts import Parts
from studio.ui.texts import tr, tr_error
from studio.ui.walk_panel import WalkPanel

_THUMB_PX = 64


class WalkFlow(QObject):
    """Makes the Walk panel and what stands behind it; its dock is the window's.

    Attributes:
        panel: The panel.
    """

    def __init__(self, parts: Parts, *, home: Path, gallery: GalleryDesk) -> None:
        super().__init__(parts.window)
        self._parts, self._gallery, self._home = parts, gallery, home
        self.desk = WalkDesk(WalkShelf(home), parent=self)
        self.course = WalkCourse(self.desk, parts.engine, home=home, parent=self)
        self.player = WalkPlayer(self.course, parts.document, engine=parts.engine, parent=self)
        self.films = FilmMaker(home, parent=self)
        pictures = SmallPictures(parts.engine, "walk", size=_THUMB_PX, parent=self)
        self.panel = WalkPanel(self.desk, self.course, player=self.player, pictures=pictures)
        self._folder = ""
        self._connect()
        self._connect_commands()

    def finish(self) -> None:
        """Save everything and end what runs; before the window closes."""
        self.player.stop()
        self.desk.finish()
        self.course.finish()
        self.films.finish()

    def _connect(self) -> None:
        panel, films = self.panel, self.films
        panel.add_requested.connect(self.add_present)
        panel.seed_requested.connect(self._add_seed)
        panel.removed.connect(self._on_removed)
        panel.timeline.dropped.connect(self._on_dropped)
        panel.timeline.play_requested.connect(self._play)
        panel.timeline.show_requested.connect(self._show_key)
        panel.film_row.make_requested.connect(self._ask_film)
        panel.film_row.cancel_requested.connect(self._cancel_film)
        films.progress_changed.connect(self._on_progress)
        films.made.connect(self._on_made)
        films.failed.connect(self._on_film_failed)
        for source in (self.desk, self.course):
            source.failed.connect(self._say_error)
        self._parts.engine.model_opened.connect(self._on_model)
        self._parts.window.place_changed.connect(self._on_place)

    def _connect_commands(self) -> None:
        actions = self._parts.window.actions_table
        actions.connect_command("walk_add", self.add_present)
        actions.connect_command("walk_play", self._play)
        actions.connect_command("walk_film", self._open_film)
        actions.connect_command("walk_new", self._start_new)

    # ---------------------------------------------------------------- pictures

    @Slot()
    def add_present(self) -> None:
        """Add the picture on the canvas after the chosen one."""
        recipe = self._parts.document.recipe
        if recipe is not None:
            self.desk.add(recipe)
            self._parts.window.docks.open("walk")

    @Slot()
    def _add_seed(self) -> None:
        opened = self._parts.engine.opened
        if opened is None:
            return
        keys = self.desk.walk.keys
        recipe = new_recipe(opened.card.model, secrets.randbelow(MAX_SEED + 1))
        if keys and keys[0].recipe.model == opened.card.model:
            recipe = _as_drawn(recipe, keys[max(self.desk.selection, 0)].recipe)
        self.desk.add(recipe)

    @Slot(object)
    def _on_dropped(self, wish: tuple[Dropped, int]) -> None:
        dropped, place = wish
        recipe = self._recipe_of(dropped)
        if recipe is not None:
            self.desk.add(recipe, place=place)

    def _recipe_of(self, dropped: Dropped) -> Recipe | None:
        if dropped.kept is not None:
            kept = self._gallery.find(dropped.kept)
            return kept.recipe if kept is not None else None
        if dropped.recipe is not None:
            try:
                return recipe_from_json(dropped.recipe).recipe
            except RecipeError as error:
                self._say_error(error)
        return None

    @Slot(object)
    def _show_key(self, place: int) -> None:
        course = self.course.course
        if course is None or not 0 <= place < len(self.desk.walk.keys):
            return
        recipe = self.desk.walk.keys[place].recipe
        opened = self._parts.engine.opened
        if opened is None or opened.card.model != recipe.model:
            self._parts.restoring.open_recipe(recipe)
            return
        times = course.key_times
        self.player.go_to(times[place] if times else self.desk.walk.time_of(place))

    @Slot(object)
    def _on_removed(self, gone: SavedWalk) -> None:
        self._parts.window.toast.say(
            tr("The walk was removed."),
            button=tr("Undo"),
            do=lambda: self.desk.bring_back(gone),
        )

    # ---------------------------------------------------------------- commands

    def _open(self) -> None:
        self._parts.window.show_place("explore")
        self._parts.window.docks.open("walk")

    def _play(self) -> None:
        self._open()
        walk = self.desk.walk
        opened = self._parts.engine.opened
        if walk.keys and opened is not None and opened.card.model != walk.model:
            self._parts.restoring.open_recipe(walk.keys[0].recipe)
        else:
            self.player.toggle()

    def _open_film(self) -> None:
        self._open()
        self.panel.open_film()

    def _start_new(self) -> None:
        self._open()
        self.desk.start_new()
        self.panel.timeline.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot(object)
    def _on_place(self, place: str) -> None:
        if place != "explore":
            self.player.stop()

    @Slot(object)
    def _on_model(self, opened: OpenedModel) -> None:
        self.panel.sound_row.show_directions(opened.directions)
        self.panel.timeline.update()

    # ---------------------------------------------------------------- films

    @Slot(object)
    def _ask_film(self, settings: FilmSettings) -> None:
        """Ask for the name of the film, and begin."""
        opened, saved = self._parts.engine.opened, self.desk.present
        if opened is None or opened.card.model != saved.walk.model:
            self._say_error(
                RecipeError("The model of this walk is not open.", "Open it, then try again.")
            )
            return
        try:
            check_settings(settings)
        except StudioError as error:
            self._on_film_failed(error)
            return
        suffix = SUFFIX_BY_KIND[settings.kind]
        folder = Path(self._folder or self._parts.preferences.values.export.folder or Path.home())
        name = safe_name(saved.walk.name or tr("Walk"))
        proposed = free_path(folder / f"{name}{suffix}")
        path = self._ask_path(proposed, suffix)
        if path is not None:
            self._folder = str(path.parent)
            self.make_film(path, settings)

    def _ask_path(self, proposed: Path, suffix: str) -> Path | None:
        kinds = f"*{suffix}" if suffix else ""
        text, _ = QFileDialog.getSaveFileName(self.panel, tr("Make film"), str(proposed), kinds)
        if not text:
            return None
        path = Path(text)
        return path if path.suffix.lower() == suffix else path.with_name(path.name + suffix)

    def make_film(self, path: Path, settings: FilmSettings) -> None:
        """Make a film of the present walk."""
        opened = self._parts.engine.opened
        if opened is None:
            return
        self.desk.save_now()
        self.panel.film_row.show_running(True)
        self.films.make(
            self.desk.present,
            path,
            settings=settings,
            model=opened.folder,
            provider=opened.wish,
        )

    @Slot()
    def _cancel_film(self) -> None:
        self.films.cancel()
        self.panel.film_row.say(tr("Stopped. What is rendered stays for the next try."))

    @Slot(object)
    def _on_progress(self, progress: FilmProgress | None) -> None:
        status = self._parts.window.status
        self.panel.film_row.show_running(progress is not None)
        if progress is None:
            status.show_work("", None)
            return
        what = tr("Rendering the film") if progress.stage == "render" else tr("Writing the film")
        status.show_work(what, progress.share)
        self.panel.film_row.say(
            tr("{what}: {n} of {total}", what=what, n=progress.done, total=progress.total)
        )

    @Slot(object)
    def _on_made(self, path: Path) -> None:
        said = tr("The film “{name}” is in “{folder}”.", name=path.name, folder=path.parent.name)
        self.panel.film_row.say(said)
        self._parts.window.toast.say(said)

    @Slot(object)
    def _on_film_failed(self, error: StudioError) -> None:
        said = tr_error(error)
        self.panel.film_row.say(said, is_error=True)

    @Slot(object)
    def _say_error(self, error: StudioError) -> None:
        self._parts.window.toast.say(tr_error(error))


def _as_drawn(recipe: Recipe, like: Recipe) -> Recipe:
    """Give the recipe at another's truncation and in its frame."""
    return replace(recipe, psi=like.psi, frame=like.frame)
