"""Colours of clusters can be distinguished by everyone."""

import itertools

import numpy as np
import pytest

from clustering.presentation.style import COLOURS, colour, scale, swatch

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124, 0.3576, 0.1805],
        [0.2126, 0.7152, 0.0722],
        [0.0193, 0.1192, 0.9505],
    ]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


def _lab(code: str, sight: str) -> np.ndarray:
    rgb = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(SIGHT[sight]) @ linear, 0, 1)
    ratio = TO_XYZ @ seen / WHITE
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _nearest(colours: tuple[str, ...], sight: str) -> float:
    seen = [_lab(code, sight) for code in colours]
    return min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))


@pytest.mark.parametrize("sight", SIGHT)
def test_first_twelve_are_far_apart_for_everyone(sight):
    assert _nearest(COLOURS[:12], sight) > 13


@pytest.mark.parametrize("sight", SIGHT)
def test_all_differ_visibly_for_everyone(sight):
    assert len(COLOURS) >= 30
    assert _nearest(COLOURS, sight) > 6


def test_colour_depends_on_the_cluster_alone():
    few, many = scale([3, 1]).to_dict(), scale(range(1, 41)).to_dict()
    assert few == {"domain": [1, 3], "range": [colour(1), colour(3)]}
    assert dict(zip(many["domain"], many["range"], strict=True))[3] == colour(3)
    assert colour(3) in swatch(3)
