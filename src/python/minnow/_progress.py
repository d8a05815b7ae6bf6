"""How far training is: a line that is drawn anew, in terminals and notebooks."""

from __future__ import annotations

import sys
import time

_BAR = 24
_INTERVAL = 0.1  # seconds between two drawings


def _in_notebook() -> bool:
    """Whether a notebook's kernel runs this program. IPython is asked only if it is there already."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})


class ProgressBar:
    """Draws one line: the epoch, how much of the run is done, and the losses so far."""

    def __init__(self, epochs: int, samples: int, stream=None):
        self._epochs, self._samples = epochs, samples
        self._stream = stream or sys.stderr
        self._display = None
        self._drawn = 0.0
        self._begun = time.monotonic()
        self._width = 0
        if stream is None and _in_notebook():
            from IPython.display import HTML, display  # there, as a notebook runs

            self._html = HTML
            self._display = display(HTML(""), display_id=True)

    def line(self, epoch: int, done: int, values: dict) -> str:
        """What is drawn when `done` samples of an epoch, counted from 1, have been trained on."""
        share = (epoch - 1 + done / self._samples) / self._epochs
        filled = round(share * _BAR)
        bar = "█" * filled + "░" * (_BAR - filled)
        words = " ".join(f"{name} {value:.4g}" for name, value in values.items())
        return f"epoch {epoch}/{self._epochs} {bar} {100 * share:3.0f} % {words} {time.monotonic() - self._begun:.0f} s"

    def update(self, epoch: int, done: int, values: dict, *, force: bool = False) -> None:
        """Draws, but not more often than people can read."""
        now = time.monotonic()
        if not force and now - self._drawn < _INTERVAL:
            return
        self._drawn = now
        line = self.line(epoch, done, values)
        if self._display is not None:
            self._display.update(self._html(f"<pre style='margin:0'>{line}</pre>"))
            return
        self._stream.write("\r" + line.ljust(self._width))
        self._stream.flush()
        self._width = len(line)

    def close(self) -> None:
        """Leaves the last line where it is."""
        if self._display is None and self._width:
            self._stream.write("\n")
            self._stream.flush()


def make(progress, epochs: int, samples: int) -> ProgressBar | None:
    """progress: True, False, or None: where somebody looks, in a terminal or a notebook."""
    if progress is None:
        progress = _in_notebook() or (sys.stderr is not None and sys.stderr.isatty())
    return ProgressBar(epochs, samples) if progress else None
