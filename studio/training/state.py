"""Everything about a run that changes from step to step."""

import copy

import torch
from torch import Tensor, nn

from studio.core.training_spec import TrainingSpec, resolutions_to
from studio.training.controllers import Controls
from studio.training.networks import Critic, Generator

MADE_MEAN = "between.made_mean"
# What the first two sizes draw is the composition: 4 px is one convolution, 8 px two.
EARLY = ("synthesis.start.", *(f"synthesis.convs.{i}." for i in range(3)))
EARLY += tuple(f"synthesis.colours.{i}." for i in range(2))


class TrainingState:
    """Networks, their average, optimisers and counters.

    Attributes:
        images: pictures seen so far; kimg is this over 1000.
        position: place in the order of the pictures.
        made_mean: between the critic's and the generator's turn of one step the mean
            picture that the critic was shown, [3, R, R]; None between steps.
        micro_batch: pictures computed at once; smaller than the spec's after memory ran out.
        lr_scale: halved when a run had to be rolled back.
        num_rollbacks: how often that happened; it also makes the random numbers differ.
        controls: what the controllers set and remember.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        self.spec = spec
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed)
            self.generator = Generator(spec)
            self.critic = Critic(spec)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.generator_steps = _adam(_generator_groups(self.generator, spec), spec.generator_lr)
        self.critic_steps = _adam(list(self.critic.parameters()), spec.critic_lr)
        self.images = 0
        self.position = 0
        self.num_steps = 0
        self.num_skipped = 0
        self.num_rollbacks = 0
        self.made_mean: Tensor | None = None
        self.micro_batch = spec.micro_batch or spec.batch
        self.lr_scale = 1.0
        self.controls = Controls()

    @property
    def kimg(self) -> float:
        """Thousand pictures seen."""
        return self.images / 1000

    def set_rates(self) -> None:
        """Sets step sizes and what is frozen, as the images seen and the controllers want it."""
        spec, tune = self.spec, self.spec.tune
        scale = self.lr_scale * self.controls.lr_scale
        if tune is not None:
            warm_up = tune.warm_up_kimg * 1000
            scale *= min(1.0, (self.images + spec.batch) / warm_up) if warm_up else 1.0
            has_mapping = self.kimg >= tune.mapping_from_kimg
            self.generator.mapping.requires_grad_(has_mapping)
            self._freeze_critic(tune.frozen_blocks + self.controls.more_frozen)
        for group in self.generator_steps.param_groups:
            group["lr"] = spec.generator_lr * scale * group["factor"]
        for group in self.critic_steps.param_groups:
            group["lr"] = spec.critic_lr * scale * self.controls.critic_lr_scale

    def _freeze_critic(self, num_blocks: int) -> None:
        sizes = resolutions_to(self.spec.resolution)[1:]
        frozen = sizes[len(sizes) - num_blocks :] if num_blocks else ()
        names = tuple(f"{part}.{size}." for size in frozen for part in ("from_rgb", "blocks"))
        for name, parameter in self.critic.named_parameters():
            parameter.requires_grad_(not name.startswith(names))

    def update_average(self) -> None:
        """Moves the averaged generator towards the present one.

        The half-life is in images, and shorter at the start of a run.
        """
        half_life = min(
            self.spec.ema_half_life_kimg * 1000, max(self.images, 1) * self.spec.ema_ramp
        )
        keep = 0.5 ** (self.spec.batch / max(half_life, 1e-8))
        with torch.no_grad():
            for mean, now in zip(
                self.average.parameters(), self.generator.parameters(), strict=True
            ):
                mean.lerp_(now, 1 - keep)

    def tensors(self) -> dict[str, Tensor]:
        """Gives every tensor of the state by name; they are the live ones, not copies."""
        found: dict[str, Tensor] = {}
        networks = {"generator": self.generator, "critic": self.critic, "average": self.average}
        for prefix, network in networks.items():
            found |= {f"{prefix}.{name}": value for name, value in network.state_dict().items()}
        for prefix, network, steps in self._optimisers():
            for name, parameter in network.named_parameters():
                for key, value in steps.state.get(parameter, {}).items():
                    found[f"{prefix}.{name}.{key}"] = value
        if self.made_mean is not None:
            found[MADE_MEAN] = self.made_mean
        return found

    def load_tensors(self, tensors: dict[str, Tensor]) -> None:
        """Takes over what `tensors` once gave.

        Raises:
            KeyError: a network's tensor is missing.
            ValueError: a shape differs.
        """
        networks = {"generator": self.generator, "critic": self.critic, "average": self.average}
        for prefix, network in networks.items():
            _copy_into(network, tensors, prefix=f"{prefix}.")
        for prefix, network, steps in self._optimisers():
            steps.state.clear()
            for name, parameter in network.named_parameters():
                kept = f"{prefix}.{name}."
                keys = ("step", "exp_avg", "exp_avg_sq")
                if kept + "step" in tensors:
                    steps.state[parameter] = {key: tensors[kept + key].clone() for key in keys}
        self.made_mean = tensors.get(MADE_MEAN)

    def _optimisers(self) -> tuple[tuple[str, nn.Module, torch.optim.Adam], ...]:
        return (
            ("generator_steps", self.generator, self.generator_steps),
            ("critic_steps", self.critic, self.critic_steps),
        )


class Networks:
    """What a model is made of: an averaged generator and its critic, to be given weights.

    They learn no more, so there are no optimisers: torch takes seconds to make its first one.

    Attributes:
        spec: Their shapes.
        images: Pictures seen so far.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        self.spec = spec
        self.images = 0
        with torch.random.fork_rng(devices=[]):
            self.average = Generator(spec).requires_grad_(False)
            self.critic = Critic(spec).requires_grad_(False)

    @property
    def kimg(self) -> float:
        """Thousand pictures seen."""
        return self.images / 1000

    def load_tensors(self, tensors: dict[str, Tensor]) -> None:
        """Takes over its part of what `TrainingState.tensors` gave.

        Raises:
            KeyError: a tensor is missing.
            ValueError: a shape differs.
        """
        _copy_into(self.average, tensors, prefix="average.")
        _copy_into(self.critic, tensors, prefix="critic.")


