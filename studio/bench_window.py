"""Measures the real window from the hand to the painted picture; a child process of `studio bench`.

Moves a real slider of the real panel with real mouse events, while the real engine makes the
pictures, and writes one JSON document to stdout. Started as `studio bench-window`.
"""

import argparse
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QGuiApplication, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from studio.app.engine_payloads import RenderedPicture
from studio.cli.bench_timing import answer_times_ms
from studio.cli.memory import memory_mib
from studio.compose import Composition, Options, compose_window, make_application, open_window
from studio.core.brush import Brush, Stroke, empty_mask
from studio.core.mask import mask_to_text
from studio.core.recipe import Recipe, Region, RegionKind, new_recipe, plain
from studio.ui.canvas import Painted
from studio.ui.fine_slider import FineSlider
from studio.ui.slider_row import DirectionRow
from studio.ui.wall_desk import NINE

_HEAVY: Final = ("torch", "onnxruntime", "onnx", "torchvision")
_EVENT_MS: Final = 16  # a usual mouse and screen: 60 a second
_SLOW_MS: Final = 80
_WHEEL_MS: Final = 33
_SEED_MS: Final = 33
_LOOK_MS: Final = 4
_BLOCK_MS: Final = 5
_START_PATIENCE_S: Final = 30.0
_STEP_PATIENCE_S: Final = 5.0


class Hand(QObject):
    """Notes when each move of the hand was, and when its picture or a later one was painted.

    A move counts as answered by the first painted picture that belongs to it or to a later move:
    what the artist sees. Moves that the engine skipped are counted too.
    """

    def __init__(self, composition: Composition) -> None:
        super().__init__()
        self._composition = composition
        self._moved_s: list[float] = []
        self._move_by_recipe: dict[Recipe, int] = {}
        self._arrived: dict[int, tuple[int, bool]] = {}
        self._painted: list[tuple[float, int, bool]] = []
        self.first_full_s: float | None = None
        composition.engine.picture_ready.connect(self._note_arrival)
        composition.canvas.painted.connect(self._note_paint)

    def forget(self) -> None:
        """Begin a new phase."""
        self._moved_s.clear()
        self._move_by_recipe.clear()
        self._painted.clear()

    def move(self, slider: FineSlider, x: float) -> None:
        """Move the pointer that holds the slider."""
        self.act(lambda: send_mouse(slider, QEvent.Type.MouseMove, x=x))

    def act(self, do: Callable[[], object]) -> None:
        """Do what a hand does, noting when and which recipe came of it."""
        self._moved_s.append(time.perf_counter())
        do()
        recipe = self._composition.document.recipe
        if recipe is not None:
            self._move_by_recipe[recipe] = len(self._moved_s) - 1

    @property
    def num_moves(self) -> int:
        """How many moves there were in this phase."""
        return len(self._moved_s)

    def is_answered(self, move: int) -> bool:
        """Say whether a move has its full picture."""
        return any(number >= move and not preview for _, number, preview in self._painted)

    def answers_ms(self, *, only_full: bool) -> list[float]:
        """Give, for each move that was answered, the time until it was."""
        marks = [mark for mark in self._painted if not (only_full and mark[2])]
        return answer_times_ms(self._moved_s, [(at_s, number) for at_s, number, _ in marks])

    @property
    def num_shown(self) -> int:
        """How many moves of this phase were seen themselves; the others were passed over."""
        return len({number for _, number, _ in self._painted if number >= 0})

    @property
    def num_painted(self) -> int:
        """How many pictures were painted in this phase."""
        return len(self._painted)

    def _note_arrival(self, rendered: RenderedPicture) -> None:
        move = self._move_by_recipe.get(rendered.recipe, -1)
        self._arrived[rendered.request_id] = (move, rendered.is_preview)

    def _note_paint(self, painted: Painted) -> None:
        move, is_preview = self._arrived.get(painted.request_id, (-1, False))
        self._painted.append((painted.at_s, move, is_preview))
        if not is_preview and self.first_full_s is None:
            self.first_full_s = time.time()


