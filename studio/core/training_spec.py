"""What a training run is made from: every number that can change its weights.

A spec is a frozen value. It travels as `spec.json` in the run folder and in the
finished model, so that `studio train FOLDER --spec spec.json` makes the model again.
Everything is counted in images seen (kimg = thousands), never in time.
"""

import math
from typing import Literal

import msgspec

SCHEMA = 1
MIN_RESOLUTION = 16
MAX_RESOLUTION = 512

BATCH_UNIT = 4  # the critic compares the pictures of such a group with one another

Precision = Literal["fp32", "bf16"]
Symmetry = Literal["none", "square"]

# Channels per resolution. "s" and "xs" are the two generators of the design; "s" is 240
# wide and not 272, because a start drawn from w and the grain add 4 MiB to a graph that
# may have 16. "sketch" halves the channels with every doubling, so that each level costs
# a processor about the same: one core trains it at 64 px eight times as fast as "xs".
CHANNELS: dict[str, dict[int, int]] = {
    "s": {4: 240, 8: 240, 16: 240, 32: 240, 64: 176, 128: 96, 256: 48, 512: 24},
    "xs": {4: 160, 8: 160, 16: 160, 32: 128, 64: 80, 128: 48, 256: 32, 512: 16},
    "sketch": {4: 128, 8: 128, 16: 96, 32: 64, 64: 32, 128: 16, 256: 16, 512: 16},
}


class Stage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One step of growth: from `begin_kimg` on, train at `resolution` px with `gamma`."""

    begin_kimg: float
    resolution: int
    gamma: float


class CropSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a folder becomes squares.

    Attributes:
        include: file name patterns (`palmer-*`); empty means every picture.
        max_crops: most squares from one picture.
        min_side_px: a picture with a shorter side is left out; None means half of
            the training resolution.
        side_share: side of a square as a share of the picture's shorter side, 0.1…1. Below 1
            the squares lie in a grid over the whole picture: close-ups, for ornament that is
            too fine to be learned whole.
    """

    include: tuple[str, ...] = ()
    max_crops: int = 3
    min_side_px: int | None = None
    side_share: float = 1.0


class AugmentSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """DiffAugment: which families act, each on every picture the critic sees."""

    colour: bool = True
    translation: float = 0.125
    cutout: float = 0.5


class ControlSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the controllers of a fine-tuning read, how often, and what they do then.

    Every interval is in kimg; the clock has no say in what changes weights.

    Attributes:
        is_on: False only measures and tells.
        gauge_kimg: How often the hold-out gauge and the variety of the pictures are read.
        overfit_limit: Hold-out gauge (0 none, 1 total) above which, rising over three
            readings, the critic is held back: stronger augmentation, then more of it
            frozen, then the end.
        win_limit: Mean sign of D(real) − D(made) over pairs above which the critic is winning.
        win_kimg: For so long, then gamma × 2, its step size ÷ 2, back to the best state.
        penalty_low: Least share of the penalties in the critic's whole loss; below it gamma
            grows by half every `penalty_kimg`.
        penalty_high: Largest share; above it gamma shrinks by a third.
        penalty_kimg: See there.
        spread_limit: Variety of the made pictures as a share of that at the start; below it
            for three readings the run has collapsed: back to the best state, gamma × 4,
            step sizes ÷ 2; the second time it ends with the best.
        evaluate_kimg: How often a snapshot is scored.
        patience: Scored snapshots in a row without a better one that end the run.
    """

    is_on: bool = True
    gauge_kimg: float = 1.0
    overfit_limit: float = 0.5
    win_limit: float = 0.9
    win_kimg: float = 10.0
    penalty_low: float = 0.03
    penalty_high: float = 0.3
    penalty_kimg: float = 2.0
    spread_limit: float = 0.5
    evaluate_kimg: float = 5.0
    patience: int = 5


class TuneSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What fine-tuning adds: it begins from a finished model instead of from nothing.

    Attributes:
        start: Hash of the model it starts from.
        start_id: That model's folder name, for people.
        lineage: Hashes of the models before that one, oldest first, the start last.
        frozen_blocks: Blocks of the critic, the largest pictures' first, that do not learn:
            how real strokes look at the finest scale is much the same for every hand.
            Source: Mo et al., "Freeze the Discriminator".
        mapping_from_kimg: Until then z → w does not learn.
        early_lr: Factor on the step size of the generator's 4 and 8 px layers, which hold
            the composition.
        critic_first_kimg: Until then the critic alone learns, so that the generator is not
            pushed by a critic that has never seen these pictures.
        warm_up_kimg: The step sizes rise from 0 until then: the optimisers start without a
            memory of their gradients.
        may_colour: Whether stronger augmentation may change colours.
        controls: The controllers.
    """

    start: str
    start_id: str = ""
    lineage: tuple[str, ...] = ()
    frozen_blocks: int = 0
    mapping_from_kimg: float = 0.0
    early_lr: float = 1.0
    critic_first_kimg: float = 0.5
    warm_up_kimg: float = 0.3
    may_colour: bool = False
    controls: ControlSpec = ControlSpec()


class TrainingSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole training run.

    Attributes:
        resolution: size of the finished picture in px, a power of two.
        channels: generator channels per resolution, from 4 to `resolution`.
        critic_channels: the same for the discriminator.
        stages: growth, ordered by `begin_kimg`, the first at 0.
        kimg: where the run ends.
        critic_lr: Adam step size of the critic.
        generator_lr: the same for the generator: smaller, so that the critic keeps up
            (measured: with equal ones the generator runs from pattern to pattern).
        ema_half_life_kimg: half-life of the averaged generator; it is shorter at the
            start, where at most `ema_ramp` of the images seen so far count.
        shared_weight: how much the generator avoids what all its pictures have in common
            beyond what the real ones have (0 turns it off).
        mixing: share of samples whose layers come from two latents.
        penalty_every: exact R1 and R2 each run once in this many steps.
        preview_share: share of steps that train each smaller preview output (64 and
            128 px) once the network is larger than it.
        symmetry: "square" makes every picture equal to its eight turns and mirrors, for
            ornament; it then repeats without a seam.
        micro_batch: pictures computed at once, a multiple of 4; their gradients add up to
            those of the whole batch. 0 computes the batch at once.
        tune: present when the run starts from a finished model.
    """

    schema: int = SCHEMA
    seed: int = 1
    resolution: int = 128
    z_dim: int = 256
    w_dim: int = 256
    channels: dict[int, int] = msgspec.field(default_factory=dict)
    critic_channels: dict[int, int] = msgspec.field(default_factory=dict)
    stages: tuple[Stage, ...] = ()
    kimg: float = 150.0
    batch: int = 16
    critic_lr: float = 2e-3
    generator_lr: float = 1e-3
    ema_half_life_kimg: float = 5.0
    ema_ramp: float = 0.05
    shared_weight: float = 30.0
    mixing: float = 0.5
    penalty_every: int = 16
    precision: Precision = "fp32"
    preview_share: float = 0.2
    crops: CropSpec = CropSpec()
    augment: AugmentSpec = AugmentSpec()
    symmetry: Symmetry = "none"
    micro_batch: int = 0
    tune: TuneSpec | None = None

    @property
    def num_layers(self) -> int:
        """Number of w layers the synthesis network reads."""
        return num_layers(self.resolution)

    def stage_at(self, kimg: float) -> Stage:
        """Gives the stage that rules after `kimg` thousand images."""
        current = self.stages[0]
        for stage in self.stages:
            if stage.begin_kimg <= kimg:
                current = stage
        return current


def num_layers(resolution: int) -> int:
    """Gives how many w layers a generator of `resolution` px reads (256 px: 14)."""
    return 2 * int(math.log2(resolution)) - 2


def resolutions_to(resolution: int) -> tuple[int, ...]:
    """Gives 4, 8, … up to and including `resolution`."""
    return tuple(2**power for power in range(2, int(math.log2(resolution)) + 1))


def default_gamma(resolution: int) -> float:
    """Gives a penalty weight that holds the balance at batch 16.

    Measured on painted landscapes at 32 px: 0.3 lets the critic run ahead for the
    first 30 kimg, 2 is balanced from the start and slow. It grows with the number of
    pixels' square root here, not with the pixels, because the runs are short.
    """
    return max(0.5, resolution / 64)


def default_stages(resolution: int, kimg: float) -> tuple[Stage, ...]:
    """Gives a growth plan: 40 % at the first size, the rest shared by the larger ones."""
    first = min(32, resolution)
    sizes = [size for size in resolutions_to(resolution) if size >= first]
    if len(sizes) == 1:
        return (Stage(0.0, first, default_gamma(first)),)
    share = 0.6 / (len(sizes) - 1)
    begins = [0.0] + [kimg * (0.4 + share * index) for index in range(len(sizes) - 1)]
    return tuple(
        Stage(round(begin, 3), size, default_gamma(size))
        for begin, size in zip(begins, sizes, strict=True)
    )


def make_spec(
    *, resolution: int, config: str, kimg: float, seed: int = 1, precision: Precision = "fp32"
) -> TrainingSpec:
    """Gives the spec of a usual run.

    Raises:
        ValueError: an unknown config or a resolution that is no power of two in range.
    """
    if config not in CHANNELS:
        raise ValueError(f"unknown config {config!r}")
    check_resolution(resolution)
    table = {size: CHANNELS[config][size] for size in resolutions_to(resolution)}
    spec = TrainingSpec(
        seed=seed,
        resolution=resolution,
        channels=table,
        critic_channels=dict(table),
        stages=default_stages(resolution, kimg),
        kimg=kimg,
        precision=precision,
    )
    check_spec(spec)
    return spec


def check_resolution(resolution: int) -> None:
    """Raises ValueError unless `resolution` is a power of two from 16 to 512."""
    is_power = resolution > 0 and resolution & (resolution - 1) == 0
    if not is_power or not MIN_RESOLUTION <= resolution <= MAX_RESOLUTION:
        raise ValueError(
            f"resolution {resolution} is not a power of two from "
            f"{MIN_RESOLUTION} to {MAX_RESOLUTION}"
        )


def check_spec(spec: TrainingSpec) -> None:
    """Raises ValueError with one sentence where a spec cannot be trained."""
    if spec.schema != SCHEMA:
        raise ValueError(f"spec schema {spec.schema} is not {SCHEMA}")
    check_resolution(spec.resolution)
    for name, table in (("channels", spec.channels), ("critic_channels", spec.critic_channels)):
        missing = [size for size in resolutions_to(spec.resolution) if size not in table]
        if missing:
            raise ValueError(f"{name} has no entry for {missing[0]} px")
        if any(not 1 <= count <= 2048 for count in table.values()):
            raise ValueError(f"{name} has a count outside 1…2048")
    numbers = (
        spec.kimg,
        spec.critic_lr,
        spec.generator_lr,
        spec.ema_half_life_kimg,
        *(s.gamma for s in spec.stages),
    )
    if not all(math.isfinite(number) and number > 0 for number in numbers):
        raise ValueError("kimg, step sizes, ema_half_life_kimg and gamma must be positive numbers")
    if not BATCH_UNIT <= spec.batch <= 1024 or spec.batch % BATCH_UNIT or spec.penalty_every < 1:
        raise ValueError("batch must be a multiple of 4 up to 1024 and penalty_every at least 1")
    if spec.micro_batch % BATCH_UNIT or not 0 <= spec.micro_batch <= spec.batch:
        raise ValueError("micro_batch must be 0 or a multiple of 4 up to the batch")
    if not 0.1 <= spec.crops.side_share <= 1:
        raise ValueError("crops.side_share must be 0.1…1")
    if not 0 <= spec.shared_weight <= 1e4:
        raise ValueError("shared_weight must be 0…10000")
    if not 0 <= spec.mixing <= 1 or not 0 <= spec.preview_share <= 0.4:
        raise ValueError("mixing must be 0…1 and preview_share 0…0.4")
    _check_stages(spec)
    if spec.tune is not None:
        _check_tune(spec.tune)


def spec_json(spec: TrainingSpec, *, has_side_share: bool = False) -> bytes:
    """Gives the spec as JSON without the fields that came later and have their default.

    So a spec has one hash for good, whatever is added to this class.

    Args:
        spec: what is written.
        has_side_share: for runs of the days when that field was new and always written.
    """
    tree = msgspec.to_builtins(spec)
    later_in_crops = {} if has_side_share else _LATER_IN_CROPS
    for place, later in ((tree["crops"], later_in_crops), (tree, _LATER)):
        for name, default in later.items():
            if place[name] == default:
                del place[name]
    return msgspec.json.encode(tree)


_LATER_IN_CROPS = {"side_share": 1.0}
_LATER = {"micro_batch": 0, "tune": None, "symmetry": "none"}


def _check_tune(tune: TuneSpec) -> None:
    controls = tune.controls
    intervals = (controls.gauge_kimg, controls.penalty_kimg, controls.evaluate_kimg)
    if not all(math.isfinite(interval) and interval > 0 for interval in intervals):
        raise ValueError("the controllers' intervals must be positive numbers")
    if not 0 <= tune.early_lr <= 1 or tune.frozen_blocks < 0 or controls.patience < 1:
        raise ValueError("early_lr must be 0…1, frozen_blocks at least 0, patience at least 1")
    begins = (tune.mapping_from_kimg, tune.critic_first_kimg, tune.warm_up_kimg)
    if not all(math.isfinite(begin) and begin >= 0 for begin in begins):
        raise ValueError("what happens first must end at 0 kimg or later")


def _check_stages(spec: TrainingSpec) -> None:
    if not spec.stages or spec.stages[0].begin_kimg != 0:
        raise ValueError("the first stage must begin at 0 kimg")
    begins = [stage.begin_kimg for stage in spec.stages]
    sizes = [stage.resolution for stage in spec.stages]
    if begins != sorted(begins) or sizes != sorted(sizes):
        raise ValueError("stages must be ordered by begin_kimg and must not shrink")
    if any(size not in resolutions_to(spec.resolution)[1:] for size in sizes):
        raise ValueError("a stage's resolution must be a power of two up to the run's")
    if sizes[-1] != spec.resolution:
        raise ValueError("the last stage must train the run's resolution")
