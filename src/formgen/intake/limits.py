"""How large a file may be before it is not opened at all. A full staff list of a large university is under 1 MB."""

FILE_BYTES = 20_000_000
JSON_DEPTH = 100
NUMBER_DIGITS = 100
"""Digits of a number in JSON. Python itself refuses to read more than 4300."""
CELLS = 2_000_000
"""Cells and rows of a workbook together; also the area that its merged cells, links and comments may cover."""
ELEMENTS = 20_000_000
"""XML elements of all parts of a workbook."""
MERGES = 100_000
LINKED_MERGES = 50_000_000
"""Links times merged cells of a workbook: openpyxl looks for each link in all merged cells."""
HEADING_ROWS = 50
"""The headings of a table stand in one of so many first rows."""
FINDINGS_PER_KIND = 200
"""Findings of one kind that are listed for one file; the others are counted."""
