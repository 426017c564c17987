"""A picture is read whole, however few bytes the system gives at a time."""

from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from formgen.intake import picture_files


class Slow(FileIO):
    """A file that gives three bytes at a time, as a network's file system may."""

    def read(self, size: int = -1, /) -> bytes:
        return super().read(min(size, 3))


def test_a_picture_is_read_whole_though_the_system_gives_it_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "01.jpg").write_bytes(b"0123456789")
    slowly: Any = lambda path, _mode, buffering: Slow(path, "rb")  # noqa: E731
    monkeypatch.setattr(picture_files, "open", slowly, raising=False)
    assert picture_files.contents(tmp_path, "01.jpg", {}) == b"0123456789"


def test_a_picture_that_lies_elsewhere_is_read_there(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"a picture")
    assert picture_files.contents(tmp_path, "01.jpg", {"01.jpg": tmp_path / "elsewhere"}) == b"a picture"
