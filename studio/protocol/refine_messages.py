"""Coming nearer to a picture from outside: what the trainer is asked, and what it tells."""

from studio.protocol.codec import Message


class RefineJob(Message, frozen=True, tag="refine"):
    """Come nearer to a picture that the encoder has found.

    Attributes:
        model: The model's folder.
        look: The picture, see `core.inversion.look_to_text`.
        w: Where to begin, as `Source.w` holds it.
        seconds: By the clock, after the networks are loaded.
    """

    model: str
    look: str
    w: str
    seconds: float = 25.0


class Refined(Message, frozen=True, tag="refined"):
    """The best latent so far, as `Source.w` holds it; `share` of the time is over."""

    w: str
    share: float
    is_last: bool = False
