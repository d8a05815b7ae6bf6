"""What a notebook shows of a network: its shape, its curves, and the weights of its first layer."""

from __future__ import annotations

import base64
import html
import math
import struct
import zlib

import numpy as np

_TILES = 24
_TILE_PIXELS = 40
# Weights a side of a picture at most; of more, neighbours are averaged.
_TILE_SIDE = 14
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
    lines = [(name, colour, _thinned(values, width)) for name, colour, values in lines]
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


def _thinned(values: list[float], most: int) -> list[float]:
    """About so many of them, evenly, the last one among them."""
    return values[:: -(-len(values) // most)][:-1] + values[-1:]


def _png(pixels: np.ndarray) -> bytes:
    """A picture [height][width][3] of bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def _tile(weights: np.ndarray, limit: float) -> str:
    """One unit's weights [side][side] as a picture: blue below 0, white at 0, red above."""
    share = np.clip(np.nan_to_num(weights / limit), -1, 1)
    fade = (255 * (1 - np.abs(share))).astype(np.uint8)
    pixels = np.stack([np.where(share > 0, 255, fade), fade, np.where(share > 0, fade, 255)], axis=2).astype(np.uint8)
    data = base64.b64encode(_png(pixels)).decode()
    size = f"width='{_TILE_PIXELS}' height='{_TILE_PIXELS}'"
    return f"<img {size} alt='' style='margin:1px;image-rendering:pixelated' src='data:image/png;base64,{data}'>"


def _tiles(network) -> str:
    """Weights into the first units, if the inputs are a square."""
    side = math.isqrt(network.sizes[0])
    if side * side != network.sizes[0] or side < 4 or network.member_count > 1:
        return ""
    weights = network.layer(0)[0][:, :_TILES].reshape(side, side, -1).astype(np.float64)
    step = -(-side // _TILE_SIDE)
    if step > 1:
        edges = np.arange(0, side, step)
        extents = np.minimum(edges + step, side) - edges
        weights = np.add.reduceat(np.add.reduceat(weights, edges, axis=0), edges, axis=1)
        weights /= (extents[:, None] * extents)[:, :, None]
    finite = np.abs(weights[np.isfinite(weights)])
    limit = float(finite.max()) if finite.size and finite.max() > 0 else 1.0
    return "".join(_tile(weights[:, :, unit], limit) for unit in range(weights.shape[2]))


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
