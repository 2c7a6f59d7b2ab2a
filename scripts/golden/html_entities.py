#!/usr/bin/env python3
"""Writes src/text/html_entity_table.cpp: the named character references of HTML 5 (the HTML standard, section 13.5), as Python's html.entities has them.

    python3 scripts/golden/html_entities.py src/text/html_entity_table.cpp
"""
import html.entities
import sys

rows = []
for name in sorted(html.entities.html5):
    if name.endswith(';'):
        bare = name[:-1]
        rows.append(bare + ('!' if bare in html.entities.html5 else '') + ' ' + ' '.join(f'{ord(c):x}' for c in html.entities.html5[name]))
lines, line = [], ''
for row in rows:
    if len(line) + len(row) > 110:
        lines.append(line)
        line = ''
    line += row + ';'
lines.append(line)
with open(sys.argv[1], 'w') as out:
    out.write('// The named character references of HTML 5, written by scripts/golden/html_entities.py.\n#include "text/html_entities.h"\n\nnamespace hilum {\n\n')
    out.write('const std::string_view kHtmlEntities =\n' + '\n'.join(f'    "{line}"' for line in lines) + ';\n\n}  // namespace hilum\n')
print(len(rows), 'names,', len(lines), 'lines')
