"""formgen turns a dossier of a student union's material into checked official forms.

::

    dossier = formgen.load(Path("inputs/demo-2020"))
    report = formgen.check(dossier)
    if not report.stops:
        formgen.generate(dossier, report, Path("outputs"))
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from formgen.checks import Report, check
    from formgen.delivery import Delivery, generate
    from formgen.dossier import Dossier, load
    from formgen.errors import FormgenError
    from formgen.findings import Finding

    __version__: str

__all__ = [
    "Delivery",
    "Dossier",
    "Finding",
    "FormgenError",
    "Report",
    "__version__",
    "check",
    "generate",
    "load",
]

# Looked up when first used: `formgen --version` need not wait for lxml and openpyxl.
_HOMES = {
    "Delivery": "delivery",
    "Dossier": "dossier",
    "Finding": "findings",
    "FormgenError": "errors",
    "Report": "checks",
    "check": "checks",
    "generate": "delivery",
    "load": "dossier",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        try:
            return metadata.version("formgen")
        except metadata.PackageNotFoundError:
            return "0+checkout"  # run from a source tree that nobody installed
    if name in _HOMES:
        return getattr(import_module(f"formgen.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'formgen' has no attribute {name!r}")
