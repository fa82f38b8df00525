"""How near a picture is to the one that it resembles most among those its model learned from."""

import msgspec


class Nearness(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, gc=False):
    """What was measured of one picture, in the frozen feature network and in plain colour.

    Attributes:
        distance: To the nearest training picture, in units of the median distance between
            training pictures.
        limit: At or below this distance a picture is taken for a copy, calibrated for the set.
        is_copy: Whether it is a near copy in either space.
        file: The training picture, by its name in the artist's folder.
        square: Its row in the model's `closeness.safetensors`.
    """

    distance: float
    limit: float
    is_copy: bool
    file: str
    square: int
