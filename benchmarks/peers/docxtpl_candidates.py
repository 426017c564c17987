"""Renders candidates with docxtpl, in an environment of its own, and prints how long one took.

python docxtpl_candidates.py TEMPLATE RECORDS.json PHOTOS OUT COUNT
"""

import json
import statistics
import sys
import time
from pathlib import Path

from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage


def main() -> None:
    template, records, photos, out, count = sys.argv[1:]
    values = json.loads(Path(records).read_text("utf-8"))
    document = DocxTemplate(template)
    wall, processor = [], []
    for number in range(int(count)):
        record = values[number % len(values)]
        begin, busy = time.perf_counter(), time.process_time()
        photo = InlineImage(document, str(Path(photos) / record["photo"]), width=Mm(25))
        document.render({**record, "photo": photo}, autoescape=True)
        document.save(Path(out) / f"{number:05}.docx")
        wall.append(time.perf_counter() - begin)
        processor.append(time.process_time() - busy)
    print(json.dumps({"wall": statistics.median(wall), "processor": statistics.median(processor)}))


if __name__ == "__main__":
    main()
