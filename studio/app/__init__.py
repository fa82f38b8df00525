"""State and work behind the window (QtCore, QtGui; no widgets)."""

from studio.app.immortal_bools import keep_bools_alive

keep_bools_alive()
