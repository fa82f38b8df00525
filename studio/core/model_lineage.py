"""Which models come from one another, or from one start: only between those can one lie."""

from studio.core.model_card import ModelCard
from studio.core.training_spec import TrainingSpec


def lineage_of(card: ModelCard, spec: TrainingSpec) -> frozenset[str]:
    """Gives the hashes of a model and of all that it was made from."""
    tune = spec.tune
    return frozenset({card.model} if tune is None else {card.model, tune.start, *tune.lineage})


def has_same_graph(a: TrainingSpec, b: TrainingSpec) -> bool:
    """Tells whether two specs make generators that differ in their weights alone."""
    return (a.resolution, a.z_dim, a.w_dim, a.channels, a.symmetry) == (
        b.resolution,
        b.z_dim,
        b.w_dim,
        b.channels,
        b.symmetry,
    )
