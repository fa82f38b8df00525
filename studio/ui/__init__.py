"""Widgets: they show and ask, nothing else."""
