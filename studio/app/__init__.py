"""State and work behind the window (QtCore, QtGui; no widgets)."""
