"""What the tests of the panels are built from."""

import random
from pathlib import Path

from pytestqt.qtbot import QtBot

from studio.app.direction_desk import DirectionDesk
from studio.app.document import Document
from studio.app.gallery_desk import GalleryDesk
from studio.app.latent_editor import LatentEditor
from studio.app.outbox import Outbox
from studio.app.preferences import Preferences
from studio.core.recipe import Recipe, new_recipe
from studio.library.gallery import Gallery
from studio.library.kept import Kept
from studio.ui.latent_panel import LatentPanel
from tests.fakes.engine_client import FAKE_HASH, FakeEngineClient, fake_card, fake_picture


class Studio:
    """Document, fake engine and preferences, with a model open and a first picture."""

    def __init__(self, home: Path, *, seed: int = 7) -> None:
        self.engine = FakeEngineClient(is_immediate=True)
        self.engine.open_model(home / "model")
        self.document = Document()
        self.document.edit(new_recipe(FAKE_HASH, seed))
        self.preferences = Preferences(home)
        self.sliders = DirectionDesk(home, self.document, engine=self.engine)
        self.editor = LatentEditor(
            self.document, self.preferences, desk=self.sliders, chance=random.Random(5)
        )
        self.ids = (
            [entry.id for entry in self.engine.opened.directions] if self.engine.opened else []
        )

    def make_panel(self, qtbot: QtBot, *, width: int, height: int) -> LatentPanel:
        """Give the Latents panel, shown; `close` when the test is over."""
        panel = LatentPanel(
            self.document,
            self.engine,
            preferences=self.preferences,
            desk=self.sliders,
            editor=self.editor,
        )
        qtbot.addWidget(panel)
        panel.resize(width, height)
        panel.show()
        return panel

    def close(self, panel: LatentPanel) -> None:
        """End what works behind a panel."""
        panel.strips.stop()
        self.preferences.save_now()
        self.sliders.finish()

    @property
    def recipe(self) -> Recipe:
        """The recipe on the canvas."""
        assert self.document.recipe is not None
        return self.document.recipe

    @property
    def num_steps(self) -> int:
        """How many states the history holds."""
        return len(self.document.history.nodes)

    @property
    def asked_small(self) -> list[tuple[object, ...]]:
        """The keys of the small pictures asked for."""
        return [call[1] for call in self.engine.asked if call[0] == "request_small"]  # type: ignore[misc]


class Shelf:
    """A gallery in a folder, with its desk."""

    def __init__(self, home: Path, num_pictures: int = 0) -> None:
        self.gallery = Gallery(home)
        self.desk = GalleryDesk(self.gallery, Outbox(home))
        for seed in range(num_pictures):
            self.keep(seed)

    def keep(self, seed: int) -> Kept:
        """Keep the picture of a seed."""
        recipe = new_recipe(FAKE_HASH, seed)
        kept = self.gallery.keep(
            fake_picture(recipe, 32), recipe, card=fake_card(), name=f"seed {seed}", provider="CPU"
        )
        self.desk.refresh()
        return kept

    def close(self) -> None:
        """End the desk's work."""
        self.desk.finish()
        self.gallery.close()
