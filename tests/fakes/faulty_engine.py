"""An engine process that speaks the protocol, paints plain colours, and fails as it is told.

Run as `python -m tests.fakes.faulty_engine FAULT…`; each FAULT is one of

- `die-on-open:NAME`, `die-on-render:NAME`: kill itself when the model folder NAME is used
- `cuda`: say that CUDA runs the model, and leave with 3 at the first picture, unless CPU is wished
- `silent`: after the first picture never say anything again
- `busy`: after the first picture say that a call lasts for a day
- `garbage`, `other-protocol`: say something that is no message of ours at the start
- `deaf`: never notice that stdin has ended
- `count:FILE`: add a line to FILE at every start
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import msgspec
import numpy as np

from studio.core.directions import DirectionEntry
from studio.core.model_card import ModelCard
from studio.core.recipe import Recipe
from studio.protocol import messages as say
from studio.protocol.codec import LineDecoder, ProtocolError, encode_line
from studio.protocol.ring import MappedRing


class FaultyEngine:
    """The engine's part of the conversation."""

    def __init__(self, faults: list[str]) -> None:
        self._faults = set(faults)
        self._ring: MappedRing | None = None
        self._folder = Path()
        self._card: ModelCard | None = None
        self._is_on_cuda = False
        self._has_painted = False
        self._slot = 0

    def tell(self, event: say.Event) -> None:
        os.write(1, encode_line(event))

    def beat(self) -> None:
        while True:
            if "silent" not in self._faults or not self._has_painted:
                is_busy = "busy" in self._faults and self._has_painted
                self.tell(say.Heartbeat(busy_ms=86_400_000.0 if is_busy else 0.0))
            time.sleep(0.03)

    def start(self) -> None:
        for fault in self._faults:
            if fault.startswith("count:"):
                with Path(fault.removeprefix("count:")).open("a") as file:
                    file.write("started\n")
        if "garbage" in self._faults:
            os.write(1, b"Segmentation fault (not really)\n")
        if "other-protocol" in self._faults:
            os.write(1, b'{"type":"ready","protocol":77,"runtime":"9"}\n')
        self.tell(say.Ready(runtime="none"))
        threading.Thread(target=self.beat, daemon=True).start()

    def take(self, command: say.Command | ProtocolError) -> None:
        match command:
            case say.UseRing():
                self._ring = MappedRing(
                    Path(command.path), num_slots=command.num_slots, slot_bytes=command.slot_bytes
                )
            case say.OpenModel():
                self._open(command)
            case say.Render():
                self._paint(command.request_id, command.recipe, kind="picture")
            case say.RenderSmall():
                self._paint(command.request_id, command.recipe, kind="small")
            case say.RenderFull():
                self._paint(command.request_id, command.recipe, kind="full")

    def _open(self, command: say.OpenModel) -> None:
        self._folder = Path(command.folder)
        self._die_if("die-on-open")
        self._is_on_cuda = "cuda" in self._faults and command.wish != "cpu"
        raw = (self._folder / "card.json").read_bytes()
        self._card = msgspec.json.decode(raw, type=ModelCard)
        self.tell(
            say.ModelOpened(
                open_id=command.open_id,
                card=self._card,
                directions=(DirectionEntry("0" * 16, "none", (), "pca"),),
                provider="CUDA" if self._is_on_cuda else "CPU",
                wish=command.wish,
                fallback_reason="",
            )
        )

    def _paint(self, request_id: int, recipe: Recipe, *, kind: say.PictureKind) -> None:
        self._die_if("die-on-render")
        if self._is_on_cuda:
            os._exit(3)
        assert self._ring is not None
        assert self._card is not None
        if recipe.model != self._card.model:
            self.tell(say.RequestRefused(request_id=request_id, what="No.", way_out="Go."))
            return
        seed = recipe.sources[0].seed or 0
        self._slot = (self._slot + 1) % self._ring.num_slots
        self._ring.write(self._slot, np.full((16, 16, 3), seed % 256, dtype=np.uint8))
        self.tell(
            say.PictureDone(
                request_id=request_id, kind=kind, slot=self._slot, width=16, height=16,
                engine_ms=1.0, provider="CPU",
            )
        )  # fmt: skip
        self._has_painted = True

    def _die_if(self, fault: str) -> None:
        if f"{fault}:{self._folder.name}" in self._faults:
            os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Be the process."""
    engine = FaultyEngine(sys.argv[1:])
    engine.start()
    decoder: LineDecoder[say.Command] = LineDecoder(say.Command)
    while chunk := os.read(0, 65536):
        for command in decoder.feed(chunk):
            engine.take(command)
    if "deaf" in sys.argv:
        time.sleep(60)
    os._exit(0)


if __name__ == "__main__":
    main()
