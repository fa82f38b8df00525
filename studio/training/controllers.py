"""What holds a fine-tuning on course: numbers in, decisions out; no torch, no clock, no disk.

A small folder is easily learned by heart, and a critic that knows it too well pushes the
generator into a corner. The controllers read how the run goes, in kimg, and change the
penalties, the step sizes, the augmentation and what is frozen. All they remember is in
`Controls`, a frozen value that is saved with the run, so that a resumed run decides as if
it had never stopped.

Sources: Karras et al., "Training Generative Adversarial Networks with Limited Data" (the
hold-out gauge r_v and the sign r_t); the share of the penalties, the guard against collapse
and the early end are ours.
"""

from typing import Literal

import msgspec

from studio.core.training_spec import AugmentSpec, ControlSpec, TrainingSpec, resolutions_to

GAMMA_STEP = 1.5
MIN_GAMMA_SCALE, MAX_GAMMA_SCALE = 1 / 16, 16.0
READINGS = 3  # so many gauge readings in a row are a trend
MAX_COLLAPSES = 1
MAX_WINS = 2
MORE_FROZEN = 1  # blocks that the critic may lose besides the spec's
BETTER_BY = 0.02  # a smaller relative gain than this is noise of the measure
FULL_CUTOUT = 0.5  # DiffAugment's own


