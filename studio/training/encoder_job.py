"""`studio trainer encoder MODEL…`: gives models of ours that have none an encoder, or a new one.

The model's hash does not change, since that is of its mapping, synthesis and mean alone; so every
recipe stays as it is.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from studio.core.errors import StudioError, TrainingError
from studio.core.model_card import CARD_FILE, ENCODER_FILE, ModelCard, encode_card
from studio.files.atomic import write_bytes_atomic
from studio.files.model_folder import read_card
from studio.training.encoder_fit import fit_encoder, nothing
from studio.training.encoder_graph import encoder_graph
from studio.training.model_weights import load_model_weights
from studio.training.networks import Critic, Generator
from studio.training.to_onnx import bake, sha256


def add_encoder(folder: Path, progress: Callable[[float], None] = nothing) -> ModelCard:
    """Fits an encoder and puts it into a model's folder; gives the new card.

    Args:
        folder: the model's folder.
        progress: see `fit_encoder`; what it raises leaves the folder as it was.

    Raises:
        ModelError: the model cannot be read, or has no critic.
        TrainingError: its numbers overflow.
        StorageError: the folder cannot be written.
    """
    card = read_card(folder)
    average, weights, spec = load_model_weights(folder)
    generator, critic = Generator(spec).requires_grad_(False), Critic(spec).requires_grad_(False)
    generator.load_state_dict(average)
    critic.load_state_dict(weights)
    encoder = fit_encoder(bake(generator, spec), critic, spec=spec, progress=progress)
    if encoder is None:
        raise TrainingError(
            f"No encoder can be made for “{card.name}”: its numbers overflow.",
            "Choose an earlier snapshot.",
        )
    raw = encoder_graph(encoder)
    write_bytes_atomic(folder / ENCODER_FILE, raw)
    changed = msgspec.structs.replace(card, graphs={**card.graphs, ENCODER_FILE: sha256(raw)})
    write_bytes_atomic(folder / CARD_FILE, encode_card(changed))
    return changed


def run_encoder(words: Sequence[str]) -> int:
    """Does the words of the command; gives the exit status."""
    if not words or any(word.startswith("-") for word in words):
        sys.stderr.write("studio trainer encoder MODEL…: MODEL is a model's folder\n")
        return 2
    for word in words:
        begin_s = time.process_time()
        try:
            card = add_encoder(Path(word))
        except StudioError as error:
            sys.stderr.write(f"{error.what} {error.way_out}\n")
            return 1
        seconds = time.process_time() - begin_s
        sys.stderr.write(f"{card.name}: encoder fitted in {seconds:.0f} s of the processor\n")
    return 0
