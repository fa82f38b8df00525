from pathlib import Path

import msgspec
import numpy as np
import onnxruntime
import pytest
import torch

from studio.training import enlarge
from studio.training.enlarge_judge import enlarged, judge, psnr, ssim
from studio.training.enlarge_network import Enlarger, enlarge_graph, read_network, rounded
from studio.training.enlarge_pairs import STORED_PX, Pairs, blurred, reduced
from tests.fakes.procedural_pictures import make_pictures


def tiny_network(seed: int = 1) -> Enlarger:
    torch.manual_seed(seed)
    network = Enlarger(8, 1)
    network.tail.weight.data *= 20  # so that what it adds can be seen
    return network


def test_the_file_gives_what_torch_gives_and_reads_back() -> None:
    network = rounded(tiny_network())
    content = enlarge_graph(network)
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    x = torch.rand(1, 3, 9, 13)
    with torch.no_grad():
        wanted = network(x)
        again = read_network(content)(x)
    given = session.run(None, {"picture": x.numpy()})[0]
    assert given.shape == (1, 3, 18, 26)
    assert np.abs(given - wanted.numpy()).max() < 1e-5
    assert torch.equal(again, wanted)
    assert float((wanted - x.repeat_interleave(2, 2).repeat_interleave(2, 3)).std()) > 0.01


def test_an_untrained_network_repeats_pixels_in_their_place() -> None:
    network = Enlarger(8, 1)
    network.tail.weight.data.zero_()
    x = torch.rand(1, 3, 3, 5)
    with torch.no_grad():
        larger = network(x)
    assert torch.equal(larger, x.repeat_interleave(2, 2).repeat_interleave(2, 3))


def test_pairs_repeat_with_their_seed_and_show_the_same_thing() -> None:
    squares = make_pictures(4, side=STORED_PX)
    first, second = Pairs(squares, 3), Pairs(squares, 3)
    depths = set()
    for _ in range(12):
        small, large, depth = first.draw(2)
        again = second.draw(2)
        depths.add(depth)
        assert torch.equal(small, again[0])
        assert small.shape[2] * 2**depth == large.shape[2]
        assert 0 <= float(small.min()) <= float(small.max()) <= 1
        means = reduced(large, 2**depth, way=0)
        assert float((blurred(small, 0.7) - blurred(means, 0.7)).abs().mean()) < 0.03
    assert depths == {1, 2}
    assert not torch.equal(first.draw(2)[0], Pairs(squares, 4).draw(2)[0])


@pytest.mark.slow
def test_a_short_training_comes_nearer_and_writes_a_record_that_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enlarge, "BATCH", 2)
    monkeypatch.setattr(enlarge, "Enlarger", lambda: Enlarger(8, 1))
    training = enlarge.EnlargeTraining(make_pictures(4, side=STORED_PX), 1)
    before = [weight.clone() for weight in training.average.parameters()]
    for _ in range(3):
        training.step(0.1)
    pairs = zip(before, training.average.parameters(), strict=True)
    assert all(not torch.equal(old, new) for old, new in pairs)
    assert training.steps == 3
    held_out = {"hills": make_pictures(2, side=32, first=9)}
    folder = enlarge.write(
        tmp_path,
        training,
        command="studio trainer enlarge hills",
        seconds=1.0,
        sources={"hills": 4},
        held_out=held_out,
    )
    record = msgspec.json.decode(
        (tmp_path / "enlarge-1.json").read_bytes(), type=enlarge.EnlargeRecord
    )
    assert folder == record
    assert (record.reach_px, record.sources, record.steps) == (4, {"hills": 4}, 3)
    assert [(score.folder, score.factor) for score in record.scores] == [("hills", 2), ("hills", 4)]


def test_scores_know_better_from_worse() -> None:
    picture = make_pictures(1, side=32)[0]
    noisy = np.clip(picture.astype(int) + np.arange(32)[:, None, None] % 2 * 40 - 20, 0, 255)
    worse = noisy.astype(np.uint8)
    assert psnr(picture, picture) == 99.0
    assert ssim(picture, picture) == pytest.approx(1)
    assert psnr(picture, worse) == pytest.approx(10 * np.log10(255**2 / 400), abs=0.7)
    assert ssim(picture, worse) < 0.9


def test_a_network_that_only_repeats_pixels_loses_against_lanczos() -> None:
    network = Enlarger(8, 1)
    network.tail.weight.data.zero_()
    square = make_pictures(2, side=64)
    scores = judge(network, {"hills": square})
    assert all(score.psnr < score.psnr_lanczos for score in scores)
    small = square[0][::2, ::2]
    assert np.array_equal(enlarged(network, small, factor=2)[::2, ::2], small)
