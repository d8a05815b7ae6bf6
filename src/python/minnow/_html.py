"""What a notebook shows of a network: its shape, its curves, and the weights of its first layer."""

from __future__ import annotations

import html
import math

import numpy as np

_TILES = 24
_TILE_PIXELS = 40
_CURVE = (320, 120)


def _curve(history: list[dict]) -> str:
    """Losses over the epochs as SVG; "" without two epochs."""
    lines = []
    for name, colour in (("loss", "#1f77b4"), ("validation_loss", "#d62728")):
        values = [record[name] for record in history if math.isfinite(record.get(name, math.nan))]
        if len(values) > 1:
            lines.append((name, colour, values))
    if not lines:
        return ""
    width, height = _CURVE
    top = max(max(values) for _, _, values in lines)
    low = min(min(values) for _, _, values in lines)
    span = top - low or 1.0
    parts = [f'<svg width="{width}" height="{height + 16}" role="img" aria-label="loss over the epochs">']
    for index, (name, colour, values) in enumerate(lines):
        points = " ".join(
            f"{i * (width - 8) / (len(values) - 1) + 4:.1f},{4 + (height - 8) * (top - value) / span:.1f}"
            for i, value in enumerate(values)
        )
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(
            f'<text x="{4 + 160 * index}" y="{height + 12}" font-size="11" fill="{colour}">'
            f"{name.replace('_', ' ')} {values[-1]:.4g}</text>"
        )
    return "".join(parts) + "</svg>"


def _tile(weights: np.ndarray, side: int, limit: float) -> str:
    """One unit's weights as a picture: blue below 0, white at 0, red above."""
    pixel = _TILE_PIXELS / side
    parts = [f'<svg width="{_TILE_PIXELS}" height="{_TILE_PIXELS}" style="margin:1px">']
    for index, weight in enumerate(weights):
        share = max(-1.0, min(1.0, float(weight) / limit))
        if abs(share) < 0.05:
            continue
        fade = int(255 * (1 - abs(share)))
        colour = f"#ff{fade:02x}{fade:02x}" if share > 0 else f"#{fade:02x}{fade:02x}ff"
        x, y = index % side * pixel, index // side * pixel
        parts.append(f'<path fill="{colour}" d="M{x:.2f} {y:.2f}h{pixel:.2f}v{pixel:.2f}h-{pixel:.2f}z"/>')
    return "".join(parts) + "</svg>"


def _tiles(network) -> str:
    """Weights into the first units, if the inputs are a square; pictures above 14 pixels a side are shrunk."""
    side = math.isqrt(network.sizes[0])
    if side * side != network.sizes[0] or side < 4:
        return ""
    weights, _ = network.layer(0)
    weights = weights[:, :_TILES].reshape(side, side, -1)
    while side > 14 and side % 2 == 0:
        side //= 2
        weights = weights.reshape(side, 2, side, 2, -1).mean(axis=(1, 3))
    flat = weights.reshape(side * side, -1)
    limit = float(np.abs(flat).max()) or 1.0
    return "".join(_tile(flat[:, unit], side, limit) for unit in range(flat.shape[1]))


def network_html(network) -> str:
    """A few lines of HTML without scripts, a few tens of kilobytes at most."""
    rows = "".join(
        f"<tr><td>{index}</td><td>{inputs} × {outputs}</td><td>{html.escape(activation)}</td></tr>"
        for index, (inputs, outputs, activation) in enumerate(
            zip(network.sizes[:-1], network.sizes[1:], (*network.activations, network.loss))
        )
    )
    parts = [
        f"<div class='minnow'><b>{html.escape(repr(network))}</b>, {network.parameter_count:,} parameters",
        f"<table><tr><th>layer</th><th>weights</th><th>activation</th></tr>{rows}</table>",
        _curve(network.history),
        f"<div>{_tiles(network)}</div></div>",
    ]
    return "".join(parts)
