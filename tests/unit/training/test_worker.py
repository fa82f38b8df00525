import json
import threading
from pathlib import Path

import pytest

from studio.protocol.codec import encode_line
from studio.protocol.training_messages import SheetJob
from studio.training import worker
from studio.training.worker import run_trainer


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(worker, "_is_done", threading.Event())
    path = tmp_path / "sheet.json"
    path.write_bytes(encode_line(SheetJob(seeds=(1,), psi=1.0, file="x.webp")))
    return path


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ZeroDivisionError(f"in {Path.home()}/pictures"), "nobody foresaw (ZeroDivisionError)"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), "not enough memory"),
    ],
)
def test_a_failure_nobody_foresaw_is_one_sentence_and_its_details_go_to_the_log(
    job: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: Exception,
    sentence: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(worker, "_do", fail)
    assert run_trainer([str(job)]) == 1
    (failed,) = map(json.loads, (job.parent / "sheet.events.jsonl").read_text().splitlines())
    assert failed["type"] == "failed"
    assert sentence in failed["what"]
    assert failed["way_out"]
    log = capsys.readouterr().err
    assert "Traceback" in log
    assert str(Path.home()) not in log
    assert log.strip().splitlines()[-1].startswith(failed["what"])  # which `--detach` shows
