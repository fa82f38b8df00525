"""What can be asked by live messages: a fixed tree of addresses, each with a range of numbers.

Nothing here can carry a path, load or save a file, delete, quit or change a setting.
"""

import re
from typing import Final, Literal

import msgspec

from studio.core.osc import OscMessage
from studio.core.recipe import MAX_PSI, MAX_SEED, ZONES

LiveKind = Literal[
    "slider", "zone", "seed", "dice", "psi", "mix", "style", "kept", "play", "stop", "position"
]
ROOT: Final = "/studio/"
# A slider shows at most this much; what a recipe holds is checked where it is set.
MAX_SLIDER: Final = 5.0
MAX_PLACE: Final = 100_000
_SLIDER: Final = re.compile(r"slider/([1-9][0-9]{0,2}|[0-9a-f]{16})")
_STYLE: Final = re.compile(r"style/([1-9][0-9]{0,4}|[0-9a-f]{32})")
_ZONE: Final = re.compile(rf"zone/({'|'.join(ZONES)})")


class LiveWish(msgspec.Struct, frozen=True):
    """One thing that is wished.

    Attributes:
        kind: What it is about.
        target: Which slider, zone or style; "" where there is only one.
        number: In its range: what lay beyond was brought into it.
    """

    kind: LiveKind
    target: str = ""
    number: float = 0.0

    @property
    def address(self) -> str:
        """The address below the root that wishes it."""
        name = f"walk/{self.kind}" if self.kind in ("play", "stop", "position") else self.kind
        return f"{name}/{self.target}" if self.target else name

    @property
    def key(self) -> str:
        """What a newer wish for the same thing replaces."""
        return f"{self.kind}/{self.target}"


# Address → kind and range of its number; a range of None for pushes.
_PLAIN: Final[dict[str, tuple[LiveKind, tuple[float, float] | None]]] = {
    "seed": ("seed", (0, MAX_SEED)),
    "dice": ("dice", None),
    "psi": ("psi", (0.0, MAX_PSI)),
    "mix": ("mix", (0.0, 1.0)),
    "style": ("style", (1, MAX_PLACE)),
    "kept": ("kept", (1, MAX_PLACE)),
    "walk/play": ("play", None),
    "walk/stop": ("stop", None),
    "walk/position": ("position", (0.0, 1.0)),
}
_WHOLE: Final = ("seed", "style", "kept")


def read_wish(message: OscMessage) -> LiveWish | None:
    """Give what a message wishes, None when it is none of ours or has other numbers.

    A button sends 1 when it is pressed and 0 when it is released: pushes take both, and do
    something for the first alone; a push without a number counts as pressed.
    """
    if not message.address.startswith(ROOT) or len(message.numbers) > 1:
        return None
    name = message.address.removeprefix(ROOT)
    number = message.numbers[0] if message.numbers else None
    if name in _PLAIN:
        kind, reach = _PLAIN[name]
        if reach is None:
            return LiveWish(kind, number=1.0 if number is None or number > 0 else 0.0)
        if number is None:
            return None
        number = min(max(number, reach[0]), reach[1])
        return LiveWish(kind, number=round(number) if kind in _WHOLE else number)
    if found := _SLIDER.fullmatch(name):
        return None if number is None else _slider(found.group(1), number)
    if found := _ZONE.fullmatch(name):
        return None if number is None else LiveWish("zone", found.group(1), float(number >= 0.5))
    if found := _STYLE.fullmatch(name):
        is_pressed = 1.0 if number is None or number > 0 else 0.0
        return LiveWish("style", found.group(1), is_pressed)
    return None


def _slider(target: str, number: float) -> LiveWish:
    return LiveWish("slider", target, min(max(float(number), -MAX_SLIDER), MAX_SLIDER))
