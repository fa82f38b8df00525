"""`studio walk` as the window calls it: progress as JSON lines, and an end when the window ends."""

import _thread
import json
import os
import sys
import threading
from collections.abc import Mapping
from typing import Final, Protocol

from studio.core.course import latents_wanted
from studio.core.latent import FloatArray
from studio.core.loudness import Envelope
from studio.core.recipe import Recipe, floats_to_text
from studio.core.walk import Walk

_NICE: Final = 5


class Report(Protocol):
    """Told of every picture."""

    def __call__(self, stage: str, done: int, *, total: int) -> None:
        """Take one step; a stage is "render" or "write"."""


def follow_stdin() -> None:
    """Stop as with Ctrl-C when stdin ends: then the window has gone, or wishes no more."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        _thread.interrupt_main()

    threading.Thread(target=watch, name="stdin", daemon=True).start()


def yield_to_hand() -> None:
    """Let the canvas go first on a busy machine; nothing where that cannot be said."""
    if hasattr(os, "nice"):
        os.nice(_NICE)


def report_line(stage: str, done: int, *, total: int) -> None:
    """Write one line of progress for the window."""
    sys.stdout.write(json.dumps({"stage": stage, "done": done, "total": total}) + "\n")
    sys.stdout.flush()


def plan_fields(
    walk: Walk, latents: Mapping[Recipe, FloatArray], *, envelope: Envelope | None
) -> dict[str, object]:
    """Give what a preview needs besides the walk: latents in the order wanted, and loudness."""
    return {
        "schema": 1,
        "shape": list(next(iter(latents.values())).shape) if latents else [],
        "latents": [floats_to_text(latents[recipe]) for recipe in latents_wanted(walk)],
        "levels": floats_to_text(envelope.levels_M) if envelope is not None else "",
    }
