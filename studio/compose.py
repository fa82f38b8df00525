"""Builds the window from its parts and connects them: the only place that knows all of them."""

import contextlib
import gc
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QTimer,
)

from studio.app.arrivals import Arrivals
from studio.app.background import Background
from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.engine_client import EngineClient
from studio.app.exporting import Exporter
from studio.app.gallery_desk import GalleryDesk
from studio.app.item_models import ModelListModel
from studio.app.journal import Journal, restore
from studio.app.keeping import Keeper
from studio.app.outbox import Outbox
from studio.app.picture_opening import PictureOpening
from studio.app.preferences import Preferences
from studio.app.quitting import quit_on_signals
from studio.app.saved_styles import SavedStyles
from studio.app.small_pictures import SmallPictures
from studio.app.snapshot_jobs import recent_tries
from studio.app.style_shelf import StyleShelf
from studio.app.training_pictures import TrainingPictures
from studio.core.errors import ModelError, StorageError
from studio.files.home_lock import HomeLock
from studio.files.places import shipped_models, studio_home
from studio.library.gallery import Gallery
from studio.library.model_library import ModelLibrary
from studio.ui.application import (
    application,
    dress,
    has_display,
    make_application,
    tell_and_leave,
)
from studio.ui.blend_flow import BlendFlow
from studio.ui.board_flow import BoardFlow
from studio.ui.canvas import Canvas
from studio.ui.command_state import CommandState, keys_of
from studio.ui.compare_flow import CompareFlow
from studio.ui.direction_flow import DirectionFlow
from studio.ui.export_flow import ExportFlow
from studio.ui.export_panel import ExportPanel
from studio.ui.family_facts import FamilyFacts
from studio.ui.gallery_flow import GalleryFlow
from studio.ui.gallery_page import GalleryPage
from studio.ui.gallery_panel import GalleryPanel
from studio.ui.grab_flow import GrabFlow
from studio.ui.handoff_flow import HandoffFlow
from studio.ui.history_panel import HistoryPanel
from studio.ui.inversion_flow import InversionFlow
from studio.ui.keep_flow import KeepFlow
from studio.ui.latency import LatencyLog
from studio.ui.latent_panel import LatentPanel
from studio.ui.live_flow import LiveFlow
from studio.ui.looks_flow import LooksFlow
from studio.ui.main_window import MainWindow
from studio.ui.mixing_flow import MixingFlow
from studio.ui.model_flow import ModelFlow
from studio.ui.model_import_flow import LISTEN_AFTER_MS, ImportFlow, hand_to_open_window
from studio.ui.near_note import NearNote
from studio.ui.paint_flow import PaintFlow
from studio.ui.palette_flow import PaletteFlow
from studio.ui.parts import Parts
from studio.ui.picture_commands import PictureCommands
from studio.ui.picture_flow import PictureFlow
from studio.ui.restore_flow import RestoreFlow
from studio.ui.style_flow import StyleFlow
from studio.ui.texts import tr_sentence
from studio.ui.theme import apply_sheet
from studio.ui.train_flow import TrainFlow
from studio.ui.train_place import TrainPlace
from studio.ui.view_commands import ViewCommands
from studio.ui.walk_flow import WalkFlow
from studio.ui.wall import Wall
from studio.ui.wall_page import WallPage
from studio.ui.window_flow import WindowFlow
from studio.ui.window_options import Options, read_options

__all__ = [
    "Composition",
    "Options",
    "compose_window",
    "make_application",
    "open_window",
    "run_window",
]


def run_window(words: Sequence[str]) -> int:
    """Open the window; gives the exit status."""
    options = read_options(words)
    if not has_display():
        sys.stderr.write(
            "There is no display to open the window on. Use “studio generate” to make pictures "
            "without a window.\n"
        )
        return 1
    home = studio_home()
    try:
        lock = HomeLock(home)
    except StorageError as error:
        if options.files and hand_to_open_window(home, options.files):
            return 0
        tell_and_leave(error, language=options.language or "system")
        return 1
    with lock:
        app = make_application()
        composition = compose_window(options, home=home)
        open_window(composition)
        QTimer.singleShot(LISTEN_AFTER_MS, composition.importing.listen)
        with quit_on_signals(composition.training.close_now):
            status = app.exec()
        composition.dismantle()
    return status


def compose_window(
    options: Options = Options(),  # noqa: B008 - frozen
    *,
    home: Path | None = None,
    engine: EngineClient | None = None,
) -> "Composition":
    """Build the window and start the engine; nothing is shown yet.

    Args:
        options: What was asked for.
        home: Where everything is stored; the caller holds its lock.
        engine: Another engine, for tests.
    """
    return Composition(options, home=home or studio_home(), engine=engine or EngineClient())


