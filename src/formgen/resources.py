"""Where the schemas, templates and parameters lie that formgen ships."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def folder(name: str) -> Path:
    """The folder ``schemas``, ``templates`` or ``parameters``.

    A wheel carries them inside the package (``formgen/data/``); a checkout has them at its top level,
    and an editable install reads them there, so that an edited template is used at once.
    """
    packed = _PACKAGE / "data" / name
    return packed if packed.is_dir() else _PACKAGE.parents[1] / name
