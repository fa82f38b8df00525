"""Models in and out in the window: what is dropped or opened, its page, and “Share as a file…”."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog

from studio.app.arrivals import Arrivals
from studio.app.model_desk import ModelDesk, Naming
from studio.core.errors import StudioError
from studio.core.model_card import PREVIEW_FILE
from studio.library.model_library import InstalledModel
from studio.protocol.trial_messages import Question, TrialWishes, answered
from studio.ui.gallery_page import GalleryPage
from studio.ui.parts import Parts
from studio.ui.texts import tr
from studio.ui.train_place import shipped_ids

if TYPE_CHECKING:
    from studio.library.model_arrival import Arrival
    from studio.ui.model_import_page import ModelImportPage

PAGE = "import"
# The socket for second starts can wait until the first picture is seen.
LISTEN_AFTER_MS = 1500


class ImportFlow(QObject):
    """Connects arrivals, the desk, the page and the library."""

    def __init__(self, parts: Parts, arrivals: Arrivals, *, page: GalleryPage, home: Path) -> None:
        super().__init__(parts.window)
        self._parts, self._facts = parts, page.model_facts
        self._arrivals, self._home = arrivals, home
        self._path = Path()
        self._wishes = TrialWishes()
        self._is_sharing = False
        self._page: ModelImportPage | None = None  # built when a first model comes in
        self.desk = ModelDesk(home / "models", taken=shipped_ids, parent=self)
        arrivals.model_file_arrived.connect(self.begin)
        arrivals.model_arrived.connect(self._on_folder)
        actions = parts.window.actions_table
        actions.connect_command("open_model", self._ask_file)
        actions.connect_command("share_model", self._share_open)
        self._facts.share_requested.connect(self._share_shown)
        self._facts.share_stopped.connect(self.desk.stop)
        parts.window.closing.connect(self.desk.finish)
        desk = self.desk
        desk.stepped.connect(self._on_step)
        desk.asked.connect(self._on_asked)
        desk.arrived.connect(self._on_arrived)
        desk.accepted.connect(self._on_accepted)
        desk.shared.connect(self._on_shared)
        desk.failed.connect(self._on_failed)
        desk.ended.connect(self._on_ended)
        desk.tidy()

    def open_files(self, files: Sequence[str | Path]) -> None:
        """Open what the program was started with; one model after the other needs the artist."""
        for file in files[:1]:
            self._arrivals.take(Path(file).absolute())
        if len(files) > 1:
            self._say(tr("Several files were dropped; the first was opened."))

    @Slot()
    def listen(self) -> None:
        """Take what a second start hands over."""
        from studio.app.second_start import SecondStarts  # noqa: PLC0415 - brings QtNetwork

        starts = SecondStarts(self._home, parent=self)
        starts.files_handed.connect(self._on_handed)
        self._parts.window.closing.connect(starts.close)

    @Slot(object)
    def _on_handed(self, paths: tuple[Path, ...]) -> None:
        self._parts.window.raise_()
        self._parts.window.activateWindow()
        self.open_files(paths)

    @property
    def page(self) -> "ModelImportPage":
        """The page that shows an arrival."""
        if self._page is None:
            from studio.ui.model_import_page import ModelImportPage  # noqa: PLC0415 - see _page

            page = self._page = ModelImportPage()
            self._parts.window.add_page(PAGE, page)
            page.stop_requested.connect(self._leave)
            page.discard_requested.connect(self._leave)
            page.answered.connect(self._on_answered)
            page.keep_requested.connect(self._on_keep)
        return self._page

    @Slot(object)
    def begin(self, path: Path) -> None:
        """Look at a file or a folder that may hold a model."""
        if self.desk.is_busy and not self._is_sharing:
            self._say(tr("Another model is being looked at: wait for it, or cancel it first."))
            return
        self._path, self._wishes = path, TrialWishes()
        self._try()

    @Slot(object)
    def _on_folder(self, folder: Path) -> None:
        """Open a model of the library; one from elsewhere comes in first."""
        if any(model.folder == folder for model in self._parts.models.usable):
            self._parts.models.open(folder)
        else:
            self.begin(folder)

    def _try(self) -> None:
        self.page.show_beginning(self._path.name)
        self._parts.window.show_place("explore")
        self._parts.window.show_page(PAGE)
        self.desk.begin(self._path, self._wishes)

    @Slot(float, object)
    def _on_step(self, share: float, what: str) -> None:
        if self._is_sharing:
            self._facts.show_sharing(share)
        elif self._page is not None:
            self._page.show_step(share, what)

    @Slot(object)
    def _on_asked(self, questions: tuple[Question, ...]) -> None:
        self.page.show_questions(questions)

    @Slot(object)
    def _on_answered(self, answers: dict[str, str]) -> None:
        for key, answer in answers.items():
            self._wishes = answered(self._wishes, key, answer=answer)
        self._try()

    @Slot(object)
    def _on_arrived(self, arrival: "Arrival") -> None:
        sheet = QImage(str(arrival.stage.folder / PREVIEW_FILE))
        model = arrival.card.model
        same = next((m.card.name for m in self._parts.models.usable if m.card.model == model), "")
        self.page.show_arrival(arrival, sheet, same=same)

    @Slot(object)
    def _on_keep(self, naming: Naming) -> None:
        self.desk.keep(naming)

    @Slot(object)
    def _on_accepted(self, folder: Path) -> None:
        self._parts.window.show_page("")
        self._parts.models.refresh()
        self._parts.models.open(folder)
        self._say(tr("The model is in the library."))

    @Slot(object)
    def _on_failed(self, error: StudioError) -> None:
        if self._is_sharing:
            self._parts.restoring.refused.emit(error)
        else:
            self.page.show_error(error)

    @Slot()
    def _leave(self) -> None:
        self.desk.discard()
        if self._parts.window.page == PAGE:
            self._parts.window.show_page("")

    @Slot()
    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self._parts.window,
            tr("Open a model file"),
            "",
            tr("Models") + " (*.onnx *.zip *.pkl *.pt)",
        )
        if name:
            self.begin(Path(name))

    # ---------------------------------------------------------------- out

    @Slot()
    def _share_shown(self) -> None:
        if self._facts.model is not None:
            self._share(self._facts.model)

    @Slot()
    def _share_open(self) -> None:
        opened = self._parts.engine.opened
        found = (m for m in self._parts.models.usable if opened and m.folder == opened.folder)
        model = next(found, None)
        if model is not None:
            self._share(model)

    def _share(self, model: InstalledModel) -> None:
        from studio.files.model_zip import ZIP_SUFFIX, zip_name  # noqa: PLC0415 - brings zipfile

        start = str(Path.home() / zip_name(model.card))
        name, _ = QFileDialog.getSaveFileName(
            self._parts.window, tr("Share the model as a file"), start, f"*{ZIP_SUFFIX}"
        )
        if name:
            self.share_to(model, Path(name))

    def share_to(self, model: InstalledModel, target: Path) -> None:
        """Write a model as one file; a second wish waits until the first is done."""
        if self.desk.is_busy:
            self._say(tr("Another model is being looked at: wait for it, or cancel it first."))
            return
        self._is_sharing = True
        self._facts.show_sharing(0.0)
        self.desk.share(model, target)

    @Slot(object)
    def _on_shared(self, target: Path) -> None:
        said = tr(
            "“{name}” can be passed on. Pictures that the model learned from stayed here.",
            name=target.name,
        )
        self._say(said)

    @Slot()
    def _on_ended(self) -> None:
        if self._is_sharing:
            self._is_sharing = False
            self._facts.show_sharing(None)

    def _say(self, text: str) -> None:
        self._parts.window.toast.say(text)


def hand_to_open_window(home: Path, files: Sequence[str]) -> bool:
    """Give files to the window that has this home open; says whether it took them."""
    from studio.app.second_start import hand_over  # noqa: PLC0415 - brings QtNetwork

    return hand_over(home, files)
