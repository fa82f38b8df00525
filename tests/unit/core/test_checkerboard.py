"""What is seen through shows the checkerboard, what is not shows the picture."""

import numpy as np

from studio.core.arrays import on_checkerboard


def test_clear_places_show_two_greys_and_opaque_ones_the_picture() -> None:
    rgba = np.zeros((64, 64, 4), np.uint8)
    rgba[..., :3] = (200, 30, 30)
    rgba[:, 32:, 3] = 255
    rgba[:, 63:, 3] = 128
    shown = on_checkerboard(rgba)
    assert {tuple(map(int, pixel)) for pixel in shown[:, :32].reshape(-1, 3)} == {
        (102, 102, 102), (153, 153, 153),
    }  # fmt: skip
    assert tuple(shown[0, 0]) != tuple(shown[0, 2]) == tuple(shown[2, 0])
    assert (shown[:, 32:63] == (200, 30, 30)).all()
    assert 150 < shown[0, 63, 0] < 180
