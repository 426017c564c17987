"""What the peers of benchmarks/reading.py do, run by a Python of their own: ``reading_peers.py PEER FOLDER``.

Each reads every workbook of a folder, checks it by a schema of the same fields, and collects all errors with their
cells; it prints the processor seconds and the number of errors. Neither knows rules; both get the easier work.
"""

import sys
import time
from pathlib import Path

FIELDS = ("serial", "name", "political_status", "college", "grade", "rank", "failed_course", "experience", "remark")
SCHEMA = {
    "type": "object",
    "required": ["serial", "name", "political_status", "college", "grade", "failed_course", "experience"],
    "properties": {
        "serial": {"type": "integer", "minimum": 0, "maximum": 10_000_000},
        "name": {"type": "string", "minLength": 1, "maxLength": 60},
        "political_status": {"enum": ["中共党员", "中共预备党员", "共青团员"]},
        "college": {"type": "string", "minLength": 1, "maxLength": 60},
        "grade": {"type": "string", "pattern": "^[0-9]{2}级$"},
        "rank": {"type": "string", "maxLength": 40},
        "failed_course": {"enum": ["是", "否"]},
        "experience": {"type": "string", "maxLength": 20_000},
        "remark": {"type": "string", "maxLength": 20_000},
    },
}


def openpyxl_jsonschema(paths):
    import jsonschema
    import openpyxl

    validator = jsonschema.Draft202012Validator(SCHEMA)
    letters = dict(zip(FIELDS, "ABCDEFGHI", strict=True))
    found = []
    for path in paths:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
        for number, row in enumerate(sheet.iter_rows(min_row=2, values_only=True), start=2):
            values = {key: value for key, value in zip(FIELDS, row, strict=False) if value is not None}
            for error in validator.iter_errors(values):
                place = letters.get(error.absolute_path[0], "A") if error.absolute_path else "A"
                found.append((path.name, f"{place}{number}", error.message))
    return found


def frictionless(paths):
    import frictionless as library

    kinds = {"integer": "integer", "string": "string", None: "string"}
    fields = []
    for name in FIELDS:
        node = SCHEMA["properties"][name]
        rules = {
            key: node[key] for key in ("minimum", "maximum", "minLength", "maxLength", "pattern", "enum") if key in node
        }
        rules |= {"required": True} if name in SCHEMA["required"] else {}
        fields.append({"name": name, "type": kinds[node.get("type")], "constraints": rules})
    found = []
    for path in paths:
        schema = library.Schema.from_descriptor({"fields": fields})
        resource = library.Resource(path=path.name, basepath=str(path.parent), schema=schema)
        # The headings are the official ones, not the schema's keys: the columns are taken in their order.
        report = resource.validate(library.Checklist(skip_errors=["incorrect-label"]), limit_errors=10_000_000)
        for task in report.tasks:
            found += [
                (path.name, error.row_number, getattr(error, "field_number", 0), error.message) for error in task.errors
            ]
    return found


if __name__ == "__main__":
    peer, folder = sys.argv[1:]
    work = {"openpyxl": openpyxl_jsonschema, "frictionless": frictionless}[peer]
    files = sorted(Path(folder).glob("*.xlsx"))
    work(files[:1])  # imports are not what is measured
    begun = time.process_time()
    errors = work(files)
    print(time.process_time() - begun, len(errors))
