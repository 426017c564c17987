"""Compares deflate libraries on parts of packages: ``python deflating.py FILE…`` prints a table."""

import statistics
import sys
import time
import zipfile
import zlib
from collections.abc import Callable
from importlib.metadata import version

import deflate
from isal import isal_zlib
from zlib_ng import zlib_ng

Compress = Callable[[bytes, int], bytes]
LIBRARIES: dict[str, tuple[Compress, tuple[int, ...]]] = {
    f"isal {version('isal')}": (lambda data, level: isal_zlib.compress(data, level, -15), (0, 1, 2, 3)),
    f"zlib-ng {version('zlib-ng')}": (lambda data, level: zlib_ng.compress(data, level, -15), (1, 2, 6)),
    f"libdeflate {version('deflate')}": (deflate.deflate_compress, (1, 6)),
    f"zlib {zlib.ZLIB_RUNTIME_VERSION}": (lambda data, level: zlib.compress(data, level, -15), (1, 6)),
}
REPEATS = 60


def took(compress: Compress, data: bytes, level: int) -> float:
    """The median processor time in µs."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        compress(data, level)
        times.append(time.process_time() - start)
    return statistics.median(times) * 1e6


def main() -> None:
    """Prints the table for the largest part of each file."""
    parts = []
    for name in sys.argv[1:]:
        with zipfile.ZipFile(name) as package:
            largest = max((i for i in package.infolist() if i.filename.endswith(".xml")), key=lambda i: i.file_size)
            parts.append(package.read(largest))
    heads = " | ".join(f"µs for {len(part):,} bytes | packed" for part in parts)
    print(f"| library | {heads} |", "|---|" + "---:|" * (2 * len(parts)), sep="\n")
    for name, (compress, levels) in LIBRARIES.items():
        for level in levels:
            cells = (f"{took(compress, part, level):.0f} | {len(compress(part, level)):,}" for part in parts)
            print(f"| {name}, level {level} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
