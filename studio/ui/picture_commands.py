"""What the commands about files, pictures and models do."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from studio.core.errors import RecipeError
from studio.ui.canvas_drop import Dropped, read_drop
from studio.ui.commands import NUM_DIRECTION_KEYS
from studio.ui.parts import Parts
from studio.ui.texts import tr
from studio.ui.wall import WallKind


class PictureCommands(QObject):
    """Connects the commands of the menus File, Edit, Picture and Model."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._actions = parts.window.actions_table
        self._connect_file_and_edit()
        self._connect_picture_and_model()

    def _do(self, command_id: str, do: Callable[[], object]) -> None:
        self._actions.connect_command(command_id, do)

    def _connect_file_and_edit(self) -> None:
        parts = self._parts
        self._do("open", self._open_file)
        self._do("add_model", self.open_model_folder)
        self._do("keep", self._keep)
        self._do("quit", parts.window.close)
        self._do("undo", parts.document.undo)
        self._do("redo", parts.document.redo)
        self._do("copy", self._copy)
        self._do("copy_recipe", parts.keeping.copy_recipe)
        self._do("paste", self._paste)

    def _connect_picture_and_model(self) -> None:
        parts, panel = self._parts, self._parts.latent_panel
        self._do("dice", self._dice)
        self._do("lock_seed", panel.toggle_lock)
        self._do("previous", panel.previous_seed)
        self._do("next", panel.next_seed)
        self._do("wall", partial(self._open_wall, "fresh"))
        self._do("variations", partial(self._open_wall, "nearby"))
        wall = parts.wall_page.wall
        self._do("breed", wall.breed)
        self._do("sheet_before", partial(wall.desk.turn, -1))
        self._do("sheet_after", partial(wall.desk.turn, 1))
        self._do("star", self._star)
        self._do("set_before", self._set_before)
        self._do("clear_before", partial(parts.document.set_reference, None))
        self._do("choose_model", self._choose_model)
        self._do("find_models", parts.models.refresh)
        for wish in ("auto", "cuda", "cpu"):
            self._do(f"run_{wish}", partial(parts.models.change_provider, wish))
        for number in range(1, NUM_DIRECTION_KEYS + 1):
            self._do(f"direction_{number}", partial(self._focus_direction, number - 1))

    # ---------------------------------------------------------------- file, edit

    @Slot()
    def _open_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._parts.window,
            tr("Open a picture, a recipe or a model"),
            "",
            tr("Pictures, recipes and models")
            + " (*.png *.jpg *.jpeg *.webp *.tif *.tiff *.bmp *.avif *.gif *.ora *.psd *.kra *.json *.onnx *.zip *.pkl)",
        )
        if name:
            self._parts.restoring.take(Dropped(paths=(Path(name),)))

    @Slot()
    def open_model_folder(self) -> None:
        """Ask for a model folder and open it."""
        name = QFileDialog.getExistingDirectory(self._parts.window, tr("Open a model folder"))
        if name:
            self._parts.restoring.take(Dropped(paths=(Path(name),)))

    @Slot()
    def _keep(self) -> None:
        (self._parts.window.page_acts.keep or self._parts.keeping.keep)()

    @Slot()
    def _star(self) -> None:
        (self._parts.window.page_acts.keep or self._parts.keeping.star_present)()

    @Slot()
    def _copy(self) -> None:
        if self._parts.pictures.latest is not None:
            self._parts.keeping.copy(self._parts.pictures.latest)

    @Slot()
    def _paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        dropped = read_drop(mime)
        if dropped is None and mime.text().lstrip().startswith("{"):
            dropped = Dropped(recipe=mime.text().encode())
        if dropped is not None:
            self._parts.restoring.take(dropped)
        else:
            self._parts.restoring.refused.emit(
                RecipeError(
                    "There is no picture and no recipe to paste.", "Copy a picture’s file first."
                )
            )

    # ---------------------------------------------------------------- picture, model

    @Slot()
    def _dice(self) -> None:
        if self._parts.window.page_acts.dice is not None:
            self._parts.window.page_acts.dice()
            return
        self._parts.window.show_place("explore")
        self._parts.latent_panel.roll_dice()

    def _open_wall(self, kind: WallKind) -> None:
        self._parts.window.show_place("explore")
        is_fresh = self._parts.wall_page.wall.kind == "fresh"
        if self._parts.window.is_wall_shown and is_fresh == (kind == "fresh"):
            self._parts.window.show_page("")
            return
        self._parts.window.show_page("wall")
        self._parts.wall_page.open(kind, self._parts.document.recipe)

    @Slot()
    def _set_before(self) -> None:
        self._parts.document.set_reference(self._parts.document.recipe)
        self._parts.window.toast.say(tr("This is now what “before” shows."))

    @Slot()
    def _choose_model(self) -> None:
        self._parts.window.bar.picker.open_list()

    def _focus_direction(self, place: int) -> None:
        self._parts.window.show_place("explore")
        self._parts.window.docks.open("latents")
        self._parts.latent_panel.focus_direction(place)
