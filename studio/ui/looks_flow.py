"""A picture without a recipe: found in the gallery by its looks, or looked for in the model.

What other programs wrote into it is shown once, as text, and never acted on.
"""

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage

from studio.app.gallery_desk import GalleryDesk
from studio.app.looks_desk import LookAnswer, LooksDesk
from studio.app.outbox import PASTED_NAME
from studio.app.picture_opening import OpenedFile
from studio.library.gallery import Gallery
from studio.opener.client import OpenedPicture
from studio.ui.foreign_text import ForeignText
from studio.ui.inversion_flow import InversionFlow
from studio.ui.parts import Parts
from studio.ui.pictures import from_image
from studio.ui.texts import tr


class LooksFlow(QObject):
    """Takes pictures that were dropped or opened and carry no recipe of ours."""

    def __init__(
        self, parts: Parts, gallery: Gallery, *, desk: GalleryDesk, inverting: InversionFlow
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._inverting = parts, inverting
        self.desk = LooksDesk(gallery, desk, parent=self)
        self.text = ForeignText(parts.canvas)
        parts.restoring.picture_brought.connect(self.desk.look_for)
        parts.restoring.image_brought.connect(self._on_image)
        self.desk.answered.connect(self._on_answered)

    def finish(self) -> None:
        """End what is under way; for the end of the program."""
        self.desk.finish()

    @Slot(object)
    def _on_image(self, image: QImage) -> None:
        picture = from_image(image)
        height, width = picture.shape[:2]
        opened = OpenedPicture(picture=picture, is_whole=True, width=width, height=height)
        self.desk.look_for(OpenedFile(Path(tr("the copied picture")), opened))

    @Slot(object)
    def _on_answered(self, answer: LookAnswer) -> None:
        opened = answer.file.opened
        self.text.show_text(opened.parameters_text, made_with=opened.made_with)
        if answer.found is None:
            self._bring(answer.file)
            return
        self._parts.window.show_place("explore")
        kept, restoring = answer.found.kept, self._parts.restoring
        if kept.painted_in:
            restoring.open_kept(kept)
        else:
            restoring.open_recipe(kept.recipe)
        said = {
            "cropped": tr("Found in your gallery by its looks: not identical (cropped)."),
            "resized": tr("Found in your gallery by its looks: not identical (resized)."),
            "saved again": tr("Found in your gallery by its looks: not identical (saved again)."),
        }[answer.found.change]
        self._parts.window.toast.say(
            said, button=tr("Look for it in the model"), do=lambda: self._bring(answer.file)
        )

    def _bring(self, file: OpenedFile) -> None:
        assert file.opened.picture is not None
        is_pasted = file.path.name == PASTED_NAME
        name = tr("the copied picture") if is_pasted else file.path.name
        self._inverting.bring(file.opened.picture, name)