class BlockWatch(QObject):
    """Finds the longest time that the window answered nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_ms = 0.0
        self._last_s = time.perf_counter()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_BLOCK_MS)

    def stop(self) -> float:
        """Give the longest time in ms."""
        self._timer.stop()
        return self.longest_ms

    def _tick(self) -> None:
        now_s = time.perf_counter()
        self.longest_ms = max(self.longest_ms, (now_s - self._last_s) * 1000 - _BLOCK_MS)
        self._last_s = now_s


def run_bench_window(words: list[str]) -> int:
    """Measure and write the answer; gives the exit status."""
    parser = argparse.ArgumentParser(prog="studio bench-window")
    parser.add_argument("--model", required=True)
    parser.add_argument("--began", type=float, default=time.time(), help="time.time() at the start")
    parser.add_argument("--full", action="store_true")
    args = parser.parse_args(words)
    options = Options(model=args.model)
    _app = make_application()  # held: Qt ends with it
    composition = compose_window(options)
    hand = Hand(composition)
    open_window(composition)
    wait_until(lambda: is_on_screen(composition), patience_s=_START_PATIENCE_S)
    told: dict[str, Any] = {
        "window_shown_ms": (time.time() - args.began) * 1000,
        "window_shown_cpu_ms": time.process_time() * 1000,
        "display": QGuiApplication.platformName(),
    }
    try:
        if wait_until(lambda: hand.first_full_s is not None, patience_s=_START_PATIENCE_S):
            told["window_first_picture_ms"] = ((hand.first_full_s or 0.0) - args.began) * 1000
            told |= measure_slider(composition, hand, rounds=3 if args.full else 1)
            told |= measure_painted(composition, hand)
            told |= measure_hands(composition, hand, rounds=3 if args.full else 1)
            told |= measure_sheets(composition, rounds=9 if args.full else 5)
        told |= measure_memory()
        told["heavy_imports"] = [name for name in _HEAVY if name in sys.modules]
    finally:
        composition.dismantle()
    sys.stdout.write(json.dumps(told))
    return 0


def is_on_screen(composition: Composition) -> bool:
    """Say whether the window system shows the window, and not only the program."""
    handle = composition.window.windowHandle()
    return handle is not None and handle.isExposed()


def measure_slider(composition: Composition, hand: Hand, *, rounds: int) -> dict[str, Any]:
    """Move one slider step by step, then in a fast drag; gives the times."""
    row = composition.latent_panel.findChild(DirectionRow)
    if row is None or not row.slider.isVisible():
        return {}
    slider = row.slider
    middle, reach = slider.width() / 2, slider.width() * 0.4
    send_mouse(slider, QEvent.Type.MouseButtonPress, x=middle)
    hand.forget()
    for step in range(20 * rounds):
        hand.move(slider, middle + reach * zigzag(step, 20 * rounds))
        move = hand.num_moves - 1
        wait_until(lambda: hand.is_answered(move), patience_s=_STEP_PATIENCE_S)  # noqa: B023
    full_ms = hand.answers_ms(only_full=True)
    step_ms = hand.answers_ms(only_full=False)
    hand.forget()
    watch = BlockWatch()
    num_moves = 180 * rounds
    repeat(
        lambda: hand.move(slider, middle + reach * zigzag(hand.num_moves, num_moves)),
        every_ms=_EVENT_MS,
        num_times=num_moves,
    )
    wait_until(lambda: hand.is_answered(num_moves - 1), patience_s=_STEP_PATIENCE_S)
    longest_ms = watch.stop()
    send_mouse(slider, QEvent.Type.MouseButtonRelease, x=middle)
    return {
        "slider_full_ms": full_ms,
        "slider_step_ms": step_ms,
        "slider_preview_ms": hand.answers_ms(only_full=False),
        "slider_preview_shown": hand.num_shown,
        "slider_preview_moves": num_moves,
        "window_longest_block_ms": longest_ms,
        "num_moves": num_moves,
        "num_painted": hand.num_painted,
    }


def measure_painted(composition: Composition, hand: Hand) -> dict[str, list[float]]:
    """Move one slider while a round part of the picture is kept, then while it is mixed in."""
    row, recipe = composition.latent_panel.findChild(DirectionRow), composition.document.recipe
    if row is None or recipe is None or not row.slider.isVisible():
        return {}
    slider, told = row.slider, {}
    stroke = Stroke(empty_mask(128, 128), Brush(size=0.4))
    stroke.move_to(0.5, 0.5)
    mask = mask_to_text(stroke.mask)
    kinds: tuple[RegionKind, ...] = ("keep", "mix")
    for kind in kinds:
        other = new_recipe(recipe.model, 7) if kind == "mix" else plain(recipe)
        region = Region(kind=kind, mask=mask, recipe=other)
        composition.document.edit(msgspec.structs.replace(recipe, regions=(region,)))
        told[f"{kind}_full_ms"] = step_slider(hand, slider, num_steps=20)
    composition.document.edit(recipe)
    return told


def step_slider(hand: Hand, slider: FineSlider, *, num_steps: int) -> list[float]:
    """Move a slider step by step, each when the one before is painted in full; gives the times."""
    middle, reach = slider.width() / 2, slider.width() * 0.4
    send_mouse(slider, QEvent.Type.MouseButtonPress, x=middle)
    hand.forget()
    for step in range(num_steps):
        hand.move(slider, middle + reach * zigzag(step, num_steps))
        move = hand.num_moves - 1
        wait_until(lambda: hand.is_answered(move), patience_s=_STEP_PATIENCE_S)  # noqa: B023
    full_ms = hand.answers_ms(only_full=True)
    send_mouse(slider, QEvent.Type.MouseButtonRelease, x=middle)
    return full_ms


def measure_hands(composition: Composition, hand: Hand, *, rounds: int) -> dict[str, Any]:
    """Move as hands do: slowly, with the wheel, through many seeds; times, and what was shown."""
    row = composition.latent_panel.findChild(DirectionRow)
    if row is None or not row.slider.isVisible():
        return {}
    slider, dice = row.slider, composition.latent_panel.roll_dice
    middle, reach = slider.width() / 2, slider.width() * 0.3
    slider.setFocus()
    send_mouse(slider, QEvent.Type.MouseButtonPress, x=middle)
    num_slow = 30 * rounds
    told = _measure_hand(
        hand,
        "hand_slow_drag",
        do=lambda step: send_mouse(
            slider, QEvent.Type.MouseMove, x=middle + reach * zigzag(step, num_slow)
        ),
        every_ms=_SLOW_MS,
        num_moves=num_slow,
    )
    send_mouse(slider, QEvent.Type.MouseButtonRelease, x=middle)
    turn = [1 if step % 20 < 10 else -1 for step in range(60 * rounds)]
    told |= _measure_hand(
        hand,
        "hand_wheel",
        do=lambda step: send_wheel(slider, turn[step]),
        every_ms=_WHEEL_MS,
        num_moves=len(turn),
    )
    return told | _measure_hand(
        hand, "hand_seed_storm", do=lambda _: dice(), every_ms=_SEED_MS, num_moves=60 * rounds
    )


def _measure_hand(
    hand: Hand, name: str, *, do: Callable[[int], object], every_ms: int, num_moves: int
) -> dict[str, Any]:
    """Give the times of some moves until they were seen, and how many pictures were painted."""
    hand.forget()
    repeat(lambda: hand.act(lambda: do(hand.num_moves - 1)), every_ms=every_ms, num_times=num_moves)
    wait_until(lambda: hand.is_answered(num_moves - 1), patience_s=_STEP_PATIENCE_S)
    return {
        f"{name}_ms": hand.answers_ms(only_full=False),
        f"{name}_shown": hand.num_shown,
        f"{name}_moves": num_moves,
    }


def measure_sheets(composition: Composition, *, rounds: int) -> dict[str, list[float]]:
    """Open sheets of nine variations; give the times until the first and until all are painted."""
    command = composition.window.actions_table.action("variations")
    first_ms, nine_ms = [], []
    for _ in range(rounds):
        begin_s = time.perf_counter()
        command.trigger()
        wait_until(lambda: composition.wall.num_painted > 0, patience_s=_STEP_PATIENCE_S)
        first_ms.append((time.perf_counter() - begin_s) * 1000)
        wait_until(lambda: composition.wall.num_painted == NINE * NINE, patience_s=_STEP_PATIENCE_S)
        nine_ms.append((time.perf_counter() - begin_s) * 1000)
        composition.window.show_page("")
    return {"sheet_first_ms": first_ms, "sheet_nine_ms": nine_ms}


def repeat(do: Callable[[], object], *, every_ms: int, num_times: int) -> None:
    """Do something again and again at an even pace while the window works."""
    loop = QEventLoop()
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    done = itertools.count(1)

    def step() -> None:
        do()
        if next(done) >= num_times:
            timer.stop()
            loop.quit()

    timer.timeout.connect(step)
    timer.start(every_ms)
    loop.exec()


def zigzag(step: int, total: int) -> float:
    """Give a place -1…1 on a way there and back, no two of which are the same."""
    share = (step + 1) / total
    there_and_back = 4 * share - 1 if share < 0.5 else 3 - 4 * share
    return there_and_back * (1 - 0.001 * share)


def send_mouse(slider: FineSlider, kind: QEvent.Type, *, x: float) -> None:
    """Give the slider one mouse event, as the window system would."""
    place = QPointF(x, slider.height() / 2)
    is_move = kind is QEvent.Type.MouseMove
    button = Qt.MouseButton.NoButton if is_move else Qt.MouseButton.LeftButton
    is_up = kind is QEvent.Type.MouseButtonRelease
    held = Qt.MouseButton.NoButton if is_up else Qt.MouseButton.LeftButton
    everywhere = QPointF(slider.mapToGlobal(place))
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(slider, QMouseEvent(kind, place, everywhere, button, held, keys))


def send_wheel(slider: FineSlider, turns: int) -> None:
    """Turn the wheel over the slider by some notches."""
    place = QPointF(slider.width() / 2, slider.height() / 2)
    everywhere = QPointF(slider.mapToGlobal(place))
    event = QWheelEvent(
        place,
        everywhere,
        QPoint(),
        QPoint(0, 120 * turns),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)


def measure_memory() -> dict[str, float]:
    """Give the memory of this process and of the engine, where the system tells."""
    told: dict[str, float] = {}
    if own := memory_mib(os.getpid()):
        told |= {"app_rss_mib": own[0], "app_pss_mib": own[1]}
    for pid in list_children():
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        if b"engine" in words and (found := memory_mib(pid)):
            told |= {"engine_starter_rss_mib": found[0], "engine_starter_pss_mib": found[1]}
    return told


def list_children() -> list[int]:
    """Give the children of this process, none where the system does not tell."""
    found: list[int] = []
    for task in Path("/proc/self/task").glob("*/children"):
        found += [int(word) for word in task.read_text(encoding="ascii").split()]
    return found


def wait_until(is_so: Callable[[], bool], *, patience_s: float) -> bool:
    """Let the window work until something is so; False when it was not in time."""
    loop = QEventLoop()
    end_s = time.monotonic() + patience_s
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)

    def look() -> None:
        if is_so() or time.monotonic() > end_s:
            timer.stop()
            loop.quit()

    timer.timeout.connect(look)
    timer.start(_LOOK_MS)
    loop.exec()
    return is_so()
