"""The bench as a plot: how much slower than the floor each way is, one bar for each."""

import html
from typing import Final

from studio.cli.bench_report import Report

_WIDTH: Final = 640
_LEFT: Final = 190
_ROW_PX: Final = 22
_HEAD_PX: Final = 44
_WORDS: Final = {
    "floor": "floor: matrix product",
    "engine": "our engine",
    "bare": "bare runtime",
    "process": "our engine, whole process",
    "torch_compiled": "torch.compile",
    "torch_channels_last": "torch, channels_last",
    "torch_eager": "torch, eager",
    "stylegan2_engine": "StyleGAN2 in our engine",
    "stylegan2_torch": "StyleGAN2 in torch, eager",
}


def bench_plot(report: Report) -> str:
    """Give an SVG file: for each size and batch, the times per picture over the floor's.

    The scale is the square root, so that what is twice and what is fifty times as slow are both seen.
    """
    parts: list[str] = []
    top = 0
    for cell, times_ms in report.matrix.items():
        floor_ms = times_ms.get("floor", 0.0)
        if floor_ms <= 0:
            continue
        ratios = {name: times_ms[name] / floor_ms for name in _WORDS if name in times_ms}
        parts.append(_chart(cell, ratios, floor_ms=floor_ms, top=top))
        top += _HEAD_PX + _ROW_PX * len(ratios)
    machine = html.escape(f"{report.machine.processor}, {report.facts.get('threads', '?')} threads")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top + 24}" '
        f'width="{_WIDTH}" font-family="sans-serif" font-size="12" fill="#222">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}'
        f'<text x="8" y="{top + 16}" fill="#777">{machine}</text></svg>\n'
    )


def _chart(cell: str, ratios: dict[str, float], *, floor_ms: float, top: int) -> str:
    longest = max(ratios.values())
    bars = []
    for number, (name, ratio) in enumerate(ratios.items()):
        y = top + _HEAD_PX - 14 + number * _ROW_PX
        length = (_WIDTH - _LEFT - 120) * (ratio / longest) ** 0.5
        colour = "#2f6fb0" if name in ("engine", "process") else "#9a9a9a"
        bars.append(
            f'<text x="{_LEFT - 8}" y="{y + 12}" text-anchor="end">{html.escape(_WORDS[name])}</text>'
            f'<rect x="{_LEFT}" y="{y}" width="{length:.1f}" height="16" fill="{colour}"/>'
            f'<text x="{_LEFT + length + 6:.1f}" y="{y + 12}">{ratio:.2f} × '
            f"({ratio * floor_ms:.1f} ms)</text>"
        )
    title = f'<text x="8" y="{top + 18}" font-weight="bold">{html.escape(cell)}</text>'
    return title + "".join(bars)
