"""What the machine tells, and the sentence for why there is no CUDA."""

from pathlib import Path

import pytest

from studio.cli.machine import (
    GraphicsCard,
    describe_machine,
    display_name,
    explain_no_cuda,
    free_disk_mib,
    is_writable,
    parse_version,
    read_cards,
)


def _card(driver: str = "580.95.05", capability: tuple[int, int] = (8, 9)) -> GraphicsCard:
    return GraphicsCard("NVIDIA GeForce RTX 4070", driver, 12_282, capability)


def test_the_drivers_answer_is_read() -> None:
    text = "NVIDIA GeForce RTX 4070, 580.95.05, 12282, 8.9\nFailed to initialize\n"
    assert read_cards(text) == (_card(),)


def test_a_card_that_tells_no_numbers_is_still_a_card() -> None:
    assert read_cards("Tesla X, [N/A], [N/A], [N/A]") == (GraphicsCard("Tesla X", "[N/A]", 0),)


@pytest.mark.parametrize(
    ("cards", "has_driver", "words"),
    [
        ((), False, "no NVIDIA driver"),
        ((), True, "answers for no card"),
        ((_card(driver="535.183.01"),), True, "535.183.01 is too old"),
        ((_card(capability=(6, 1)),), True, "older than the cards"),
        ((_card(),), False, "cannot be opened"),
    ],
)
def test_each_reason_has_its_sentence(
    cards: tuple[GraphicsCard, ...], has_driver: bool, words: str
) -> None:
    assert words in explain_no_cuda(cards, has_driver=has_driver)


def test_nothing_is_said_against_a_good_card() -> None:
    assert explain_no_cuda((_card(),), has_driver=True) == ""


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