def start_from(
    spec: TrainingSpec, *, average: dict[str, Tensor], critic: dict[str, Tensor]
) -> TrainingState:
    """Gives the state of a run that begins from a finished model.

    The optimisers begin without a memory: the first step's second moment is exact, and with
    β₂ 0.99 it is whole again after some hundred steps, through which the spec warms up.

    Args:
        spec: of the new run, with the model's own shapes.
        average: the model's generator, by the names of `Generator`.
        critic: its critic, by the names of `Critic`.

    Raises:
        KeyError: a tensor is missing.
        ValueError: a shape differs.
    """
    state = TrainingState(spec)
    _copy_into(state.generator, average)
    _copy_into(state.average, average)
    _copy_into(state.critic, critic)
    return state


def _copy_into(network: nn.Module, tensors: dict[str, Tensor], *, prefix: str = "") -> None:
    with torch.no_grad():
        for name, value in network.state_dict().items():
            given = tensors[prefix + name]
            if given.shape != value.shape:
                raise ValueError(f"{prefix}{name} has another shape")
            value.copy_(given)


def _generator_groups(generator: Generator, spec: TrainingSpec) -> list[dict[str, object]]:
    """Gives the parameters by how fast they learn, as Adam wants them."""
    early: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in generator.named_parameters():
        (early if name.startswith(EARLY) else others).append(parameter)
    factor = 1.0 if spec.tune is None else spec.tune.early_lr
    return [{"params": others, "factor": 1.0}, {"params": early, "factor": factor}]


def _adam(parameters: list[dict[str, object]] | list[nn.Parameter], lr: float) -> torch.optim.Adam:
    return torch.optim.Adam(parameters, lr=lr, betas=(0.0, 0.99), eps=1e-8)
