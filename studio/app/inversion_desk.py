"""A picture from outside that is looked for in the open model: found by the engine, refined by a trainer."""

import shutil
import uuid
from pathlib import Path
from typing import Final, Literal

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from studio.app.background import Background
from studio.app.engine_client import EngineClient, OpenedModel
from studio.app.trainer_child import TrainerChild
from studio.core.arrays import Picture
from studio.core.errors import EngineError, ModelError, StudioError
from studio.core.inversion import FoundPicture, look_to_text, middle_square
from studio.core.model_card import DISCRIMINATOR_FILE, ENCODER_FILE
from studio.files.atomic import write_bytes_atomic
from studio.files.places import child_command
from studio.files.source_pictures import look_of
from studio.protocol import messages as say
from studio.protocol.codec import encode_line
from studio.protocol.refine_messages import Refined, RefineJob
from studio.protocol.training_messages import TrainerEvent

REFINE_S: Final = 25.0
JOBS_FOLDER: Final = "cache/refine"
_JOB_FILE: Final = "refine.json"

Phase = Literal["looking", "found", "refining", "elsewhere", "refused"]


class Brought(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that was brought in, and what has become of it.

    Attributes:
        name: Of its file, for people.
        picture: Its middle square, uint8 [R, R, 3].
        look: The same as a message carries it.
        phase: "elsewhere" when another model is open than the one it was found in.
        model: Hash of the model that it was looked for in.
        model_name: That model's name.
        found: Where it was found, and how near that comes; None before.
        share: How much of the time of the refinement is over, 0…1.
        can_refine: Whether the model brings what a refinement needs.
        error: Why there is nothing, or why the refinement ended.
    """

    name: str
    picture: Picture
    look: str
    phase: Phase = "looking"
    model: str = ""
    model_name: str = ""
    found: FoundPicture | None = None
    share: float = 0.0
    can_refine: bool = False
    error: StudioError | None = None


class InversionDesk(QObject):
    """Holds one picture from outside.

    Signals:
        changed: `Brought`, or None when it was put away.
        found: `FoundPicture`: where the model's version lies; once for each search.
        improved: (old w, new w), texts: a refinement came nearer.
    """

    changed = Signal(object)
    found = Signal(object)
    improved = Signal(object)

    def __init__(self, home: Path, engine: EngineClient, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._home, self._engine = home, engine
        self._worker = Background(self)
        self._brought: Brought | None = None
        self._asked = -1
        self._is_measuring = False
        self._child: TrainerChild | None = None
        engine.side_answered.connect(self._take)
        engine.model_opened.connect(self._on_model)

    @property
    def brought(self) -> Brought | None:
        """The picture, None when there is none."""
        return self._brought

    def bring(self, picture: Picture, name: str) -> None:
        """Look for a picture of any size; `changed` tells how it goes."""
        self.stop()

        def work() -> tuple[Picture, str]:
            return middle_square(picture).copy(), look_to_text(look_of(picture))

        def begin(made: tuple[Picture, str]) -> None:
            self._set(Brought(name=name, picture=made[0], look=made[1]))
            self.find()

        self._worker.run(work, begin, failed=lambda _: None)

    def find(self) -> None:
        """Look for the picture in the model that is open now."""
        brought, opened = self._brought, self._engine.opened
        if brought is None:
            return
        self.stop()
        if opened is None:
            self._change(phase="looking", found=None)  # it is looked for once a model is open
            return
        card = opened.card
        self._change(
            phase="looking", model=card.model, model_name=card.name, found=None, error=None
        )
        if ENCODER_FILE not in card.graphs:
            self._change(
                phase="refused",
                error=ModelError(
                    f"The model “{card.name}” has no encoder, so it cannot look for your picture.",
                    "Everything else works. Choose another model to bring a picture in.",
                ),
            )
            return
        self._change(can_refine=DISCRIMINATOR_FILE in card.graphs)
        self._is_measuring = False
        self._asked = self._engine.request_side(
            lambda number: say.FindPicture(request_id=number, look=brought.look)
        )

    def refine(self) -> None:
        """Come nearer, for half a minute, in a trainer."""
        brought, opened = self._brought, self._engine.opened
        if brought is None or brought.found is None or opened is None or not brought.can_refine:
            return
        if brought.phase != "found" or opened.card.model != brought.model:
            return
        folder = self._home / JOBS_FOLDER / uuid.uuid4().hex
        job = RefineJob(
            model=str(opened.folder.absolute()),
            look=brought.look,
            w=brought.found.w,
            seconds=REFINE_S,
        )
        path = folder / _JOB_FILE
        child = self._child = TrainerChild(child_command("trainer", str(path)), parent=self)
        child.told.connect(self._on_told)
        child.ended.connect(self._on_ended)
        child.destroyed.connect(lambda: shutil.rmtree(folder, ignore_errors=True))
        self._change(phase="refining", share=0.0, error=None)

        def begin(_nothing: object) -> None:
            if child is self._child:
                child.start()

        self._worker.run(
            lambda: write_bytes_atomic(path, encode_line(job)), begin, failed=child.ended.emit
        )

    def stop(self) -> None:
        """End a refinement; the best so far stays, and it is measured how near that is."""
        child, self._child = self._child, None
        if child is not None:
            child.cancel()
            self._measure()

    def put_away(self) -> None:
        """Forget the picture; what is on the canvas stays."""
        self._brought, self._asked = None, -1
        self.stop()
        self.changed.emit(None)

    def finish(self) -> None:
        """End everything; for the end of the program."""
        child, self._child = self._child, None
        if child is not None:
            child.finish()
        self._worker.finish()
        shutil.rmtree(self._home / JOBS_FOLDER, ignore_errors=True)

    # ---------------------------------------------------------------- inside

    def _measure(self) -> None:
        """Ask how near the present latent comes."""
        brought = self._brought
        if brought is None or brought.found is None:
            return
        w, look = brought.found.w, brought.look
        self._change(phase="found")
        self._is_measuring = True
        self._asked = self._engine.request_side(
            lambda number: say.FindPicture(request_id=number, look=look, w=w)
        )

    @Slot(object)
    def _take(self, event: object) -> None:
        if not isinstance(event, say.PictureFound | say.RequestRefused):
            return
        if event.request_id != self._asked or self._brought is None:
            return
        self._asked = -1
        if isinstance(event, say.RequestRefused):
            if not self._is_measuring:
                self._change(phase="refused", error=EngineError(event.what, event.way_out))
            return
        if self._is_measuring and self._brought.found is not None:
            self._change(found=event.found)
            return
        self._change(phase="found", found=event.found)
        self.found.emit(event.found)

    @Slot(object)
    def _on_model(self, opened: OpenedModel) -> None:
        """Look again after the engine was restarted; wait for a wish when it is another model."""
        brought = self._brought
        if brought is None:
            return
        if brought.phase in ("looking", "refused"):
            self.find()
        elif opened.card.model != brought.model:
            self.stop()
            has_encoder = ENCODER_FILE in opened.card.graphs
            self._change(phase="elsewhere" if has_encoder else "found")
        elif brought.phase == "elsewhere":
            self._change(phase="found")

    @Slot(object)
    def _on_told(self, event: TrainerEvent) -> None:
        brought = self._brought
        if not isinstance(event, Refined) or brought is None or brought.found is None:
            return
        old = brought.found.w
        found = msgspec.structs.replace(brought.found, w=event.w)
        self._change(found=found, share=event.share)
        if event.w != old:
            self.improved.emit((old, event.w))

    @Slot(object)
    def _on_ended(self, error: StudioError | None) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.deleteLater()
        self._measure()
        if error is not None:
            self._change(error=error)

    def _change(self, **changes: object) -> None:
        if self._brought is not None:
            self._set(msgspec.structs.replace(self._brought, **changes))

    def _set(self, brought: Brought) -> None:
        self._brought = brought
        self.changed.emit(brought)
