"""Sheets and sets from either Export panel: previews, making them, and what is said."""

import time
from collections.abc import Callable

import msgspec
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication, QImage

from studio.app.export_payloads import ExportFailure, ExportItem
from studio.app.gallery_desk import GalleryDesk
from studio.app.set_maker import SetMade, SetMaker
from studio.app.set_previews import SetPreviewed, SetPreviews
from studio.app.small_pictures import SmallPictures
from studio.core.model_card import ModelCard
from studio.export.file_names import NameFields, file_name
from studio.export.set_files import SetPicture
from studio.export.set_sample import MAX_PICTURES
from studio.export.set_settings import file_names
from studio.export.sets import SetPlan
from studio.export.stills import PAGE_STILL, StillSettings
from studio.library.kept import remembered_card
from studio.ui.export_panel import ExportPanel
from studio.ui.parts import Parts
from studio.ui.pictures import from_image, to_image
from studio.ui.texts import language, tr, tr_error, tr_plural

_SMALL_PX = 96
_Give = Callable[[], tuple[list[ExportItem], str]]


class SetFlow(QObject):
    """Connects the panels with the maker.

    `attach` gives each panel its pictures; `last` makes the last set again of other pictures.
    """

    def __init__(self, parts: Parts, maker: SetMaker, *, desk: GalleryDesk) -> None:
        super().__init__(parts.window)
        self._parts, self._maker, self._desk = parts, maker, desk
        self._give_by_panel: dict[ExportPanel, _Give] = {}
        self._small = SmallPictures(
            parts.engine, "set", size=_SMALL_PX, keeps_shape=True, parent=self
        )
        self._previews = SetPreviews(self)
        self._shown_on: ExportPanel | None = None
        self._small.ready.connect(self._on_small)
        desk.thumbnails.ready.connect(self._on_small)
        self._previews.ready.connect(self._show_preview)
        maker.made.connect(self._on_made)
        maker.failed.connect(self._on_failed)

    @property
    def is_running(self) -> bool:
        """Whether a set is being made."""
        return self._maker.is_running

    def attach(self, panel: ExportPanel, give: _Give) -> None:
        """Connect a panel; `give` tells its pictures and what they are called together."""
        self._give_by_panel[panel] = give
        panel.set_requested.connect(lambda _kind: self.make(panel))
        panel.choice_changed.connect(lambda: self.refresh(panel))
        panel.cancel_requested.connect(self._maker.cancel)
        panel.swatches.picked.connect(self._copy)
        self._maker.progress_changed.connect(panel.show_progress)

    def finish(self) -> None:
        """Wait for what is being drawn."""
        self._previews.finish()

    def make(self, panel: ExportPanel) -> None:
        """Make what a panel shows, of its pictures."""
        items, name = self._give_by_panel[panel]()
        kind = panel.set_kind
        if kind is None or not items or self._maker.is_running:
            return
        if kind == "palette" and not panel.set_settings.palette.formats:
            panel.show_result(tr("Choose at least one kind of file."), True)
            return
        self._maker.make(items, self._plan(panel, name))

    def name_for(self, panel: ExportPanel, template: str) -> str:
        """Give the name that the set will have, without its suffix."""
        items, name = self._give_by_panel[panel]()
        kind = panel.set_kind
        card = self._card_of(items[0]) if items else None
        fields = NameFields(
            name=name,
            seed="",
            model=card.name if card is not None else "",
            made_at=time.time(),
            kind=kind or "",
        )
        return file_name(template, fields)

    def say_names(self, panel: ExportPanel, template: str) -> str:
        """Give the names that the files of the set will have, in a line."""
        kind = panel.set_kind
        if kind is None:
            return ""
        stem = self.name_for(panel, template)
        return ", ".join(file_names(kind, panel.set_settings, stem=stem))

    @Slot(object)
    def refresh(self, panel: ExportPanel) -> None:
        """Draw the preview of a panel that is seen anew."""
        kind = panel.set_kind
        if kind is None or not panel.isVisible():
            return
        items, _ = self._give_by_panel[panel]()
        self._shown_on = panel
        pictures = [self._small_of(item) for item in items[:MAX_PICTURES]]
        shown = [one for one in pictures if one is not None]
        settings, still = panel.set_settings, _still(panel)
        self._previews.request(shown, kind, settings=settings, still=still)

    # ---------------------------------------------------------------- inside

    def _plan(self, panel: ExportPanel, name: str) -> SetPlan:
        kind = panel.set_kind
        assert kind is not None
        template = self._parts.preferences.values.export.set_template
        return SetPlan(
            kind=kind,
            folder=panel.plan.folder,
            name=self.name_for(panel, template),
            settings=panel.set_settings,
            still=_still(panel),
            words=_page_words(name),
        )

    def _small_of(self, item: ExportItem) -> SetPicture | None:
        """Give a small picture, None until it has come."""
        image: QImage | None
        if item.kept is not None:
            image = self._desk.thumbnail(item.kept)
        else:
            image = self._small.request(item.recipe)
        card = self._card_of(item)
        if image is None or image.isNull() or card is None:
            return None
        if max(image.width(), image.height()) > _SMALL_PX:
            keep, smooth = (
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            image = image.scaled(_SMALL_PX, _SMALL_PX, keep, smooth)
        return SetPicture(picture=from_image(image), name=item.name, recipe=item.recipe, card=card)

    def _card_of(self, item: ExportItem) -> ModelCard | None:
        opened = self._parts.engine.opened
        if opened is not None and opened.card.model == item.recipe.model:
            return opened.card
        return remembered_card(item.kept) if item.kept is not None else None

    @Slot(object)
    def _on_small(self, _cause: object) -> None:
        if self._shown_on is not None:
            self.refresh(self._shown_on)

    @Slot(object)
    def _show_preview(self, made: SetPreviewed) -> None:
        if self._shown_on is not None:
            image = None if made.picture is None else to_image(made.picture).copy()
            self._shown_on.preview.show_image(image)
            self._shown_on.swatches.show_colours(made.colours)

    @Slot(str)
    def _copy(self, colour: str) -> None:
        QGuiApplication.clipboard().setText(colour)
        self._parts.window.toast.say(tr("{colour} copied.", colour=colour))

    @Slot(object)
    def _on_made(self, made: SetMade) -> None:
        self._parts.window.actions_table.give("exported", True)
        if made.was_cancelled:
            said = tr("Stopped. Nothing was written.")
        else:
            said = tr(
                "“{name}” was made of {pictures} in “{folder}”.",
                name=made.paths[0].name,
                pictures=tr_plural("{n} picture", "{n} pictures", n=made.num_pictures),
                folder=made.plan.folder.name,
            )
        if made.num_near:
            warning = tr_plural(
                "{n} of them is very close to a training picture.",
                "{n} of them are very close to training pictures.",
                n=made.num_near,
            )
            said = f"{said} {warning}"
        self._end(said, is_error=False)
        self._parts.window.toast.say(said)

    @Slot(object)
    def _on_failed(self, failure: ExportFailure) -> None:
        error = failure.error
        self._end(tr_error(error), is_error=True)

    def _end(self, sentence: str, *, is_error: bool) -> None:
        for panel in self._give_by_panel:
            panel.show_progress(None)
            panel.show_result(sentence, is_error)


def _still(panel: ExportPanel) -> StillSettings:
    """Give what sheets take of the choices for single pictures: only what goes into the file."""
    chosen = panel.plan.settings
    base = PAGE_STILL if panel.set_kind == "page" else StillSettings()
    return msgspec.structs.replace(base, with_recipe=chosen.with_recipe, author=chosen.author)


def _page_words(title: str) -> dict[str, str]:
    """Give what a page says, in the window's language."""
    return {
        "language": language().replace("_", "-"),
        "title": title or tr("Pictures"),
        "picture_of": tr("{name}, a picture made with the generator “{model}”"),
        "model": tr("Model"),
        "seed": tr("Seed"),
        "recipe": tr("Recipe"),
        "credit": tr("Credit"),
        "previous": tr("Previous picture"),
        "next": tr("Next picture"),
        "close": tr("Back to all pictures"),
        "made_with": tr("Made with {program}. These pictures were made by a trained generator."),
    }
