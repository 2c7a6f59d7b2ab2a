#!/usr/bin/env python3
"""Writes testdata/text/open_clip_text.json: what open_clip's text cleaning ("whitespace": ftfy.fix_text, html.unescape twice, blanks collapsed) makes of odd
texts, and ftfy alone, and html.unescape alone. Needs the package ftfy (6.3.1 wrote the committed file); the cleaning itself is three lines, written out below
as in open_clip's tokenizer.py. From the repository:

    python3 scripts/golden/open_clip_text.py testdata/text/open_clip_text.json
"""
import html
import json
import pathlib
import sys

import ftfy

TEXTS = [
    "", " ", "\n", "Small left pleural effusion.", "  two  blanks \t and\r\nlines\u2028more\x85end ", "a\u00a0b\u2003c\u3000d",
    "&lt;5 mm nodule &amp;amp; effusion", "<5 mm &amp; more", "a < b &lt; c\n&lt; second line", "&lt; first\n<b> &lt; second\n&lt; third",
    "&amp;amp;amp;lt; nested", "&times;2 &mu;m &deg;C &plusmn;3 &frac12; &nbsp;x", "&timesx &notit; &ampx; &copy &copyright; &unknown; &;& &#; &#x; &a",
    "&#215; &#xD7; &#XD7 &#215x &#0; &#13; &#128; &#x80; &#150; &#x9f; &#11; &#127; &#xFFFE; &#x1FFFF; &#xD800; &#1114112; &#99999999999999999999;",
    "&EACUTE;x &SZLIG; &NTILDE; &nTILDE; &FFLIG; &AMP; &LT; &LTIMES;", "&NewLine;x&Tab;y&ZeroWidthSpace;z &fjlig; &NotEqualTilde;",
    "Curly \u201cquotes\u201d and \u2018single\u2019 \u201e low \u02bc", "o\ufb03ce \ufb01ne \ufb02ow \ufb00 \ufb04 \ufb05 \ufb06 \u0133 \u0132 \u0149 \u01c6 \u01f1",
    "\uff2c\uff2f\uff35\uff24\u3000\uff01 \uff73\uff80\uff70\uff9d \uffe5", "e\u0301 cafe\u0301 \u1100\u1161\u11a8 A\u030a \u212b \u2126",
    "\x1b[36;44mblue\x1b[0m \x1b[1;31;x \x1b[zz", "a\x00b\x07c\x0bd\x1fe\x7ff\ufeffg\ufffch\u206ai\u200dj", "C1: \x93quoted\x94 \x96 dash \x85",
    "Gr\u00c3\u00b6\u00c3\u0178e 8 \u00c2\u00b5m", "no changes \u00e2\u20ac\u201c stable", "it\u00e2\u20ac\u2122s \u00e2\u20ac\u0153here\u00e2\u20ac\x9d",
    "20\u00c2\u00b0 of scoliosis", "m\u00c3\u00bccke", "\u00c3\x83\u00c2\u00b6 twice", "Na\u00efve caf\u00e9, K\u00f6ln, \u00c5ngstr\u00f6m, \u00c9tat",
    "Gr\u00f6\u00dfe 8 \u00b5m", "\u5de6\u80ba \u304d\u3083\u304f", "\U0001fac1 lungs", "\u0394 \u03b1 \u03b2", "\u041b\u0451\u0433\u043a\u0438\u0435",
    "x-ray chest anteroposterior No Finding", "tumour &lt; 3&#160;cm&nbsp;&nbsp;in RLL", "R&D & co; A&B", "&quot;clear&quot; lungs &#39;today&#39; &apos;", "100% &gt 50%",
    "\r\rcarriage\r", "\u00ad soft\u00adhyphen", "tab\there", "\u2026 \u2013 \u2014 \u2022 \u2122", "&hellip; &ndash; &rsquo;s &ldquo;q&rdquo;",
]


def open_clip(text):
    text = ftfy.fix_text(text)
    text = html.unescape(html.unescape(text)).strip()
    return " ".join(text.split()).strip()


rows = [{"text": text, "ftfy": ftfy.fix_text(text), "unescaped": html.unescape(text), "clean": open_clip(text)} for text in TEXTS]
pathlib.Path(sys.argv[1]).write_text(json.dumps({"ftfy": ftfy.__version__, "rows": rows}, indent=0, ensure_ascii=True) + "\n")
print(len(rows))
