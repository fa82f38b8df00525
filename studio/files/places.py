"""Where things lie on disk (DESIGN §6)."""

import os
import sys
from functools import cache
from pathlib import Path

import platformdirs


def studio_home() -> Path:
    """Give the studio's own folder: `STUDIO_HOME`, or the platform's user data folder."""
    chosen = os.environ.get("STUDIO_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return Path(platformdirs.user_data_dir("latent-studio", appauthor=False))


def config_folder() -> Path:
    """Give the folder for what belongs to the person and not to one home: the key that signs."""
    return Path(platformdirs.user_config_dir("latent-studio", appauthor=False))


def shipped_models() -> Path:
    """Give the folder of the models that come with the program."""
    return _top_level() / "models"


def resources() -> Path:
    """Give the folder of fonts, icons and texts that come with the program."""
    return _top_level() / "resources"


@cache
def _top_level() -> Path:
    return Path(__file__).resolve().parents[2]


def child_command(*words: str) -> list[str]:
    """Give the argument list that starts one of our child processes with this Python."""
    return [sys.executable, "-m", "studio", *words]
