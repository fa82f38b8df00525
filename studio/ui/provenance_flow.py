"""“Provenance sheet…”: one page on where a picture comes from, written where the artist says."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from studio.app.background import Background
from studio.app.gallery_desk import GalleryDesk
from studio.core.errors import StudioError
from studio.core.model_card import ModelCard
from studio.export.file_names import safe_name
from studio.export.provenance_facts import SHEET_SUFFIXES, SheetSubject
from studio.files.images import decode_picture
from studio.library.kept import Kept, remembered_card
from studio.ui.export_place import default_folder
from studio.ui.kept_actions import KeptActions
from studio.ui.parts import Parts
from studio.ui.texts import tr, tr_error


class ProvenanceFlow(QObject):
    """Connects the command in the File menu and the one in kept pictures' menus."""

    def __init__(self, parts: Parts, desk: GalleryDesk, *, on_kept: Sequence[KeptActions]) -> None:
        super().__init__(parts.window)
        self._parts, self._desk = parts, desk
        self.worker = Background(self)
        parts.window.actions_table.connect_command("provenance", self._on_command)
        for actions in on_kept:
            actions.sheet_requested.connect(self.ask)

    @Slot()
    def _on_command(self) -> None:
        """Ask for the picture on the canvas; of a kept one more is known."""
        recipe, latest = self._parts.document.recipe, self._parts.pictures.latest
        kept = next((one for one in self._desk.items() if one.recipe == recipe), None)
        if kept is not None:
            self.ask(kept)
        elif latest is not None and not latest.is_preview:
            height, width = latest.picture.shape[:2]
            card = self._parts.models.find_card(latest.recipe.model)
            self._ask(
                SheetSubject(
                    name=self._parts.keeping.name_of(latest.recipe),
                    picture=latest.picture.copy(),
                    width=width,
                    height=height,
                    recipe=latest.recipe,
                    card=card or _nobody(latest.recipe.model),
                    is_installed=card is not None,
                )
            )

    @Slot(object)
    def ask(self, kept: Kept) -> None:
        """Ask where to, and write the sheet of a kept picture there."""
        path = self._path_for(kept.name)
        if path is None:
            return
        gallery, card = self._desk.gallery, self._parts.models.find_card(kept.model)

        def work() -> Path:
            subject = SheetSubject(
                name=kept.name,
                picture=decode_picture(gallery.read_picture_file(kept)),
                width=kept.width,
                height=kept.height,
                recipe=kept.recipe,
                card=card or remembered_card(kept),
                is_installed=card is not None,
                file_hash=kept.object,
                kept_at=kept.kept_at,
                nearness=kept.nearness,
            )
            return _save(path, subject)

        self.worker.run(work, self._on_saved, failed=self._on_failed)

    def _ask(self, subject: SheetSubject) -> None:
        path = self._path_for(subject.name)
        if path is not None:
            self.worker.run(lambda: _save(path, subject), self._on_saved, failed=self._on_failed)

    def _path_for(self, name: str) -> Path | None:
        """Ask where to; None when it was called off."""
        folder = Path(self._parts.preferences.values.export.folder or default_folder())
        here = folder if folder.is_dir() else Path.home()
        proposed = here / f"{safe_name(name)} {tr('provenance')}.pdf"
        kinds = ";;".join(f"{suffix[1:].upper()} (*{suffix})" for suffix in SHEET_SUFFIXES)
        chosen, kind = QFileDialog.getSaveFileName(
            self._parts.window, tr("Provenance sheet"), str(proposed), kinds
        )
        if not chosen:
            return None
        path = Path(chosen)
        if path.suffix.lower() not in SHEET_SUFFIXES:
            path = path.with_name(path.name + "." + kind[:4].strip(" (").lower())
        return path

    def _on_saved(self, path: Path) -> None:
        self._parts.window.toast.say(tr("Provenance sheet saved as “{name}”.", name=path.name))

    def _on_failed(self, error: StudioError) -> None:
        self._parts.window.toast.say(tr_error(error))


def _save(path: Path, subject: SheetSubject) -> Path:
    from studio.export.provenance_sheet import save_sheet  # noqa: PLC0415 - fonts, late: no start waits

    return save_sheet(path, subject)


def _nobody(model: str) -> ModelCard:
    """Give what stands for a model that was taken away while its picture was shown."""
    return ModelCard(
        id="", name="", family="", model=model, resolution=0, z=1, w=1, layers=1, zones=(1, 1),
        graphs={},
    )  # fmt: skip
