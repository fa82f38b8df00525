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
from studio.library.model_arrival import accept, bring_in
from studio.opener.limited_child import StoppedError
from studio.opener.trial_client import QuestionsError
from studio.opener.weights_client import look_at_weights, read_weights
from studio.protocol.convert_messages import ConvertJob
from studio.protocol.trial_messages import TrialWishes, answered
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


def converted(place: Path, file: Path) -> Path:
    """Make a model of a file in this process; gives its folder."""
    log = EventLog(place, has_mirror=False)
    folder = place / "made"
    try:
        convert(place, ConvertJob(file=str(file), folder=str(folder)), log=log)
    finally:
        log.close()
    return folder


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


def test_a_stylegan2_file_comes_into_the_library(tmp_path: Path) -> None:
    arrays = stylegan2_arrays(resolution=128, channels=6)
    file = write_pickle(tmp_path / "network-snapshot-000400.pkl", arrays)
    told: list[tuple[float, str]] = []
    arrival = bring_in(file, tmp_path / "models", tell=lambda *step: told.append(step))
    assert arrival.shown_name == "Network snapshot 000400"
    assert not arrival.is_ours
    assert told[1][1] == "reading the weights: StyleGAN2-ADA, 128 px"
    assert [share for share, _ in told] == sorted(share for share, _ in told)
    rights = (Right("somebody", "CC BY 4.0", "A. Maker"),)
    folder = accept(arrival, name="Somebody’s faces", rights=rights, credit="A. Maker")
    card = read_card(folder)
    assert (card.id, card.rights, card.credit) == ("somebody-s-faces", rights, "A. Maker")
    assert (card.resolution, card.layers, card.previews) == (128, 12, (64,))
    assert card.zones == (3, 7)
    assert card.foreign is not None
    assert card.foreign.kind == "StyleGAN2-ADA"
    assert card.export_error is not None
    assert card.export_error < 1e-4
    check_picture(folder, draw_stylegan2(arrays, latent(arrays, 12), resolution=128)[128])


def test_a_conversion_that_is_not_wanted_leaves_nothing(tmp_path: Path) -> None:
    file = write_pickle(tmp_path / "a.pkl", stylegan2_arrays(resolution=16))
    told: list[str] = []
    with pytest.raises(StoppedError):
        bring_in(
            file,
            tmp_path / "models",
            tell=lambda _share, what: told.append(what),
            is_stopping=lambda: any("graphs" in what for what in told),
        )
    assert list((tmp_path / "models").iterdir()) == []


def test_the_class_is_asked_for(tmp_path: Path) -> None:
    file = write_pickle(tmp_path / "a.pkl", stylegan2_arrays(resolution=8, classes=3))
    with pytest.raises(QuestionsError) as asked:
        bring_in(file, tmp_path / "models")
    (question,) = asked.value.questions
    assert (question.key, question.choices) == ("class", ("0", "1", "2"))
    assert answered(TrialWishes(), "class", answer="2").classes == (2,)


def test_a_stylegan3_file_becomes_a_model(tmp_path: Path) -> None:
    arrays = stylegan3_arrays(resolution=32, channels=5)
    folder = converted(tmp_path, write_pickle(tmp_path / "a.pkl", arrays))
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
        "GLOBAL REDUCE os.system": "was not opened: it refers to “os.system”.",
        "INST builtins.exec": "was not opened: it uses the instruction “i”.",
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
