"""What the engine host does about pictures that shall be found: one after another, before all else."""

from collections import deque
from collections.abc import Callable

from studio.core.errors import EngineError, StudioError
from studio.core.inversion import FoundPicture, look_from_text
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
        self,
        command: say.FindPicture,
        model: GeneratorModel | None,
        *,
        cancel: CancelToken,
        tell: Callable[[say.PictureFound | say.RequestRefused], None],
    ) -> None:
        """Do one request; nothing is told when it was ended and nobody waits for it any more."""
        try:
            tell(
                say.PictureFound(
                    request_id=command.request_id, found=self._find(command, model, cancel=cancel)
                )
            )
        except RenderCancelledError:
            return
        except ValueError:
            tell(_refused(command, EngineError("The picture did not arrive whole.", "Try again.")))
        except StudioError as error:
            tell(_refused(command, error))

    def _find(
        self, command: say.FindPicture, model: GeneratorModel | None, *, cancel: CancelToken
    ) -> FoundPicture:
        if model is None:
            raise no_model()
        if self._finder is None or self._finder.model is not model:
            self._finder = PictureFinder(model)
        look = look_from_text(command.look)
        if command.w is None:
            return self._finder.find(look, cancel=cancel)
        return self._finder.measure(look, command.w, cancel=cancel)


def _refused(command: say.FindPicture, error: StudioError) -> say.RequestRefused:
    return say.RequestRefused(request_id=command.request_id, what=error.what, way_out=error.way_out)


def no_model() -> EngineError:
    """Give the error for what is asked before a model is open."""
    return EngineError("No model is open.", "Choose a model first.")
