"""What the engine renders next: pure logic, told what happens and asked what to do.

Rules, in the order of their weight:

- The newest request for the canvas wins; an older one that has not begun is forgotten.
- When the full picture is slow, the canvas gets a preview first. A new request ends an unfinished
  full picture whose preview was shown, never an unfinished preview, so pictures keep coming.
- Full pictures (to keep, to export) are never skipped, never ended, and take turns with the canvas.
- Small pictures come when nothing else waits, in small batches that can be cancelled; in a drag
  that never ends they get one turn in `_TURNS_BEFORE_SMALL`.
"""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable
from statistics import median
from typing import Final, Literal

import msgspec

from studio.core.recipe import Recipe

JobKind = Literal["preview", "picture", "small", "full"]

# A picture at 25 frames a second needs no preview; between the two limits things stay as they are,
# so that the canvas does not flicker between the two ways.
SLOW_MS: Final = 40.0
FAST_MS: Final = 30.0
# A preview has to follow the hand: one frame of 30 Hz (DESIGN §10).
PREVIEW_BUDGET_MS: Final = 33.0
# A side twice as long costs at most four times as much (each level of ours costs less).
_COST_OF_DOUBLE: Final = 4.0
_TURNS_BEFORE_SMALL: Final = 10
_REMEMBERED: Final = 5


class Request(msgspec.Struct, frozen=True):
    """One thing that was asked for.

    Attributes:
        request_id: Its number.
        recipe: What to make.
        size: The side in px that is enough, None for the full.
        has_nearness: Whether the picture is compared with what the model learned from.
    """

    request_id: int
    recipe: Recipe
    size: int | None = None
    has_nearness: bool = False


class Job(msgspec.Struct, frozen=True):
    """What to render now: requests of one kind at one side in px."""

    kind: JobKind
    requests: tuple[Request, ...]
    side: int


