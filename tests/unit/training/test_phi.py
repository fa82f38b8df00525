from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from studio.core.arrays import tensor_from_picture
from studio.engine.features import FeatureNetwork
from studio.training import phi
from studio.training.phi_graph import RandomNetwork
from tests.fakes.procedural_pictures import make_pictures


@pytest.mark.slow
def test_a_short_training_writes_networks_that_the_engine_runs_as_torch_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phi, "BATCH", 8)
    training = phi.PhiTraining(make_pictures(8, side=phi.STORED_PX), 1)
    seconds = training.run(16)
    phi._write(tmp_path, training, seconds=seconds, sources={"hills": 8})
    assert training.images == 16
    pictures = make_pictures(6, side=phi.SIDE_PX, first=50)
    image = torch.from_numpy(tensor_from_picture(pictures))
    with torch.no_grad():
        expected = {"phi-1": training.network(image), "random-1": RandomNetwork()(image)}
    for name, features in expected.items():
        network = FeatureNetwork(name, folder=tmp_path)  # type: ignore[arg-type]
        given = network.embed(pictures)
        # The graph's features are scaled one by one: a line through torch's, for each.
        for column in range(0, given.shape[1], 37):
            wanted = features[:, column].numpy()
            if np.std(wanted) > 1e-3:
                assert np.corrcoef(wanted, given[:, column])[0, 1] > 0.999
    record = msgspec.json.decode((tmp_path / "phi-1.json").read_bytes())
    assert (record["images"], record["sources"]) == (16, {"hills": 8})


def test_equal_views_that_vary_and_are_not_tied_cost_least() -> None:
    random = torch.Generator().manual_seed(1)
    free = torch.randn(256, 16, generator=random)
    tied = free[:, :1].expand(-1, 16)
    other = torch.randn(256, 16, generator=random)
    best = float(phi.vicreg(free, free))
    assert best < float(phi.vicreg(tied, tied))
    assert best < float(phi.vicreg(free, other))
    assert best < float(phi.vicreg(free * 0.1, free * 0.1))


def test_views_are_of_the_networks_size_and_repeat_with_their_seed() -> None:
    image = torch.from_numpy(tensor_from_picture(make_pictures(3, side=phi.STORED_PX)))
    first = phi.view(image, torch.Generator().manual_seed(2))
    again = phi.view(image, torch.Generator().manual_seed(2))
    other = phi.view(image, torch.Generator().manual_seed(3))
    assert first.shape == (3, 3, phi.SIDE_PX, phi.SIDE_PX)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert float(first.abs().max()) <= 1
