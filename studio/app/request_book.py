"""What was asked of the engine and is not answered: survives the engine's death."""

from collections.abc import Callable
from typing import Literal

import msgspec

from studio.app.engine_payloads import Key
from studio.core.recipe import Recipe
from studio.protocol import messages as say

AskedKind = Literal["canvas", "small", "full", "large"]


class Asked(msgspec.Struct, frozen=True):
    """One request. `key` is None for the canvas, `size` None for a full picture."""

    kind: AskedKind
    recipe: Recipe
    key: Key | None = None
    size: int | None = None
    has_nearness: bool = False


class RequestBook:
    """Numbers requests and keeps them until they are answered."""

    def __init__(self) -> None:
        self._num_requests = 0
        self._asked: dict[int, Asked] = {}
        self._canvas: Recipe | None = None

    @property
    def canvas(self) -> Recipe | None:
        """What the canvas shows or waits for."""
        return self._canvas

    @property
    def has_full(self) -> bool:
        """Whether a full picture is being waited for."""
        return any(asked.kind == "full" for asked in self._asked.values())

    def next_number(self) -> int:
        """Give a number for a request that is not a picture; it is not remembered here."""
        self._num_requests += 1
        return self._num_requests

    def ask_canvas(self, recipe: Recipe) -> say.Command:
        """Note a request for the canvas and give its message."""
        self._canvas = recipe
        return self._ask(Asked("canvas", recipe))

    def ask_full(self, key: Key, recipe: Recipe, *, has_nearness: bool = False) -> say.Command:
        """Note a request for a full picture and give its message."""
        return self._ask(Asked("full", recipe, key, has_nearness=has_nearness))

    def ask_small(self, key: Key, recipe: Recipe, *, size: int) -> list[say.Command]:
        """Note a request for a small picture; gives its message, after one that ends the old."""
        cancel = self.cancel_small(lambda other: other == key)
        return [*cancel, self._ask(Asked("small", recipe, key, size))]

    def cancel_small(self, is_meant: Callable[[Key], bool]) -> list[say.Command]:
        """Forget small requests; gives the message for it, nothing when none is meant."""
        gone = tuple(
            number
            for number, asked in self._asked.items()
            if asked.kind == "small" and asked.key is not None and is_meant(asked.key)
        )
        for number in gone:
            del self._asked[number]
        return [say.CancelSmall(request_ids=gone)] if gone else []

    def answer(self, request_id: int, *, is_last: bool = True) -> Asked | None:
        """Give the request that an answer belongs to, None when it was forgotten.

        Args:
            request_id: Its number.
            is_last: False for a preview, after which the full picture may come.
        """
        asked = self._asked.get(request_id)
        if asked is None:
            return None
        if is_last:
            del self._asked[request_id]
        if asked.kind == "canvas":
            # Older requests for the canvas will not be answered any more.
            for number in [n for n, a in self._asked.items() if a.kind == "canvas"]:
                if number < request_id:
                    del self._asked[number]
        return asked

    def forget_model(self) -> None:
        """Forget all that was asked of a model that is being left."""
        self._asked.clear()
        self._canvas = None

    def take_all(self) -> list[Asked]:
        """Give and forget every unanswered request."""
        all_asked = list(self._asked.values())
        self._asked.clear()
        return all_asked

    def ask_again(self, model: str) -> list[say.Command]:
        """Give what must be sent after the model was opened (again), under new numbers.

        The canvas gets its picture even when it was answered before the engine died; a canvas of
        another model is left out (the document is about to follow). Whatever else does not fit the
        model is sent all the same, for the engine to refuse it.
        """
        waiting = [asked for asked in self.take_all() if asked.kind != "canvas"]
        commands: list[say.Command] = []
        if self._canvas is not None and self._canvas.model == model:
            commands.append(self._ask(Asked("canvas", self._canvas)))
        return commands + [self._ask(asked) for asked in waiting]

    def _ask(self, asked: Asked) -> say.Command:
        number = self.next_number()
        self._asked[number] = asked
        if asked.kind == "canvas":
            return say.Render(request_id=number, recipe=asked.recipe)
        if asked.kind == "full":
            return say.RenderFull(
                request_id=number, recipe=asked.recipe, has_nearness=asked.has_nearness
            )
        assert asked.size is not None
        return say.RenderSmall(request_id=number, recipe=asked.recipe, size=asked.size)