def open_window(composition: "Composition") -> None:
    """Show the window, and let it do what could wait until it is seen."""
    composition.window.show()
    gc.freeze()  # what the window is made of stays: the collector need not look at it again
    gc.enable()  # `__main__` turned it off
    QTimer.singleShot(0, composition.begin)


class Composition(QObject):
    """All objects behind the window, and how they are connected."""

    def __init__(self, options: Options, *, home: Path, engine: EngineClient) -> None:
        super().__init__()
        self.home, self.options, self.engine = home, options, engine
        if engine.parent() is None:
            engine.setParent(self)
        self._is_closed = False
        engine.start()  # first of all: it loads its libraries while the window is built
        self.preferences = Preferences(home, parent=self)
        values = self.preferences.values
        self._theme = options.theme or values.theme
        dress(self._theme, options.language or values.language)
        restored = restore(home / "journal")
        self._notes = restored.notes
        self.document = Document(restored.history, parent=self)
        self.journal = Journal(home / "journal", self.document, parent=self)
        self._pending = restored.pending
        self._make_app_parts()
        self._make_window()
        self.flow.connect_all()
        for folder in recent_tries(home):
            with contextlib.suppress(ModelError):  # it was only for looking at
                self.models.add_outside(folder)
        self.models.refresh()
        self.models.open_first(options.model or "")

    def begin(self) -> None:
        """Do what can wait until the window is seen."""
        self.journal.start()
        if self._pending is not None:
            self.document.edit(self._pending)
        self.outbox.clear()
        self.window.canvas.setFocus()
        self.importing.open_files(self.options.files)
        self.train.desk.find_runs(attaches=True)
        for note in self._notes:
            self.flow.say_error(note)
        if self.preferences.note is not None:
            self.flow.say_error(self.preferences.note)
        if self.gallery.read_only_reason:
            self.window.status.show_saved(tr_sentence(self.gallery.read_only_reason), is_wrong=True)
        else:
            self.worker.run(self.gallery.purge_old, _forget, failed=self.flow.say_error)
            self.sending.begin()
        self.live.begin(self.options.osc)

    def close(self) -> None:
        """Save everything and end the engine; a second call does nothing."""
        if self._is_closed:
            return
        self._is_closed = True
        geometry, wide, small = self.window.layout_memory()
        self.preferences.change(
            window_geometry=geometry, window_state=wide, window_small_state=small
        )
        for one in (self.walking, self.keeper, self.exporter, self.opening, self.desk):
            one.finish()
        for part in (self.styles, self.mixing.desk, self.inverting, self.looks, self.history_panel):
            part.finish()
        for last in (
            self.directing,
            self.learned,
            self.train,
            self.blending,
            self.exporting,
            self.sending,
            self.live,
        ):
            last.finish()
        self.worker.finish()
        self.journal.stop()
        self.preferences.save_now()
        self.engine.stop()
        self.gallery.close()

    def dismantle(self) -> None:
        """Close, and delete all objects now: they must go before the application does."""
        self.close()
        self.window.deleteLater()
        self.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    # ---------------------------------------------------------------- building

    def _make_app_parts(self) -> None:
        home, engine = self.home, self.engine
        self.latencies = LatencyLog()
        self.gallery = Gallery(home)
        self.outbox = Outbox(home)
        self.sliders = DirectionDesk(home, self.document, engine=engine, parent=self)
        self.desk = GalleryDesk(self.gallery, self.outbox, parent=self)
        self.shelf = ModelListModel(self.desk.thumbnails, parent=self)
        self.learned = TrainingPictures(lambda: self.models.usable, parent=self)
        saved, small = SavedStyles(home, parent=self), self.desk.thumbnails
        self.styles = StyleShelf(engine, self.shelf, thumbnails=small, saved=saved, parent=self)
        self.worker = Background(self)
        self.keeper = Keeper(self.gallery, engine, parent=self)
        self.opening = PictureOpening(engine, parent=self)
        self.arrivals = Arrivals(self)
        self.model_folders = (shipped_models(), home / "models")
        library = ModelLibrary(self.model_folders)
        self.models = ModelFlow(
            library,
            engine,
            document=self.document,
            preferences=self.preferences,
            shelf=self.shelf,
            parent=self,
        )
        find = self.models.find_card
        self.exporter = Exporter(self.gallery, engine, home=home, find_card=find, parent=self)

    def _make_window(self) -> None:
        self._make_views()
        self._make_flows()
        parts = self._parts()
        self.exporting = ExportFlow(
            parts,
            exporter=self.exporter,
            desk=self.desk,
            panel=self.export_panel,
            page_panel=self.gallery_page.export_panel,
            training=self.learned,
        )
        BoardFlow(parts, self.gallery_page.boards, exporting=self.exporting)
        PictureCommands(parts)
        views = panel, page = self.gallery_panel, self.gallery_page
        on_kept = [view.actions_on_kept for view in views]
        GalleryFlow(parts, self.desk, panel=panel, page=page, exporting=self.exporting)
        self.directing = DirectionFlow(parts, self.styles, kept_actions=on_kept)
        self.painting = PaintFlow(parts)
        self.grabbing = GrabFlow(parts, self.painting.panel.hand)
        ViewCommands(parts)
        StyleFlow(parts, self.styles, rows=(self.gallery_panel.styles, self.gallery_page.styles))
        self.mixing = MixingFlow(parts, desk=self.desk, styles=self.styles)
        self.inverting = InversionFlow(parts, self.home)
        self.looks = LooksFlow(parts, self.gallery, desk=self.desk, inverting=self.inverting)
        self.sending = HandoffFlow(parts, self.desk, exporting=self.exporting, on_kept=on_kept)
        self.sending.follow(self.history_panel, self.inverting)
        self.blending = BlendFlow(parts, self.gallery_page, home=self.home)
        self.importing = ImportFlow(parts, self.arrivals, page=self.gallery_page, home=self.home)
        self.walking = WalkFlow(parts, home=self.home, gallery=self.desk)
        self.live = LiveFlow(parts, gallery=self.desk, styles=self.styles, walking=self.walking)
        self.comparing = CompareFlow(parts, self.history_panel)
        palette = PaletteFlow(parts)
        self.training = TrainFlow(parts, place=self.train)
        self.window.build(
            canvas=self.canvas,
            wall_page=self.wall_page,
            gallery_page=self.gallery_page,
            train_page=self.train.page,
            panels={
                "latents": self.latent_panel,
                "paint": self.painting.panel,
                "styles": self.gallery_panel,
                "history": self.history_panel,
                "export": self.export_panel,
                "walk": self.walking.panel,
                "live": self.live.panel,
            },
        )
        apply_sheet(application(), self._theme)
        self.window.restore_layout(self.preferences.layout)
        for follower in (palette, self.mixing, self.comparing, self.training):
            follower.follow()
        CommandState(parts)
        self.window.closing.connect(self.close)
        self.flow = WindowFlow(
            parts, desk=self.desk, journal=self.journal, history_panel=self.history_panel
        )
        self.arrivals.folder_arrived.connect(self.training.open_folder)
        self.training.refused.connect(self.flow.say_error)

    def _make_views(self) -> None:
        wishes, document, engine = self.preferences, self.document, self.engine
        self.window = MainWindow(keys_of(wishes.values.shortcuts))
        self.canvas = Canvas()
        self.wall = Wall(engine)
        self.small = SmallPictures(engine, "thumb", size=64, parent=self)
        self.wall_page = WallPage(self.wall, pictures=self.small)
        self.latent_panel = LatentPanel(document, engine, preferences=wishes, desk=self.sliders)
        self.history_panel = HistoryPanel(document, engine, sliders=self.sliders, home=self.home)
        self.gallery_panel = GalleryPanel(self.desk, self.shelf, styles=self.styles)
        self.gallery_page = GalleryPage(
            self.desk,
            self.shelf,
            preferences=wishes,
            styles=self.styles,
            near=NearNote(self.desk, self.learned),
            family=FamilyFacts(self.desk, self.small),
        )
        self.export_panel = ExportPanel(wishes, near=NearNote(self.desk, self.learned))
        self.train = TrainPlace(self.home, models=self.model_folders, parent=self)

    def _make_flows(self) -> None:
        document, engine = self.document, self.engine
        self.pictures = PictureFlow(
            document,
            engine,
            canvas=self.canvas,
            status=self.window.status,
            latencies=self.latencies,
            parent=self,
        )
        self.keeping = KeepFlow(
            document,
            engine,
            desk=self.desk,
            keeper=self.keeper,
            outbox=self.outbox,
            say=self._say,
            parent=self,
        )
        self.restoring = RestoreFlow(
            document,
            arrivals=self.arrivals,
            opening=self.opening,
            models=self.models,
            gallery=self.gallery,
            styles=self.styles,
            parent=self,
        )

    def _parts(self) -> Parts:
        return Parts(
            window=self.window,
            canvas=self.canvas,
            wall_page=self.wall_page,
            document=self.document,
            engine=self.engine,
            preferences=self.preferences,
            latent_panel=self.latent_panel,
            pictures=self.pictures,
            models=self.models,
            keeping=self.keeping,
            restoring=self.restoring,
            latencies=self.latencies,
        )

    def _say(self, text: str, *, button: str = "", do: Callable[[], None] | None = None) -> None:
        self.window.toast.say(text, button=button, do=do)


def _forget(_num_purged: object) -> None:
    """Nobody needs to know how many pictures left the bin after their 30 days."""
