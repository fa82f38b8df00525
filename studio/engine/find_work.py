"""What the engine host does about pictures that shall be found: one after another, before all else."""

from collections import deque

from studio.core.errors import EngineError, StudioError
from studio.core.inversion import look_from_text
from studio.engine.encoding import PictureFinder
from studio.engine.generator import CancelToken, RenderCancelledError
from studio.engine.session import GeneratorModel
from studio.protocol import messages as say


class FindWork:
    """Holds what was asked; the host holds its lock around `take`, `forget` and `next`."""

    def __init__(self) -> None:
        self._waiting: deque[say.FindPicture] = deque()
        self._finder: PictureFinder | None = None

    def take(self, command: say.FindPicture) -> None:
        """Note a request."""
        self._waiting.append(command)

    def forget(self) -> None:
        """Forget everything: another model is being opened."""
        self._waiting.clear()
        self._finder = None

    @property
    def has_work(self) -> bool:
        """Whether `next` would give something."""
        return bool(self._waiting)

    def next(self) -> say.FindPicture | None:
        """Give what to do now."""
        return self._waiting.popleft() if self._waiting else None

    def answer(
        self, command: say.FindPicture, model: GeneratorModel | None, *, cancel: CancelToken
    ) -> say.PictureFound | say.RequestRefused | None:
        """Do one request; None when it was ended and nobody waits for it any more."""
        if model is None:
            return None
        if self._finder is None or self._finder.model is not model:
            self._finder = PictureFinder(model)
        try:
            look = look_from_text(command.look)
            if command.w is None:
                found = self._finder.find(look, cancel=cancel)
            else:
                found = self._finder.measure(look, command.w, cancel=cancel)
        except RenderCancelledError:
            return None
        except (StudioError, ValueError) as error:
            wrong = error
            if not isinstance(wrong, StudioError):
                wrong = EngineError("The picture did not arrive whole.", "Try again.")
            return say.RequestRefused(
                request_id=command.request_id, what=wrong.what, way_out=wrong.way_out
            )
        return say.PictureFound(request_id=command.request_id, found=found)
