"""Which files of a dossier are read: regular ones that lie in its folder. A pipe would be waited for without end."""

from pathlib import Path

from formgen.findings import Kind
from formgen.intake import kinds


def objection(root: Path, path: Path) -> Kind | None:
    """Why a file is not read; None for one to open, and for one that is not there: opening says so.

    Args:
        root: the dossier's folder, resolved.
        path: the file, which may be a link.
    """
    if not is_inside(root, path):
        return kinds.OUTSIDE
    if path.exists() and not path.is_file():
        return kinds.NOT_REGULAR
    return None


def is_inside(root: Path, path: Path) -> bool:
    """Whether a path leads to a place below ``root``, however many links it goes through."""
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # a name that is too long; links that lead in a circle: opening says so
        return True
