"""A StyleGAN file goes the whole way: opener child, networks, graphs, engine; then its picture."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from studio.core.arrays import picture_from_tensor
from studio.core.errors import ModelError
from studio.core.model_card import Right
from studio.core.recipe import new_recipe
from studio.engine.session import GeneratorModel
from studio.files.model_folder import read_card
from studio.opener.limited_child import StoppedError
from studio.opener.weights_client import look_at_weights, read_weights
from studio.protocol.convert_messages import Converting, ConvertJob
from studio.protocol.training_messages import Exported
from studio.training.converting import convert
from studio.training.correspondence import EventLog
from tests.fakes.hostile_pickles import CANARY, hostile_pickles
from tests.fakes.stylegan_equations import draw_stylegan2, draw_stylegan3, map_z, z_of_seed
from tests.fakes.stylegan_files import (
    Arrays,
    stylegan2_arrays,
    stylegan3_arrays,
    write_pickle,
)

pytestmark = pytest.mark.slow
SEED = 7
PSI = 0.6
RIGHTS = (Right("somebody", "CC BY 4.0", "A. Maker"),)


def converted(place: Path, file: Path) -> tuple[Path, list[object]]:
    told: list[object] = []
    log = EventLog(place, has_mirror=False)
    log.listeners.append(told.append)
    try:
        job = ConvertJob(
            file=str(file),
            name="Somebody’s faces",
            models=str(place / "models"),
            rights=RIGHTS,
            credit="A. Maker",
        )
        return convert(place, job, log=log), told
    finally:
        log.close()


def check_picture(folder: Path, expected: NDArray[np.float64]) -> None:
    """Compare the engine's picture of a seed with the equations' one: rounding alone may differ."""
    model = GeneratorModel.open(folder, wish="cpu")
    recipe = msgspec.structs.replace(new_recipe(model.card.model, SEED), psi=(PSI, PSI, PSI))
    found = model.render(recipe)
    (wished,) = picture_from_tensor(expected[None].astype(np.float32))
    assert np.abs(found.astype(int) - wished).max() <= 1
    assert found.std() > 1


def latent(arrays: Arrays, layers: int) -> NDArray[np.float64]:
    mean = arrays["mapping.w_avg"]
    w_D = mean + PSI * (map_z(arrays, z_of_seed(SEED, mean.size)) - mean)
    return np.tile(w_D, (layers, 1))


def test_a_stylegan2_file_becomes_a_model(tmp_path: Path) -> None:
    arrays = stylegan2_arrays(resolution=128, channels=6)
    file = write_pickle(tmp_path / "network-snapshot-000400.pkl", arrays)
    folder, told = converted(tmp_path, file)
    card = read_card(folder)
    assert (card.id, card.resolution, card.layers, card.previews) == (
        "somebody-s-faces",
        128,
        12,
        (64,),
    )
    assert card.zones == (3, 7)
    assert card.rights == RIGHTS
    assert card.credit == "A. Maker"
    assert card.foreign is not None
    assert card.foreign.kind == "StyleGAN2-ADA"
    assert card.export_error is not None
    assert card.export_error < 1e-4
    assert isinstance(told[-1], Exported)
    shares = [event.share for event in told if isinstance(event, Converting)]
    assert shares == sorted(shares)
    check_picture(folder, draw_stylegan2(arrays, latent(arrays, 12), resolution=128)[128])
    assert {path.name for path in (tmp_path / "models").iterdir()} == {folder.name}


def test_a_stylegan3_file_becomes_a_model(tmp_path: Path) -> None:
    arrays = stylegan3_arrays(resolution=32, channels=5)
    folder, _ = converted(tmp_path, write_pickle(tmp_path / "a.pkl", arrays))
    check_picture(folder, draw_stylegan3(arrays, latent(arrays, 16), resolution=32))


def test_a_file_is_looked_at_in_a_child_and_gives_its_numbers(tmp_path: Path) -> None:
    arrays = stylegan2_arrays(resolution=16, classes=3)
    file = write_pickle(tmp_path / "a.bin", arrays)
    assert look_at_weights(file).words == "StyleGAN2-ADA, 16 px, 6 layers, 3 classes"
    found = read_weights(file)
    assert set(found.tensors) == set(arrays)
    for name, values in found.tensors.items():
        np.testing.assert_array_equal(values, arrays[name])
    with pytest.raises(StoppedError):
        look_at_weights(file, is_stopping=lambda: True)


def test_what_is_refused_is_one_sentence_with_a_way_out(tmp_path: Path) -> None:
    file = tmp_path / "G.pkl"
    cases = {
        "GLOBAL REDUCE os.system": "os.system",
        "two million opcodes": "complicated",
        "tuples in tuples": "This file",
        "far stride": "beyond",
        "zip data.pkl": "os.system",
    }
    corpus = dict(hostile_pickles())
    for name, words in cases.items():
        file.write_bytes(corpus[name])
        with pytest.raises(ModelError) as refused:
            read_weights(file)
        assert words in refused.value.what, name
        assert refused.value.way_out.endswith(".")
    link = tmp_path / "link.pkl"
    link.symlink_to(file)
    with pytest.raises(ModelError, match="link"):
        look_at_weights(link)


@pytest.mark.skipif(sys.platform != "linux", reason="strace is a program of Linux")
def test_the_child_runs_writes_and_connects_to_nothing(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed")
    good = write_pickle(tmp_path / "good.pkl", stylegan2_arrays(resolution=8))
    evil = tmp_path / "evil.pkl"
    evil.write_bytes(dict(hostile_pickles())["STACK_GLOBAL REDUCE os.system"])
    for file in (good, evil):
        trace = tmp_path / "trace"
        calls = "execve,connect,bind,openat,open,creat,fork,vfork,clone,clone3,unlink,rename"
        words = [strace, "-f", "-qq", "-e", f"trace={calls}", "-o", str(trace), sys.executable]
        with file.open("rb") as content:
            done = subprocess.run(
                [*words, "-m", "studio", "opener", "weights", "read"],
                stdin=content,
                stdout=subprocess.PIPE,
                cwd=Path(__file__).parents[2],
                check=True,
            )
        answer = json.loads(done.stdout.partition(b"\n")[0])
        assert (answer["refused"] is None) == (file == good)
        lines = trace.read_text().splitlines()
        assert sum("execve(" in line for line in lines) == 1  # python itself
        bad = ("O_WRONLY", "O_RDWR", "O_CREAT", "connect(", "bind(", "unlink(", "rename(", "fork(")
        assert [line for line in lines if any(word in line for word in bad)] == []
    assert not (tmp_path / CANARY).exists()
