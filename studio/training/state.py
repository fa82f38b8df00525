"""Everything about a run that changes from step to step."""

import copy

import torch
from torch import Tensor, nn

from studio.core.training_spec import TrainingSpec
from studio.training.networks import Critic, Generator

RANDOM_NAMES = ("latent", "augment", "plan")


class TrainingState:
    """Networks, their average, optimisers, random states and counters.

    Attributes:
        images: pictures seen so far; kimg is this over 1000.
        position: place in the order of the pictures.
        lr_scale: halved when a run had to be rolled back.
        num_rollbacks: how often that happened.
    """

    def __init__(self, spec: TrainingSpec) -> None:
        self.spec = spec
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(spec.seed)
            self.generator = Generator(spec)
            self.critic = Critic(spec)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.generator_steps = _adam(self.generator, spec.generator_lr)
        self.critic_steps = _adam(self.critic, spec.critic_lr)
        self.randoms = {
            name: torch.Generator().manual_seed(spec.seed * 7919 + index)
            for index, name in enumerate(RANDOM_NAMES)
        }
        self.images = 0
        self.position = 0
        self.num_steps = 0
        self.num_skipped = 0
        self.num_rollbacks = 0
        self.lr_scale = 1.0

    @property
    def kimg(self) -> float:
        """Thousand pictures seen."""
        return self.images / 1000

    def set_lr_scale(self, scale: float) -> None:
        """Sets both step sizes to `scale` times the spec's."""
        self.lr_scale = scale
        sizes = (self.spec.generator_lr, self.spec.critic_lr)
        for steps, lr in zip((self.generator_steps, self.critic_steps), sizes, strict=True):
            for group in steps.param_groups:
                group["lr"] = lr * scale

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
        found |= {f"random.{name}": random.get_state() for name, random in self.randoms.items()}
        return found

    def load_tensors(self, tensors: dict[str, Tensor]) -> None:
        """Takes over what `tensors` once gave.

        Raises:
            KeyError: a network's tensor or a random state is missing.
            ValueError: a shape differs.
        """
        networks = {"generator": self.generator, "critic": self.critic, "average": self.average}
        with torch.no_grad():
            for prefix, network in networks.items():
                for name, value in network.state_dict().items():
                    given = tensors[f"{prefix}.{name}"]
                    if given.shape != value.shape:
                        raise ValueError(f"{prefix}.{name} has another shape")
                    value.copy_(given)
        for prefix, network, steps in self._optimisers():
            steps.state.clear()
            for name, parameter in network.named_parameters():
                kept = f"{prefix}.{name}."
                keys = ("step", "exp_avg", "exp_avg_sq")
                if kept + "step" in tensors:
                    steps.state[parameter] = {key: tensors[kept + key].clone() for key in keys}
        for name, random in self.randoms.items():
            random.set_state(tensors[f"random.{name}"])

    def _optimisers(self) -> tuple[tuple[str, nn.Module, torch.optim.Adam], ...]:
        return (
            ("generator_steps", self.generator, self.generator_steps),
            ("critic_steps", self.critic, self.critic_steps),
        )


def _adam(network: nn.Module, lr: float) -> torch.optim.Adam:
    return torch.optim.Adam(network.parameters(), lr=lr, betas=(0.0, 0.99), eps=1e-8)
