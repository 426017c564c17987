"""How the HTML report looks, on the screen and on paper."""

from typing import Final

# Fonts by name only: a report holds none and loads none.
STYLE: Final = """
:root { --text: #1a1a1a; --dim: #555; --line: #bbb; --error: #a3161b; --warning: #8a5a00; --info: #0b5c8a;
  --unverified: #6b2a86; --waived: #666; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; color: var(--text); background: #fff; line-height: 1.6;
  font: 15px/1.6 "Microsoft YaHei", "PingFang SC", "Source Han Sans SC", "Noto Sans CJK SC", SimHei, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 1.8rem 0 .6rem; padding-bottom: .2rem; border-bottom: 2px solid var(--text); }
h3 { font-size: 1rem; margin: 0 0 .4rem; }
p { margin: .3rem 0; overflow-wrap: anywhere; }
main + main { margin-top: 2.5rem; border-top: 4px double var(--text); padding-top: 1rem; }
.heading { font-weight: bold; }
.verdict { border: 1px solid var(--text); padding: .4rem .8rem; font-weight: bold; }
.verdict.stops { border: 3px solid var(--error); color: var(--error); }
.note, .basis { color: var(--dim); font-size: .88rem; }
.hint { font-weight: bold; font-size: .92rem; }
article { margin: .8rem 0; padding: .5rem .9rem; border-left: 6px solid var(--line); background: #fafafa; }
.badge { display: inline-block; padding: 0 .5rem; border: 1.5px solid currentColor; font-size: .85rem; }
.error { border-left: 10px solid var(--error); } .error .badge { background: var(--error); color: #fff; }
.warning { border-left: 8px double var(--warning); } .warning .badge { color: var(--warning); }
.info { border-left: 4px solid var(--info); } .info .badge { color: var(--info); }
.unverified { border-left: 6px dashed var(--unverified); }
.unverified .badge { color: var(--unverified); border-style: dashed; }
.waived { border-left: 4px dotted var(--waived); } .waived .badge { color: var(--waived); border-style: dotted; }
.finding { margin: .5rem 0; } .finding + .finding { border-top: 1px dotted var(--line); padding-top: .5rem; }
code { color: var(--dim); font: .85rem Consolas, Menlo, "Noto Sans Mono CJK SC", monospace; overflow-wrap: anywhere; }
.row { overflow-x: auto; }
table { border-collapse: collapse; font-size: .85rem; margin: .4rem 0; }
th, td { border: 1px solid var(--line); padding: .15rem .5rem; text-align: left; vertical-align: top; min-width: 3em; }
th { background: #eee; font-weight: normal; color: var(--dim); max-width: 12em; }
.marked { outline: 2.5px solid var(--text); outline-offset: -2px; font-weight: bold; background: #fff; }
blockquote { margin: .4rem 0 .4rem 1rem; padding-left: .8rem; border-left: 2px solid var(--line);
  font-family: FangSong, "FangSong_GB2312", STFangsong, "Noto Serif CJK SC", serif; }
cite { font-style: normal; color: var(--dim); font-size: .88rem; } cite::before { content: "—— "; }
@page { size: A4; margin: 18mm 15mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt; } article { background: none; }
  .error .badge { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .finding, h2, h3, tr { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .row { overflow: visible; } thead { display: table-header-group; }
}
"""
