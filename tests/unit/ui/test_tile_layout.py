"""The gallery's arithmetic: every tile is found where it is drawn."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRect

from studio.app.item_models import Section
from studio.ui.tile_layout import TileLayout


@st.composite
def layouts(draw: st.DrawFn) -> TileLayout:
    sections, first = [], 0
    for day, count in enumerate(draw(st.lists(st.integers(1, 30), max_size=5))):
        sections.append(Section(day, first, count))
        first += count
    return TileLayout(
        draw(st.integers(60, 1800)),
        sections,
        target_px=draw(st.integers(40, 240)),
        gap_px=draw(st.integers(0, 12)),
        caption_px=draw(st.integers(0, 24)),
        heading_px=draw(st.integers(0, 40)),
    )


@given(layouts())
def test_every_tile_is_found_at_its_middle_and_none_overlap(layout: TileLayout) -> None:
    seen: list[QRect] = []
    for row in range(layout.num_tiles):
        place = layout.rect(row)
        assert layout.row_at(place.center()) == row
        assert place.bottom() < layout.height
        assert not any(place.intersects(other) for other in seen[-layout.num_columns * 2 :])
        seen.append(place)


@given(layouts(), st.integers(-50, 3000), st.integers(0, 900))
def test_what_is_drawn_holds_all_that_can_be_seen(
    layout: TileLayout, top: int, height: int
) -> None:
    drawn = set(layout.rows_between(top, top + height))
    window = QRect(0, top, 4000, height + 1)
    seen = {row for row in range(layout.num_tiles) if layout.rect(row).intersects(window)}
    assert seen <= drawn
    assert len(drawn) <= len(seen) + 4 * layout.num_columns


@given(layouts(), st.data())
def test_up_and_down_go_by_lines_and_stay_inside(layout: TileLayout, data: st.DataObject) -> None:
    if layout.num_tiles == 0:
        return
    row = data.draw(st.integers(0, layout.num_tiles - 1))
    below, above = layout.above(row, -1), layout.above(row, 1)
    assert 0 <= above <= row <= below < layout.num_tiles
    if layout.rect(layout.num_tiles - 1).top() > layout.rect(row).top():
        assert layout.rect(below).top() > layout.rect(row).top()
    if row >= layout.num_columns:
        assert layout.rect(above).top() < layout.rect(row).top()


def test_twenty_thousand_tiles_cost_nothing() -> None:
    layout = TileLayout(
        1000, [Section(0, 0, 20_000)], target_px=100, gap_px=8, caption_px=20, heading_px=30
    )
    assert layout.row_at(QPoint(5, layout.height - 60)) > 19_900
    assert len(layout.rows_between(5000, 5800)) < 100