class Controls(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the controllers set and what they remember.

    Attributes:
        gamma_scale: Factor on the spec's gammas.
        lr_scale: Factor on both step sizes.
        critic_lr_scale: Another one on the critic's.
        more_frozen: Blocks of the critic frozen besides the spec's.
        augment: Augmentation in place of the spec's, None for the spec's.
        num_signs: Critic's turns since the last gauge; `signs` is the sum of theirs.
        num_losses: Critic's turns since the penalties were weighed; `losses` the sum.
        num_penalties: Penalties measured since then; `penalties` the sum, times gamma / 2.
        gauged_images: Where the last gauge was read.
        weighed_images: Where the penalties were last weighed.
        evaluated_images: Where the last snapshot was scored.
        overfits: The last hold-out gauges, oldest first.
        num_unstable: Rollbacks because numbers were no longer finite.
        num_wins: Rollbacks because the critic had won.
        winning_images: Since where the critic has been winning, None when it is not.
        first_spread: Variety of the made pictures at the first reading.
        num_narrow: Readings in a row with too little variety.
        num_collapses: How often the run collapsed.
        best_images: Which scored state is the best, None before the first.
        best_likeness: Its score, None when it may not be offered (too many near copies).
        num_worse: Scored snapshots since the best.
    """

    gamma_scale: float = 1.0
    lr_scale: float = 1.0
    critic_lr_scale: float = 1.0
    more_frozen: int = 0
    augment: AugmentSpec | None = None
    signs: float = 0.0
    num_signs: int = 0
    losses: float = 0.0
    num_losses: int = 0
    penalties: float = 0.0
    num_penalties: int = 0
    gauged_images: int = 0
    weighed_images: int = 0
    evaluated_images: int = 0
    overfits: tuple[float, ...] = ()
    num_unstable: int = 0
    num_wins: int = 0
    winning_images: int | None = None
    first_spread: float | None = None
    num_narrow: int = 0
    num_collapses: int = 0
    best_images: int | None = None
    best_likeness: float | None = None
    num_worse: int = 0


class Verdict(msgspec.Struct, frozen=True):
    """What a controller decided.

    Attributes:
        controls: As they are from now on.
        said: One sentence for people when something changes, else None.
        then: Go on, go back to the best state, or end with it.
    """

    controls: Controls
    said: str | None = None
    then: Literal["go_on", "roll_back", "end"] = "go_on"


def is_due(images: int, last: int, *, interval_kimg: float) -> bool:
    """Gives whether an interval's end lies after `last` and not after `images`."""
    interval = interval_kimg * 1000
    return images // interval > last // interval


# --------------------------------------------------------------------------------- readings


def note_turn(
    controls: Controls, *, sign: float, loss: float, penalty: float | None, num_penalties: int
) -> Controls:
    """Gives the controls with one critic's turn added to their sums.

    Args:
        controls: as they were.
        sign: mean sign of D(real) − D(made) over the pairs of this batch.
        loss: the critic's loss without penalties.
        penalty: the penalties measured in this turn, times gamma / 2; None for none.
        num_penalties: how many penalties that is.
    """
    return msgspec.structs.replace(
        controls,
        signs=controls.signs + sign,
        num_signs=controls.num_signs + 1,
        losses=controls.losses + loss,
        num_losses=controls.num_losses + 1,
        penalties=controls.penalties + (penalty or 0.0),
        num_penalties=controls.num_penalties + num_penalties,
    )


def winning(controls: Controls) -> float:
    """Gives how often the critic is right since the last gauge, −1…1; 0 without a turn."""
    return controls.signs / controls.num_signs if controls.num_signs else 0.0


def penalty_share(controls: Controls) -> float:
    """Gives the penalties' share of the critic's whole loss, 0…1; 0 without a penalty."""
    if not controls.num_penalties or not controls.num_losses:
        return 0.0
    # R1 and R2 each act in every step on average, although each is measured rarely.
    penalties = 2 * controls.penalties / controls.num_penalties
    return penalties / max(penalties + controls.losses / controls.num_losses, 1e-12)


# -------------------------------------------------------------------------------- decisions


def weigh_penalties(controls: Controls, spec: ControlSpec, *, images: int) -> Verdict:
    """Keeps the penalties within their share of the critic's loss by moving gamma."""
    share = penalty_share(controls)
    has_reading = controls.num_penalties > 0
    controls = msgspec.structs.replace(
        controls, weighed_images=images, losses=0.0, num_losses=0, penalties=0.0, num_penalties=0
    )
    if not has_reading or spec.penalty_low <= share <= spec.penalty_high:
        return Verdict(controls)
    is_low = share < spec.penalty_low
    wanted = controls.gamma_scale * (GAMMA_STEP if is_low else 1 / GAMMA_STEP)
    scale = min(max(wanted, MIN_GAMMA_SCALE), MAX_GAMMA_SCALE)
    if scale == controls.gamma_scale:
        return Verdict(controls)
    said = (
        "The critic judges too sharply; it is held back a little more."
        if is_low
        else "The critic is held back too much; it is let loose a little."
    )
    return Verdict(msgspec.structs.replace(controls, gamma_scale=scale), said)


def weigh_signs(controls: Controls, spec: ControlSpec, *, images: int) -> Verdict:
    """Goes back to the best state when the critic has been right about nearly every picture."""
    is_winning = winning(controls) > spec.win_limit
    since = controls.winning_images
    if not is_winning:
        since = None
    elif since is None:
        since = images
    controls = msgspec.structs.replace(
        controls, signs=0.0, num_signs=0, gauged_images=images, winning_images=since
    )
    if since is None or images - since < spec.win_kimg * 1000:
        return Verdict(controls)
    if controls.num_wins >= MAX_WINS:
        said = "The critic wins whatever is done; training ends with the best snapshot."
        return Verdict(controls, said, "end")
    controls = msgspec.structs.replace(
        controls,
        num_wins=controls.num_wins + 1,
        winning_images=None,
        gamma_scale=min(2 * controls.gamma_scale, MAX_GAMMA_SCALE),
        critic_lr_scale=controls.critic_lr_scale / 2,
    )
    said = "The critic saw through nearly every picture: back to the best state, with a slower one."
    return Verdict(controls, said, "roll_back")


def weigh_overfit(controls: Controls, spec: TrainingSpec, *, overfit: float | None) -> Verdict:
    """Answers a critic that learns the folder by heart: augment, then freeze, then end."""
    assert spec.tune is not None
    if overfit is None:
        return Verdict(controls)
    readings = (*controls.overfits, overfit)[-READINGS:]
    controls = msgspec.structs.replace(controls, overfits=readings)
    limit = spec.tune.controls.overfit_limit
    is_rising = len(readings) == READINGS and readings[0] < readings[-1]
    if not is_rising or min(readings) <= limit:
        return Verdict(controls)
    # What is changed now is given time: three new readings.
    controls = msgspec.structs.replace(controls, overfits=())
    stronger = stronger_augment(controls.augment or spec.augment, may_colour=spec.tune.may_colour)
    if stronger is not None:
        said = "The critic begins to know the folder by heart; pictures are varied more."
        return Verdict(msgspec.structs.replace(controls, augment=stronger), said)
    num_blocks = len(resolutions_to(spec.resolution)) - 2
    frozen = spec.tune.frozen_blocks + controls.more_frozen
    if controls.more_frozen < MORE_FROZEN and frozen < num_blocks:
        said = "The critic still learns the folder by heart; a part of it learns no more."
        more = controls.more_frozen + 1
        return Verdict(msgspec.structs.replace(controls, more_frozen=more), said)
    said = "The critic knows the folder by heart; training ends with the best snapshot."
    return Verdict(controls, said, "end")


def stronger_augment(spec: AugmentSpec, *, may_colour: bool) -> AugmentSpec | None:
    """Gives the next notch of augmentation, None when there is none."""
    if not spec.cutout:
        return msgspec.structs.replace(spec, cutout=FULL_CUTOUT)
    if may_colour and not spec.colour:
        return msgspec.structs.replace(spec, colour=True)
    return None


def weigh_spread(controls: Controls, spec: ControlSpec, *, spread: float, real: float) -> Verdict:
    """Goes back when the made pictures have lost half of their variety; twice ends the run.

    Args:
        controls: as they were.
        spec: the limits.
        spread: mean distance between made pictures.
        real: the same between real ones; the smaller of it and the start's is what is
            held, because a folder may be narrower than the start.
    """
    first = spread if controls.first_spread is None else controls.first_spread
    is_narrow = spread < spec.spread_limit * min(first, real)
    narrow = controls.num_narrow + 1 if is_narrow else 0
    controls = msgspec.structs.replace(controls, first_spread=first, num_narrow=narrow)
    if narrow < READINGS:
        return Verdict(controls)
    if controls.num_collapses >= MAX_COLLAPSES:
        said = "The pictures grew alike again; training ends with the best snapshot."
        return Verdict(controls, said, "end")
    controls = msgspec.structs.replace(
        controls,
        num_narrow=0,
        num_collapses=controls.num_collapses + 1,
        lr_scale=controls.lr_scale / 2,
        gamma_scale=min(4 * controls.gamma_scale, MAX_GAMMA_SCALE),
    )
    said = "The pictures grew alike: back to the best state, with smaller and gentler steps."
    return Verdict(controls, said, "roll_back")


def weigh_score(
    controls: Controls, spec: ControlSpec, *, images: int, likeness: float, is_admissible: bool
) -> Verdict:
    """Remembers the best scored state; ends the run when it has not got better for long."""
    controls = msgspec.structs.replace(controls, evaluated_images=images)
    best = controls.best_likeness
    has_better = is_admissible and (best is None or likeness < best * (1 - BETTER_BY))
    if controls.best_images is None or has_better:
        kept = likeness if is_admissible else None
        return Verdict(
            msgspec.structs.replace(controls, best_images=images, best_likeness=kept, num_worse=0)
        )
    controls = msgspec.structs.replace(controls, num_worse=controls.num_worse + 1)
    if controls.num_worse < spec.patience:
        return Verdict(controls)
    said = "It has not got better for a while; training ends with the best snapshot."
    return Verdict(controls, said, "end")


def only_remembered(before: Controls, after: Controls) -> Controls:
    """Gives `after` with everything that acts as it was before, for controllers that are off."""
    return msgspec.structs.replace(
        after,
        gamma_scale=before.gamma_scale,
        lr_scale=before.lr_scale,
        critic_lr_scale=before.critic_lr_scale,
        more_frozen=before.more_frozen,
        augment=before.augment,
    )


def after_rollback(controls: Controls, *, images: int) -> Controls:
    """Gives the controls for a state of `images`: what was measured since is measured anew."""
    return msgspec.structs.replace(
        controls,
        signs=0.0,
        num_signs=0,
        losses=0.0,
        num_losses=0,
        penalties=0.0,
        num_penalties=0,
        gauged_images=images,
        weighed_images=images,
        evaluated_images=images,
        overfits=(),
        winning_images=None,
        num_narrow=0,
    )
