"""Widgets: they show and ask, nothing else."""

import studio.app  # noqa: F401 - gives the process its reserve of references before any signal
