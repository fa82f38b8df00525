"""Keeps the process alive under PySide6 6.12.0 on Python 3.11, where each call eats a reference.

`Signal.emit` gives back True, and every method without a result (`update`, `setText`, …) gives back
None, without taking a reference to it (measured on 6.12.0: a thousand calls, a thousand references
less). After some hundred signals or some thousand calls Python ends the process with "deallocating
True or False" or "deallocating None". Python 3.12 made them immortal, so this does nothing there;
it can go when PySide6 takes the reference or the floor is Python 3.12.
"""

import ctypes
import sys
from typing import Final

# More than a day of a million signals a second; far below the 2⁶³ that would turn it negative.
_RESERVE: Final = 1 << 40


def keep_bools_alive() -> None:
    """Give True, False and None a reserve of references that no session uses up; once is enough."""
    if sys.version_info >= (3, 12) or sys.implementation.name != "cpython":
        return
    for value in (True, False, None):
        if sys.getrefcount(value) < _RESERVE // 2:
            # The count is the first field of every object in CPython's release builds.
            ctypes.c_ssize_t.from_address(id(value)).value += _RESERVE
