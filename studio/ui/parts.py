"""All parts of the window in one value, for those who connect them."""

from dataclasses import dataclass

from studio.app.document import Document
from studio.app.engine_client import EngineClient
from studio.app.preferences import Preferences
from studio.ui.canvas import Canvas
from studio.ui.keep_flow import KeepFlow
from studio.ui.latency import LatencyLog
from studio.ui.latent_panel import LatentPanel
from studio.ui.main_window import MainWindow
from studio.ui.model_flow import ModelFlow
from studio.ui.picture_flow import PictureFlow
from studio.ui.restore_flow import RestoreFlow
from studio.ui.wall_page import WallPage


@dataclass(frozen=True)
class Parts:
    """All that commands reach."""

    window: MainWindow
    canvas: Canvas
    wall_page: WallPage
    document: Document
    engine: EngineClient
    preferences: Preferences
    latent_panel: LatentPanel
    pictures: PictureFlow
    models: ModelFlow
    keeping: KeepFlow
    restoring: RestoreFlow
    latencies: LatencyLog
