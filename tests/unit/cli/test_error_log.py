"""The details of an unexpected failure: kept once, without the name of the person's home."""

from pathlib import Path

import pytest

from studio.cli.error_log import keep_traceback


def test_the_details_never_name_the_persons_home(studio_home: Path) -> None:
    path = keep_traceback(f'File "{Path.home()}/studio/x.py", line 1')
    assert path is not None
    assert studio_home in path.parents
    assert path.read_text() == 'File "~/studio/x.py", line 1'


def test_only_the_newest_failure_is_kept(studio_home: Path) -> None:
    keep_traceback("first")
    path = keep_traceback("second")
    assert path is not None
    assert path.read_text() == "second"
    assert len(list(path.parent.iterdir())) == 1


def test_a_home_that_cannot_be_written_is_no_second_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "file" / "home"))
    assert keep_traceback("lost") is None
