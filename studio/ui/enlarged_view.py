"""The enlarged view: what would be exported, on the canvas, as soon as the hand rests."""

from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from studio.app.engine_client import LargePicture, LargeProgress, LargeWish, RenderedPicture
from studio.app.engine_payloads import RequestFailure
from studio.core.arrays import on_checkerboard
from studio.core.enlargement import factor_for
from studio.ui.parts import Parts
from studio.ui.texts import tr, tr_error

VIEW_KEY: Final = ("view",)
VIEW_PX: Final = 1024  # as Export offers by default
REST_MS: Final = 350  # a hand that pauses this long is looking


class EnlargedView(QObject):
    """Connects the command "Enlarged view" with engine and canvas."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._shown: LargePicture | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._ask)
        self._action = parts.window.actions_table.connect_command(
            "enlarged_view", self._on_triggered
        )
        self._action.setChecked(parts.preferences.values.is_view_enlarged)
        parts.document.recipe_changed.connect(self._on_recipe)
        parts.pictures.shown.connect(self._on_shown)
        parts.engine.large.ready.connect(self._on_ready)
        parts.engine.large.progress_changed.connect(self._on_progress)
        parts.engine.large.failed.connect(self._on_failed)

    @property
    def is_on(self) -> bool:
        """Whether the canvas shows pictures enlarged."""
        return self._action.isChecked()

    @Slot()
    def _on_triggered(self) -> None:
        self._parts.preferences.change(is_view_enlarged=self.is_on)
        if self.is_on:
            self._ask()
            return
        self._stop()
        latest = self._parts.pictures.latest
        if latest is not None and self._parts.canvas.sheet.enlarged > 1:
            self._parts.canvas.set_picture(latest.picture, is_preview=latest.is_preview)

    @Slot(object)
    def _on_recipe(self, _recipe: object) -> None:
        self._stop()

    @Slot(object)
    def _on_shown(self, rendered: RenderedPicture) -> None:
        if self.is_on and not rendered.is_preview:
            self._timer.start()

    @Slot()
    def _ask(self) -> None:
        latest = self._parts.pictures.latest
        if not self.is_on or latest is None or latest.is_preview:
            return
        if self._parts.document.painted is not None:  # what came back is as large as it is
            return
        if self._parts.document.is_in_gesture:
            self._timer.start()
            return
        side = max(latest.picture.shape[:2]) * max(self._parts.pictures.repeats)
        factor = factor_for(side, VIEW_PX)
        seen = self._shown
        if seen is not None and seen.recipe == latest.recipe and seen.factor == factor:
            self._show(seen)
            return
        if factor > 1:
            opened = self._parts.engine.opened
            foreign = opened.card.foreign if opened is not None else None
            wants_alpha = foreign is not None and foreign.has_alpha
            wish = LargeWish(factor, latest.recipe, wants_alpha=wants_alpha)
            self._parts.engine.large.request(VIEW_KEY, wish)
            self._say(0.0)

    @Slot(object)
    def _on_ready(self, large: LargePicture) -> None:
        if large.key != VIEW_KEY:
            return
        self._say(None)
        self._shown = large
        if self.is_on and large.recipe == self._parts.document.recipe:
            self._show(large)

    @Slot(object)
    def _on_progress(self, progress: LargeProgress) -> None:
        if progress.key == VIEW_KEY:
            self._say(progress.done / progress.total)

    @Slot(object)
    def _on_failed(self, failure: RequestFailure) -> None:
        if failure.key != VIEW_KEY:
            return
        self._say(None)
        self._action.setChecked(False)
        error = failure.error
        self._parts.window.toast.say(tr_error(error))

    def _show(self, large: LargePicture) -> None:
        is_clear = large.picture.shape[2] == 4
        picture = on_checkerboard(large.picture) if is_clear else large.picture
        picture = self._parts.pictures.repeated(picture)
        self._parts.canvas.set_picture(picture, enlarged=large.factor)

    def _stop(self) -> None:
        self._timer.stop()
        if self._parts.engine.large.has_waiting(*VIEW_KEY):
            self._parts.engine.large.cancel(VIEW_KEY)
            self._say(None)

    def _say(self, share: float | None) -> None:
        said = "" if share is None else tr("Enlarging the view…")
        self._parts.window.status.show_work(said, share)
