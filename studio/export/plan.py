"""Where pictures are exported to, and how: what the panel, presets and the command line agree on."""

from pathlib import Path

import msgspec

from studio.export.file_names import DEFAULT_TEMPLATE
from studio.export.stills import StillSettings


class ExportPlan(msgspec.Struct, frozen=True):
    """Where to and how. The template is as in `export.file_names`."""

    folder: Path
    template: str = DEFAULT_TEMPLATE
    settings: StillSettings = StillSettings()
