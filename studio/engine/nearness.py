"""How near the pictures of the open model are to those that it learned from.

What is needed for it is read at the first picture that is measured: most sessions keep none.
"""

import logging
from pathlib import Path
from typing import Final

import numpy as np

from studio.core.arrays import Picture
from studio.core.errors import StudioError
from studio.core.model_card import CLOSENESS_FILE, ModelCard
from studio.core.nearness import Nearness
from studio.core.similarity import THUMBNAIL_PX, Closeness
from studio.engine.features import FeatureNetwork
from studio.files.model_folder import read_closeness

_logger: Final = logging.getLogger(__name__)


class NearnessGauge:
    """Measures pictures of one model; one thread at a time.

    Args:
        folder: The model's folder.
        card: Its card.
    """

    def __init__(self, folder: Path, card: ModelCard) -> None:
        self._folder, self._card = folder, card
        self._is_missing = CLOSENESS_FILE not in card.graphs
        self._parts: tuple[Closeness, FeatureNetwork] | None = None

    def measure(self, rgb8_HWC: Picture) -> Nearness | None:
        """Give what a square picture is nearest to.

        Returns:
            None when the model brings nothing to compare with, or it cannot be read; then it was
            logged, once. Keeping a picture must not fail for want of this.
        """
        if self._is_missing:
            return None
        # Late: Pillow, which an engine that only draws never needs.
        from studio.files.source_pictures import resize_picture  # noqa: PLC0415

        try:
            closeness, network = self._parts = self._parts or self._read()
            both = np.stack([rgb8_HWC, rgb8_HWC[:, ::-1]])
            return closeness.nearest(network.embed(both), resize_picture(rgb8_HWC, THUMBNAIL_PX))
        except (StudioError, ValueError, RuntimeError) as error:
            self._is_missing = True
            what = error.what if isinstance(error, StudioError) else str(error)
            _logger.warning("nearness cannot be measured: %s", what)
            return None

    def _read(self) -> tuple[Closeness, FeatureNetwork]:
        closeness = read_closeness(self._folder, self._card)
        if closeness is None:
            raise ValueError("the model brings nothing to compare with")
        network = FeatureNetwork("random-1" if closeness.phi == "random-1" else "phi-1")
        if (
            closeness.phi != network.version
            or closeness.features_NF.shape[1] != network.num_features
        ):
            raise ValueError(f"it was measured with another feature network, {closeness.phi!r}")
        return closeness, network
