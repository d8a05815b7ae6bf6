"""What tests share. They run against the package that is imported, wherever that is: never the source tree by itself."""

import numpy as np
import pytest

import minnow


@pytest.fixture
def digits():
    """A few hundred built-in digits: (pixels as features [600][784] float32, labels [600])."""
    data = minnow.Dataset.digits(count=600)
    return np.stack([data[i] for i in range(len(data))]), data.labels


@pytest.fixture
def blobs():
    """Three clouds of points that are easy to tell apart: (X [150][4] float64, y [150])."""
    draw = np.random.default_rng(3)
    centres = np.array([[3, 0, 0, 1], [0, 3, 0, 1], [0, 0, 3, 1]], float)
    y = np.arange(150) % 3
    return centres[y] + draw.normal(size=(150, 4)), y
