from pathlib import Path

import msgspec
import numpy as np
import pytest

from studio.core.errors import EngineError
from studio.core.scores import kernel_distance
from studio.engine.features import FeatureName, FeatureNetwork
from studio.files.places import resources
from tests.fakes.procedural_pictures import make_pictures


@pytest.mark.parametrize("name", ["phi-1", "random-1"])
def test_each_network_is_its_record_and_gives_the_same_alone_or_in_a_batch(
    name: FeatureName,
) -> None:
    network = FeatureNetwork(name)
    pictures = make_pictures(18, side=64)
    features = network.embed(pictures)
    assert network.version == name
    assert features.shape == (18, network.num_features)
    np.testing.assert_allclose(network.embed(pictures[17:]), features[17:], atol=2e-3)


def test_a_mirrored_picture_stays_near_and_another_one_does_not() -> None:
    network = FeatureNetwork()
    pictures = make_pictures(8, side=128)
    features, mirrored = network.embed(pictures), network.embed(pictures[:, :, ::-1])
    apart = np.linalg.norm(features - mirrored, axis=1)
    others = np.linalg.norm(features - np.roll(features, 1, axis=0), axis=1)
    assert np.median(apart) < 0.5 * np.median(others)


def test_what_waits_can_end_the_work_between_portions() -> None:
    network, calls = FeatureNetwork("random-1"), []

    def stop() -> None:
        calls.append(1)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        network.embed(make_pictures(40, side=32), between=stop)
    assert len(calls) == 1


def test_a_network_that_is_not_its_records_is_refused(tmp_path: Path) -> None:
    source = resources() / "phi"
    graph = bytearray((source / "random-1.onnx").read_bytes())
    graph[-1] ^= 1
    (tmp_path / "random-1.onnx").write_bytes(graph)
    (tmp_path / "random-1.json").write_bytes((source / "random-1.json").read_bytes())
    with pytest.raises(EngineError, match="not the one"):
        FeatureNetwork("random-1", folder=tmp_path)
    with pytest.raises(EngineError, match="cannot be read"):
        FeatureNetwork("phi-1", folder=tmp_path)


def test_the_records_tell_how_the_networks_were_made() -> None:
    for name in ("phi-1", "random-1"):
        record = msgspec.json.decode((resources() / "phi" / f"{name}.json").read_bytes())
        assert record["command"].startswith("studio trainer phi ")
        assert (resources() / "phi" / f"{name}.onnx").stat().st_size <= 8 * 2**20
        assert sum(record["sources"].values()) > 5_000


def test_two_sets_of_one_kind_are_nearer_than_inverted_ones() -> None:
    network = FeatureNetwork()
    here, there = (network.embed(make_pictures(16, side=32, first=n)) for n in (0, 100))
    inverted = network.embed(255 - make_pictures(16, side=32, first=100))
    assert kernel_distance(here, there) < kernel_distance(here, inverted)
