"""What the window says about sliders: hidden and removed ones can be brought back."""

from PySide6.QtCore import QObject, Slot

from studio.core.direction_book import TaughtDirection
from studio.ui.parts import Parts
from studio.ui.texts import tr, tr_sentence


class DirectionFlow(QObject):
    """Connects the sliders of the Latents panel with the rest of the window."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._desk = parts.latent_panel.desk
        self._desk.take_over(parts.preferences.values.directions)
        parts.keeping.follow_sliders(self._desk)
        parts.latent_panel.directions.hidden.connect(self._on_hidden)
        parts.latent_panel.directions.removed.connect(self._on_removed)

    @Slot(object)
    def _on_hidden(self, direction: str) -> None:
        def undo() -> None:
            self._desk.hide(direction, False)

        name = tr_sentence(self._desk.names.get(direction, ""))
        said = tr("“{name}” is hidden.", name=name)
        self._parts.window.toast.say(said, button=tr("Undo"), do=undo)

    @Slot(object)
    def _on_removed(self, taught: TaughtDirection) -> None:
        def undo() -> None:
            self._desk.add(taught)

        said = tr("“{name}” was removed.", name=taught.name)
        self._parts.window.toast.say(said, button=tr("Undo"), do=undo)
