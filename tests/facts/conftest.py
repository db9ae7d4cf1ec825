"""The image that the tests of facts change, read once by the real collector."""

from __future__ import annotations

import pytest

from .images import FILES, Image, Said


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return Image.write(tmp_path_factory.mktemp("facts"), FILES)


@pytest.fixture(scope="session")
def stream(image: Image) -> bytes:
    return image.stream()


@pytest.fixture(scope="session")
def said(stream: bytes) -> Said:
    return Said.of(stream)
