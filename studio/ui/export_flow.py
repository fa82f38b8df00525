"""Exporting: connects both Export panels with the exporter, and says how it went."""

from functools import partial

import msgspec
from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QGuiApplication

from studio.app.exporting import (
    Exported,
    Exporter,
    ExportFailure,
    ExportItem,
    ExportPlan,
    ExportProgress,
)
from studio.app.gallery_desk import GalleryDesk
from studio.app.training_pictures import TrainingPictures
from studio.export.file_names import safe_name
from studio.export.set_settings import SET_KINDS, SetKind
from studio.library.kept import Kept
from studio.ui.canvas_subject import CanvasSubject
from studio.ui.enlarged_view import EnlargedView
from studio.ui.export_foot import say_unfinished
from studio.ui.export_names import say_names
from studio.ui.export_panel import ExportPanel
from studio.ui.export_sources import ExportSources, as_items
from studio.ui.near_note import say_near
from studio.ui.page_subject import PageSubject
from studio.ui.parts import Parts
from studio.ui.preset_flow import PresetFlow
from studio.ui.see_through import SeeThrough
from studio.ui.set_flow import SetFlow
from studio.ui.texts import tr, tr_error, tr_plural


class ExportFlow(QObject):
    """Connects the Export panel beside the canvas and the one in the gallery with the exporter."""

    def __init__(
        self,
        parts: Parts,
        *,
        exporter: Exporter,
        desk: GalleryDesk,
        panel: ExportPanel,
        page_panel: ExportPanel,
        training: TrainingPictures,
    ) -> None:
        super().__init__(parts.window)
        self._parts, self._exporter, self._desk = parts, exporter, desk
        self._panel, self._page_panel, self._training = panel, page_panel, training
        self._is_told = False
        sources = ExportSources(parts, desk)
        self.subject = CanvasSubject(parts, panel, desk=desk, sources=sources)
        self.page_subject = PageSubject(page_panel, desk, sources=sources)
        self.sets = SetFlow(parts, exporter.sets, desk=desk)
        self.presets = PresetFlow(parts, (panel, page_panel))
        for one, subject in self._both():
            self.sets.attach(one, subject.given)
            subject.changed.connect(self._say_names)
            subject.changed.connect(partial(self.sets.refresh, one))
            self._connect_panel(one, exporter)
        self._connect_commands()
        panel.export_requested.connect(self._export)
        panel.again_requested.connect(self._again)
        panel.copy_requested.connect(self._copy)
        page_panel.export_requested.connect(self._export_page)
        page_panel.again_requested.connect(self._again_page)
        page_panel.copy_requested.connect(self._copy_page)
        exporter.exported.connect(self._on_exported)
        exporter.failed.connect(self._on_failed)
        exporter.unfinished_changed.connect(self._on_unfinished)
        parts.keeping.near_kept.connect(self._on_near_kept)
        SeeThrough(parts)  # what would be exported, on the canvas
        EnlargedView(parts)
        exporter.look_for_unfinished()

    def finish(self) -> None:
        """Wait for presets and previews on their way; before the window closes."""
        self.sets.finish()
        self.presets.finish()

    def _both(self) -> tuple[tuple[ExportPanel, CanvasSubject | PageSubject], ...]:
        return (self._panel, self.subject), (self._page_panel, self.page_subject)

    def _connect_panel(self, panel: ExportPanel, exporter: Exporter) -> None:
        panel.cancel_requested.connect(exporter.cancel)
        panel.foot.resume_requested.connect(self._resume)
        panel.foot.forget_requested.connect(exporter.forget_unfinished)
        panel.choice_changed.connect(self._say_names)
        panel.template_edited.connect(self._say_names)
        exporter.progress_changed.connect(panel.show_progress)
        exporter.unfinished_changed.connect(panel.foot.show_unfinished)

    def _connect_commands(self) -> None:
        actions = self._parts.window.actions_table
        actions.connect_command("export", self._open)
        actions.connect_command("export_again", self._again)
        actions.connect_command("export_resume", self._resume)
        for kind in SET_KINDS:
            actions.connect_command(f"export_{kind}", partial(self._open_as, kind))

    @property
    def panels(self) -> tuple[ExportPanel, ExportPanel]:
        """The panel beside the canvas and the one in the gallery."""
        return self._panel, self._page_panel

    def at_hand(self) -> list[ExportItem]:
        """Give what a command would export now: what is chosen in the gallery, or the canvas's."""
        is_gallery = self._parts.window.place == "gallery"
        return (self.page_subject if is_gallery else self.subject).given()[0]

    @Slot(object)
    def show_kept(self, items: tuple[Kept, ...]) -> None:
        """Make kept pictures the subject, until the picture on the canvas changes."""
        self.set_subject(items)
        self._parts.window.docks.open("export")

    def forget_subject(self) -> None:
        """Let the picture of the recipe be the subject again."""
        self.subject.forget_kept()

    def set_subject(self, items: tuple[Kept, ...]) -> None:
        """Make kept pictures the subject, and leave the panel where it is."""
        self.subject.show_kept(items)

    @Slot(object)
    def on_page_selection(self, items: tuple[Kept, ...]) -> None:
        """Remember what is chosen in the gallery."""
        self.page_subject.select(items)

    @Slot()
    def _say_names(self) -> None:
        """Say what files will be called, with templates as they stand in the fields now."""
        opened = self._parts.engine.opened
        card = opened.card if opened is not None else None
        for panel, subject in self._both():
            template = panel.template.text().strip() or panel.plan.template
            if panel.set_kind is not None:
                panel.place.show_names(self.sets.say_names(panel, template))
            else:
                plan = msgspec.structs.replace(panel.plan, template=template)
                panel.place.show_names(say_names(subject.given()[0], plan, card=card))

    # ---------------------------------------------------------------- commands

    def _open(self) -> None:
        if self._parts.window.place == "explore":
            self._parts.window.docks.open("export")
            self._panel.export.setFocus()
        else:
            self._page_panel.export.setFocus()

    def _open_as(self, kind: SetKind) -> None:
        """Open the panel of this place with a kind of set chosen."""
        chosen = self._parts.preferences.values.export
        self._parts.preferences.change(export=msgspec.structs.replace(chosen, kind=kind))
        if self._parts.wall_page.isVisible():  # what is looked at is what is meant
            self.subject.choose("wall")
        self._open()

    @Slot()
    def _resume(self) -> None:
        self._open()
        self._exporter.resume()

    # ---------------------------------------------------------------- beside the canvas

    @Slot(object)
    def _export(self, plan: ExportPlan) -> None:
        self._start(self.subject.given()[0], plan)

    @Slot()
    def _again(self) -> None:
        if self._parts.window.place == "gallery":
            self._again_page()
        else:
            self._repeat(self.subject.given()[0], self._panel)

    @Slot()
    def _copy(self) -> None:
        if self.subject.kept:
            self._copy_items(self.subject.kept)
        elif self._parts.pictures.latest is not None:
            self._parts.keeping.copy(self._parts.pictures.latest)

    @Slot(object)
    def _on_near_kept(self, kept: Kept) -> None:
        warning = say_near(is_shipped=self._training.is_shipped(kept.model))
        self._parts.window.toast.say(
            tr("Kept. {warning}", warning=warning),
            button=tr("Show"),
            do=lambda: self.show_kept((kept,)),
        )

    # ---------------------------------------------------------------- in the gallery

    @Slot(object)
    def _export_page(self, plan: ExportPlan) -> None:
        self._start(self.page_subject.given()[0], plan)

    @Slot()
    def _again_page(self) -> None:
        self._repeat(self.page_subject.given()[0], self._page_panel)

    @Slot()
    def _copy_page(self) -> None:
        self._copy_items(self.page_subject.kept)

    def export_set(self, items: tuple[Kept, ...], name: str) -> None:
        """Write pictures into a folder of this name, where the last export went."""
        plan = self._page_panel.plan
        folder = plan.folder / safe_name(name)
        self._start(as_items(items), msgspec.structs.replace(plan, folder=folder))

    # ---------------------------------------------------------------- both

    def _start(self, items: list[ExportItem], plan: ExportPlan) -> None:
        if items and not self._exporter.is_running and not self.sets.is_running:
            self._exporter.export(items, plan)

    def _repeat(self, items: list[ExportItem], panel: ExportPanel) -> None:
        if panel.set_kind is not None:
            self.sets.make(panel)
        elif items and not self._exporter.export_again(items):
            self._start(items, panel.plan)

    def _copy_items(self, items: tuple[Kept, ...]) -> None:
        mime = self._desk.mime_of(items) if items else None
        if mime is not None:
            QGuiApplication.clipboard().setMimeData(mime)
            self._parts.window.toast.say(tr("Copied."))

    @Slot(object)
    def _on_unfinished(self, progress: ExportProgress | None) -> None:
        self._parts.window.actions_table.give("unfinished", progress is not None)
        if progress is not None and not self._is_told:  # of an earlier session
            self._parts.window.toast.say(
                say_unfinished(progress), button=tr("Go on"), do=self._resume
            )
        self._is_told = True

    @Slot(object)
    def _on_exported(self, exported: Exported) -> None:
        self._parts.window.actions_table.give("exported", True)
        said = _say_exported(exported)
        self._end(said, is_error=False)
        self._parts.window.toast.say(said)

    @Slot(object)
    def _on_failed(self, failure: ExportFailure) -> None:
        error = failure.error
        self._end(tr_error(error), is_error=True)

    def _end(self, sentence: str, *, is_error: bool) -> None:
        for panel in (self._panel, self._page_panel):
            panel.show_progress(None)
            panel.show_result(sentence, is_error)


def _say_exported(exported: Exported) -> str:
    """Give the sentence for an export that ended."""
    count = len(exported.paths)
    folder = exported.plan.folder.name
    if exported.was_cancelled:
        said = tr_plural(
            "Stopped. {n} file is in “{folder}”.",
            "Stopped. {n} files are in “{folder}”.",
            n=count,
            folder=folder,
        )
    elif count == 1:
        said = tr("Exported as “{name}” to “{folder}”.", name=exported.paths[0].name, folder=folder)
    else:
        said = tr("{n} files exported to “{folder}”.", n=count, folder=folder)
    if not exported.num_near:
        return said
    warning = (
        tr("It is very close to a training picture.")
        if count == 1
        else tr_plural(
            "{n} of them is very close to a training picture.",
            "{n} of them are very close to training pictures.",
            n=exported.num_near,
        )
    )
    return f"{said} {warning}"
