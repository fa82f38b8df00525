"""What the opener says about a file of weights: one line of JSON, then the tensors' numbers."""

from typing import Literal

import msgspec

from studio.opener.answer import Refusal

Layout = Literal["nvidia", "port"]
Setting = bool | int | float | str | None


class WeightsFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a person wants to know before a file of weights is taken in.

    Attributes:
        network: Which published network.
        name: How it is called: "StyleGAN2-ADA", "StyleGAN3-R".
        resolution: Side of its picture in px.
        layers: Number of w layers.
        classes: How many kinds of pictures it was trained to tell apart, 0 for none.
        z, w: Widths of its latents.
    """

    network: Literal["stylegan2", "stylegan3"]
    name: str
    resolution: int
    layers: int
    classes: int
    z: int
    w: int

    @property
    def words(self) -> str:
        """One line: "StyleGAN2-ADA, 512 px, 16 layers, 0 classes"."""
        kinds = "1 class" if self.classes == 1 else f"{self.classes} classes"
        return f"{self.name}, {self.resolution} px, {self.layers} layers, {kinds}"


class WeightsAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What was found.

    Attributes:
        facts: None when it was refused.
        layout: Whose way of naming and storing it is.
        settings: By module, the plain values that it remembers; "" is the whole network.
        tensors: Names and shapes; their float32 numbers follow the line in this order, when the
            child was asked for them.
        refused: Why there is nothing.
    """

    facts: WeightsFacts | None = None
    layout: Layout = "nvidia"
    settings: dict[str, dict[str, Setting]] = {}
    tensors: tuple[tuple[str, tuple[int, ...]], ...] = ()
    refused: Refusal | None = None