class RenderLoop:
    """Decides; it renders nothing. Not safe for several threads: the caller holds a lock."""

    def __init__(
        self, sides: Iterable[int], *, small_batch: int = 1, goes_on: bool = False
    ) -> None:
        """Start for a model.

        Args:
            sides: The sides in px that its pictures can have, rising.
            small_batch: How many small pictures make one job. A batch wins nothing on a CPU, where
                the hand would only wait for it.
            goes_on: Whether a full picture costs only what its preview did not compute.
        """
        self._goes_on = goes_on
        self._preview_ms = 0.0
        self._small_batch = small_batch
        self._sides = tuple(sides)
        self._canvas: Request | None = None
        self._has_preview = False
        self._full: deque[Request] = deque()
        self._small: OrderedDict[int, Request] = OrderedDict()
        self._running: Job | None = None
        self._times_ms: dict[int, deque[float]] = {}
        self._warm_sides: set[int] = set()
        self._is_slow = len(self._sides) > 1
        self._was_canvas = False
        self._turns_since_small = 0

    # ------------------------------------------------------------------------ what is asked

    def ask_picture(self, request: Request) -> bool:
        """Take a request for the canvas; True says: end the running job now."""
        self._canvas = request
        self._has_preview, self._preview_ms = False, 0.0
        running = self._running
        return self._is_slow and running is not None and running.kind == "picture"

    def ask_full(self, request: Request) -> None:
        """Take a request for a full picture that is never skipped."""
        self._full.append(request)

    def ask_small(self, request: Request) -> None:
        """Take a request for a small picture."""
        self._small[request.request_id] = request

    def cancel_small(self, request_ids: Collection[int]) -> bool:
        """Forget small requests; True says: end the running job, nobody wants any of it."""
        for request_id in request_ids:
            self._small.pop(request_id, None)
        running = self._running
        if running is None or running.kind != "small":
            return False
        return all(request.request_id in request_ids for request in running.requests)

    # ------------------------------------------------------------------------ what to do

    def next_job(self) -> Job | None:
        """Give what to render now, None when nothing waits. It counts as running from here on."""
        assert self._running is None, "one job at a time"
        job = self._choose()
        self._running = job
        if job is not None:
            self._was_canvas = job.kind in ("preview", "picture")
            is_small = job.kind == "small"
            self._turns_since_small = 0 if is_small else self._turns_since_small + 1
        return job

    def finish(self, elapsed_ms: float) -> None:
        """Say that the running job gave its pictures; they are always sent."""
        job = self._end()
        if job.kind == "picture" and self._goes_on:
            # What it would have cost without: else the canvas would change its way with every picture.
            elapsed_ms += self._preview_ms
        if job.kind != "full":  # often of what is on the canvas, and then it costs nothing
            self._remember(job.side, elapsed_ms / len(job.requests))
        if job.kind == "preview" and self._is_current(job):
            self._has_preview = True
            self._preview_ms = elapsed_ms
        if job.kind == "picture" and self._is_current(job):
            self._canvas = None
        self._judge_speed()

    def fail(self) -> None:
        """Say that the running job can give no picture; its requests are not tried again."""
        job = self._end()
        if self._is_current(job):
            self._canvas = None

    def interrupt(self) -> None:
        """Say that the running job was ended before it was done."""
        self._end()

    @property
    def has_job(self) -> bool:
        """Whether `next_job` would give one."""
        return self._canvas is not None or bool(self._full) or bool(self._small)

    @property
    def is_urgent(self) -> bool:
        """Whether the canvas or a full picture waits."""
        return self._canvas is not None or bool(self._full)

    @property
    def running(self) -> Job | None:
        """The job that runs now."""
        return self._running

    # ------------------------------------------------------------------------ inside

    def _choose(self) -> Job | None:
        if self._small and self._turns_since_small >= _TURNS_BEFORE_SMALL:
            return self._small_job(1)
        if self._full and self._was_canvas:
            return self._full_job()
        if self._canvas is not None and self._is_slow and not self._has_preview:
            return Job("preview", (self._canvas,), self._preview_side())
        if self._full:
            return self._full_job()
        if self._canvas is not None:
            return Job("picture", (self._canvas,), self._sides[-1])
        return self._small_job(self._small_batch) if self._small else None

    def _full_job(self) -> Job:
        return Job("full", (self._full.popleft(),), self._sides[-1])

    def _small_job(self, limit: int) -> Job:
        """Take the oldest small request, and others of the same side after it."""
        first = next(iter(self._small.values()))
        side = self._side_for(first.size)
        same = [request for request in self._small.values() if self._side_for(request.size) == side]
        taken = same[:limit]
        for request in taken:
            del self._small[request.request_id]
        return Job("small", tuple(taken), side)

    def _side_for(self, size: int | None) -> int:
        enough = (side for side in self._sides if size is not None and side >= size)
        return next(enough, self._sides[-1])

    def _preview_side(self) -> int:
        """Give the largest side below the full one that is expected within the budget."""
        chosen = self._sides[0]
        expected_ms = self._time_ms(chosen)
        for side in self._sides[1:-1]:
            if expected_ms is None:
                break
            measured_ms = self._time_ms(side)
            ratio = (side / chosen) ** 2 / 4 * _COST_OF_DOUBLE
            expected_ms = expected_ms * ratio if measured_ms is None else measured_ms
            if expected_ms > PREVIEW_BUDGET_MS:
                break
            chosen = side
        return chosen

    def _remember(self, side: int, elapsed_ms: float) -> None:
        """Note a time. The first one, which opens the session, counts only until there is another."""
        times = self._times_ms.setdefault(side, deque(maxlen=_REMEMBERED))
        if len(times) == 1 and side not in self._warm_sides:
            self._warm_sides.add(side)
            times.clear()
        times.append(elapsed_ms)

    def _time_ms(self, side: int) -> float | None:
        times = self._times_ms.get(side)
        return median(times) if times else None

    def _judge_speed(self) -> None:
        full_ms = self._time_ms(self._sides[-1])
        if full_ms is None or len(self._sides) == 1:
            return
        if full_ms > SLOW_MS:
            self._is_slow = True
        elif full_ms < FAST_MS:
            self._is_slow = False

    def _is_current(self, job: Job) -> bool:
        return self._canvas is not None and job.requests[0].request_id == self._canvas.request_id

    def _end(self) -> Job:
        job = self._running
        assert job is not None, "no job is running"
        self._running = None
        return job
