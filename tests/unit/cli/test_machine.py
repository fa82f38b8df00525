"""What the machine tells, and the sentence for why there is no CUDA."""

from pathlib import Path

import pytest

from studio.cli.machine import (
    GraphicsCard,
    describe_machine,
    display_name,
    free_disk_mib,
    is_writable,
    parse_version,
    read_cards,
)


def test_the_drivers_answer_is_read() -> None:
    text = "NVIDIA GeForce RTX 4070, 580.95.05, 12282, 8.9\nFailed to initialize\n"
    card = GraphicsCard("NVIDIA GeForce RTX 4070", "580.95.05", 12_282, (8, 9))
    assert read_cards(text) == (card,)


def test_a_card_that_tells_no_numbers_is_still_a_card() -> None:
    assert read_cards("Tesla X, [N/A], [N/A], [N/A]") == (GraphicsCard("Tesla X", "[N/A]", 0),)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("2.13.0+cu130", (2, 13, 0)), ("6.33.5", (6, 33, 5)), ("1.31.0rc1", (1, 31, 1)), ("x", ())],
)
def test_versions_are_read_as_numbers(text: str, numbers: tuple[int, ...]) -> None:
    # A release candidate reads as a number too: good enough to compare with a floor.
    assert parse_version(text)[:2] == numbers[:2]


def test_this_machine_can_be_described() -> None:
    machine = describe_machine()
    assert machine.num_threads >= 1
    assert machine.system


def test_a_folder_that_is_not_made_yet_is_judged_by_the_one_above(tmp_path: Path) -> None:
    assert is_writable(tmp_path / "a" / "b")
    assert free_disk_mib(tmp_path / "a" / "b")
    (tmp_path / "file").write_bytes(b"")
    assert not is_writable(tmp_path / "file" / "b")


def test_the_display_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    monkeypatch.setattr("sys.platform", "linux")
    assert display_name() == "Wayland wayland-0"
