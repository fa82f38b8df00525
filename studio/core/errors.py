"""Errors that are meant for people."""


class StudioError(Exception):
    """Something the artist must know: one plain sentence, and what to do now.

    Attributes:
        what: One sentence that says what happened, without blame or internal names.
        way_out: One sentence that says what to do now.
    """

    def __init__(self, what: str, way_out: str) -> None:
        super().__init__(f"{what} {way_out}")
        self.what = what
        self.way_out = way_out


class ModelError(StudioError):
    """A model folder cannot be used: missing, damaged, swapped or foreign."""


class RecipeError(StudioError):
    """A recipe cannot be read or does not fit the model."""


class StorageError(StudioError):
    """Something could not be written to or read from the studio's own folder."""


class DiskFullError(StorageError):
    """There is no room left where something was to be written."""


class PictureError(StudioError):
    """A picture file cannot be read."""


class EngineError(StudioError):
    """The engine could not make a picture."""


class TrainingError(StudioError):
    """Training cannot start or go on."""


class RunBusyError(TrainingError):
    """Another trainer is at work on the run."""
