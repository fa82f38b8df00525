import pytest

from studio.core.folder_report import FileReport
from studio.dataset.holding_out import choose_held_out


def files(count: int, like: dict[int, int] | None = None) -> list[FileReport]:
    like = like or {}
    return [
        FileReport(
            file=str(number),
            finding="near_duplicate" if number in like else "good",
            mark=f"mark {number}",
            like=str(like[number]) if number in like else None,
        )
        for number in range(count)
    ]


@pytest.mark.parametrize(("count", "share", "held"), [(40, 0.1, 4), (39, 0.1, 0), (100, 0, 0)])
def test_the_share_is_held_out_of_enough_pictures(count: int, share: float, held: int) -> None:
    assert len(choose_held_out(files(count), share)) == held


def test_never_more_than_half() -> None:
    assert len(choose_held_out(files(100), 7.0)) == 50


@pytest.mark.parametrize("first", range(0, 60, 7))
def test_near_duplicates_stay_on_one_side(first: int) -> None:
    # A chain: each is like another one of it, two of them only through a third.
    like = {first + 1: first, first + 2: first, first + 3: first + 2}
    held = choose_held_out(files(64, like), 0.3)
    chain = {str(first + step) for step in range(4)}
    assert chain <= held or not chain & held
    assert 16 <= len(held) <= 19


def test_the_order_of_the_files_does_not_matter() -> None:
    forth = files(50)
    assert choose_held_out(forth, 0.2) == choose_held_out(forth[::-1], 0.2)


@pytest.mark.parametrize("last", range(20, 64, 4))
def test_many_near_duplicates_are_never_most_of_the_measure(last: int) -> None:
    like = dict.fromkeys(range(last - 19, last), last - 20)
    assert len(choose_held_out(files(64, like), 0.1)) <= 6
