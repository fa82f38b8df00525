"""Which model a command means: by id, name, hash or folder."""

from studio.core.errors import ModelError
from studio.files.places import shipped_models, studio_home
from studio.library.model_library import InstalledModel, ModelLibrary


def open_library() -> ModelLibrary:
    """Give the library of the shipped models and the artist's own."""
    return ModelLibrary((shipped_models(), studio_home() / "models"))


def choose_model(library: ModelLibrary, wish: str | None) -> InstalledModel:
    """Give the model that a person asked for, or the first one when nothing was asked.

    Args:
        library: Where models lie.
        wish: Id, name or hash of an installed model, or the folder of any other; None for any.

    Raises:
        ModelError: There is no such model, none at all, or it is broken.
    """
    if wish is None:
        return _first(library)
    return library.find(wish)


def _first(library: ModelLibrary) -> InstalledModel:
    found = library.scan()
    for model in found:
        if isinstance(model, InstalledModel):
            return model
    if found:
        raise ModelError(
            "No installed model can be opened.",
            "`studio models list` says what is wrong with each.",
        )
    raise ModelError(
        "No model is installed.",
        "Put a model folder into the studio's models folder (`studio doctor` says where), "
        "or name one with --model FOLDER.",
    )
