"""A model comes in from anywhere: looked at, tried, put on a stage, and only then in the library.

Blocks for seconds to a minute: for a worker thread or the command line.
"""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from studio.core.errors import ModelError
from studio.core.model_card import CARD_FILE, ModelCard, Right, encode_card
from studio.files.model_folder import MAX_FILE_BYTES, read_card, read_model_file
from studio.files.model_stage import ModelStage
from studio.files.model_zip import SMALL_PICTURES
from studio.files.source_pictures import encode_picture
from studio.library.weights_arrival import convert_weights
from studio.opener.client import open_recipe_picture
from studio.opener.kinds import HEAD_BYTES, kind_of, no_model
from studio.opener.limited_child import StoppedError
from studio.opener.model_client import MAX_ZIP_BYTES, unpack_model
from studio.opener.model_reader import LISTED_FILES
from studio.opener.open_file import OpenFile
from studio.opener.trial_client import try_folder, try_graph
from studio.protocol.trial_messages import TrialWishes

_BLOCK_BYTES: Final = 1024 * 1024
# Shares of the progress: unpacking and checking, then the trial.
_UNPACKED: Final = 0.4

Tell = Callable[[float, str], None]


class Arrival(msgspec.Struct, frozen=True):
    """A model on its stage. Either `accept` or `stage.discard` ends it.

    Attributes:
        stage: Where its files lie.
        card: Its card; name and rights are empty when nobody said them yet.
        shown_name: A name to begin with.
    """

    stage: ModelStage
    card: ModelCard
    shown_name: str

    @property
    def is_ours(self) -> bool:
        """Whether it comes with a card that says its name and rights."""
        return bool(self.card.name)


def bring_in(
    path: Path,
    models: Path,
    *,
    wishes: TrialWishes = TrialWishes(),  # noqa: B008 - frozen
    tell: Tell = lambda _share, _what: None,
    is_stopping: Callable[[], bool] = lambda: False,
) -> Arrival:
    """Put a model on a stage: a folder of our own, a zip of one, an ONNX or a StyleGAN file.

    Args:
        path: Where it comes from; it is only read.
        models: The artist's folder of models.
        wishes: What the artist said about a graph.
        tell: Called with how far it is, 0…1, and a word.
        is_stopping: Asked all the time.

    Raises:
        ModelError: It is not allowed, damaged, or no model.
        QuestionsError: Something about a graph could not be found out.
        StorageError: It cannot be written.
        StoppedError: It is not wanted any more.
    """
    if path.is_dir():

        def copied(stage: ModelStage) -> ModelCard:
            return _folder(path, stage, tell=tell, is_stopping=is_stopping)

        return _on_stage(models, copied, name=path.name)
    with OpenFile(path, noun="model", max_bytes=MAX_ZIP_BYTES, error=ModelError) as file:
        kind = kind_of(file.head(HEAD_BYTES))

        def graph(stage: ModelStage) -> ModelCard:
            return try_graph(file, stage, wishes=wishes, tell=tell, is_stopping=is_stopping)

        def packed(stage: ModelStage) -> ModelCard:
            tell(0.0, "unpacking")
            card = unpack_model(file, stage, is_stopping=is_stopping)
            return _tried(stage, card, tell=tell, is_stopping=is_stopping)

        def weights(stage: ModelStage) -> ModelCard:
            return convert_weights(path, stage, wishes=wishes, tell=tell, is_stopping=is_stopping)

        if kind == "graph":
            return _on_stage(models, graph, name=path.stem)
        if kind == "weights":
            return _on_stage(models, weights, name=path.stem)
        if kind == "zip":
            return _on_stage(models, packed, name=path.stem)
        raise no_model(kind)


def accept(
    arrival: Arrival,
    *,
    name: str = "",
    rights: Sequence[Right] = (),
    credit: str = "",
    taken: Collection[str] = (),
) -> Path:
    """Make an arrival a model of the library; gives its folder.

    Args:
        arrival: What came in.
        name: What it is called; "" keeps its own.
        rights: Links for the end of its chain of rights; links that it brings stay.
        credit: The line that every export carries; "" keeps its own.
        taken: Ids in use elsewhere.

    Raises:
        StorageError: The disk is full or cannot be written.
    """
    card = msgspec.structs.replace(
        arrival.card,
        name=(name or arrival.card.name or arrival.shown_name).strip(),
        rights=(*arrival.card.rights, *rights),
        credit=(credit or arrival.card.credit).strip(),
    )
    return arrival.stage.finish(card, taken=taken)


def _on_stage(models: Path, put: Callable[[ModelStage], ModelCard], *, name: str) -> Arrival:
    stage = ModelStage(models)
    try:
        card = put(stage)
    except BaseException:
        stage.discard()
        raise
    return Arrival(stage, card, _spoken(card.name or name))


def _folder(
    folder: Path, stage: ModelStage, *, tell: Tell, is_stopping: Callable[[], bool]
) -> ModelCard:
    tell(0.0, "reading")
    card = read_card(folder)
    if wrong := sorted(set(card.graphs).difference(LISTED_FILES)):
        raise ModelError(
            f"Its card lists “{wrong[0][:40]}”, which is no part of a model.",
            "Ask its maker for another copy.",
        )
    for name in sorted(card.graphs):
        with OpenFile(
            folder / name, noun="model", max_bytes=MAX_FILE_BYTES, error=ModelError
        ) as file:
            stage.put(name, _blocks(file, is_stopping))
        read_model_file(stage.folder, card, name=name)  # what lies here is what the card means
    for name in SMALL_PICTURES:
        if (folder / name).is_file():
            picture = open_recipe_picture(folder / name).picture
            if picture is not None:
                stage.put(name, [encode_picture(picture, "WEBP")])
    return _tried(stage, card, tell=tell, is_stopping=is_stopping)


def _blocks(file: OpenFile, is_stopping: Callable[[], bool]) -> Iterator[bytes]:
    while block := os.read(file.descriptor, _BLOCK_BYTES):
        if is_stopping():
            raise StoppedError
        yield block


def _tried(
    stage: ModelStage, card: ModelCard, *, tell: Tell, is_stopping: Callable[[], bool]
) -> ModelCard:
    stage.put(CARD_FILE, [encode_card(card)])
    try_folder(
        stage.folder,
        tell=lambda share, what: tell(_UNPACKED + (1 - _UNPACKED) * share, what),
        is_stopping=is_stopping,
    )
    return card


def _spoken(name: str) -> str:
    """Give a file's name as people would say it."""
    words = name.removesuffix(".studio").replace("_", " ").replace("-", " ").split()
    said = " ".join(words)[:60]
    return said[:1].upper() + said[1:] if said else "Model"
