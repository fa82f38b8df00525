"""What a call may say, and what is refused before anything is done."""

import argparse
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.cli.arguments import read_edit, read_psi, read_seed, read_seeds, read_zones
from studio.core.recipe import MAX_SEED


@given(st.integers(0, MAX_SEED))
def test_every_seed_is_read_back(seed: int) -> None:
    assert read_seeds(str(seed)) == (seed,)


def test_seeds_are_read_in_the_order_written() -> None:
    assert read_seeds("9,1,5-7") == (9, 1, 5, 6, 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "-1",
        "7.5",
        "9-3",
        "1,,2",
        str(MAX_SEED + 1),
        "1" * 5000,
        "٣",
        "0-2147483647",
        "1_0",
    ],
)
def test_no_seeds_are_made_of_nonsense(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        read_seeds(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-0.1", "1.51", "x", ""])
def test_truncation_out_of_range_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        read_psi(text)


def test_truncation_is_read_at_both_ends() -> None:
    assert (read_psi("0"), read_psi("1.5")) == (0.0, 1.5)


def test_an_edit_may_have_any_name() -> None:
    assert read_edit("dawn ↔ dusk=-2.5") == ("dawn ↔ dusk", -2.5)
    assert read_edit("a=b=1") == ("a=b", 1.0)


@pytest.mark.parametrize("text", ["dawn", "=2", "dawn=", "dawn=nan", "dawn=5.01", "dawn=-6"])
def test_an_edit_without_a_strength_in_range_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        read_edit(text)


def test_zones_are_read_in_any_case() -> None:
    assert read_zones("Coarse, fine") == ("coarse", "fine")


@pytest.mark.parametrize("read", [read_seed, read_zones])
def test_the_complaint_names_the_word(read: Callable[[str], object]) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="middle"):
        read("middle")
