"""What may differ between two runs of one program, each with its reason: the one place where anything is left out.

A rule is looked at only where the bytes differ, so that it costs nothing else its exactness. `where` is a pattern
(fnmatch) of the item's name: "CASE/stdout 1 (...)", "CASE/stderr 1 (...)", "CASE/PATH OF A FILE", "CASE/status",
"CASE/headers", "CASE/body", "CASE/log".
"""
import fnmatch
import pathlib
import re
import sqlite3
import tempfile

NUMBER = rb"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?"


class Rule:
    def __init__(self, where, pattern, becomes, why):
        self.where, self.pattern, self.becomes, self.why = where, re.compile(pattern), becomes, why


RULES = [
    Rule("*", rb'("timing_ms": ?)\{[^}]*\}', rb"\1{}", "milliseconds that a report took"),
    Rule(
        "*/stderr*",
        rb"ready [\d.]+ s after the program's start, [\d.]+ s of it",
        b"ready T s after the program's start, T s of it",
        "seconds until a model is ready (--verbose)",
    ),
    Rule(
        "*/stderr*",
        rb"memory -?\d+ MiB at its peak, -?\d+ MiB beyond weights and cache in use; "
        rb"now -?\d+ MiB of its own, -?\d+ MiB of mapped",
        b"memory M MiB at its peak, M MiB beyond weights and cache in use; now M MiB of its own, M MiB of mapped",
        "the process's memory (--verbose)",
    ),
    Rule(
        "*.jsonl",
        rb'"(samples_per_s|tokens_per_s|minutes)":' + NUMBER,
        rb'"\1":T',
        "speed of a training run, in its log",
    ),
    Rule(
        "*checkpoint.safetensors",
        rb'(?s)\A.{8}|"(?:stage|total)_minutes":"[^"]*"|(?<=\}\}) {1,7}',
        b"",
        "minutes that a run has taken, in its checkpoint's head, and with them the head's length and padding",
    ),
    Rule(
        "*counts.json",
        rb'"seconds": ' + NUMBER,
        b'"seconds": T',
        "seconds that a curation took",
    ),
    Rule("*", rb'("issued": ?")[^"]*"', rb'\1T"', "when a FHIR resource was made"),
    Rule(
        "bench measures/*",
        NUMBER,
        b"N",
        "speeds, memory and roofs are what this command measures; its words are compared",
    ),
    Rule("*/headers", rb"(?m)^date: .*$", b"date: T", "when an answer was sent"),
    Rule("*/body", rb'("created(?:_at)?": ?)\d+', rb"\1T", "when an answer, or the server, was made (seconds since 1970)"),
    Rule(
        "*/headers",
        rb"(?m)^content-length: \d+$",
        b"content-length: N",
        "a body that holds milliseconds is longer or shorter; the body itself is compared",
    ),
    Rule(
        "serve*/body",
        rb'"cached_tokens": ?\d+',
        b'"cached_tokens":N',
        "how much of a prompt is in the cache already: of requests at once, which came first decides; of one after "
        "another, whether the one before had given its place back when the next came, which happens as its answer is sent",
    ),
    Rule("*metrics/body", rb"(?m)^(hilum_prompt_tokens_reused_total\S*) .*$", rb"\1 N", "the same, summed up"),
    Rule(
        "*metrics/body",
        rb"(?m)^(hilum_\w*_seconds_(?:bucket|sum)\S*|hilum_memory_bytes) .*$",
        rb"\1 T",
        "seconds and memory, as measured",
    ),
    Rule(
        "*/log",
        rb'"(bytes|ms|seconds|time)":' + NUMBER,
        rb'"\1":N',
        "milliseconds of a request, and the length of a body that holds some",
    ),
    Rule("*/log", rb"127\.0\.0\.1:\d+", b"127.0.0.1:PORT", "--port 0 takes any free port"),
]

# Lines whose order is not a result: they are compared sorted.
SORTED = {
    "*/log": "a request's line is written on its connection's thread, after the answer has been sent",
    "*metrics/body": "the library that keeps the metrics walks its series in no fixed order",
}


def rules_for(name):
    return [rule for rule in RULES if fnmatch.fnmatchcase(name, rule.where)]


def normal(name, data, side):
    """`data` without what may differ, and without the paths of where this side works and where its program lies."""
    if name.endswith(".db") and data.startswith(b"SQLite format 3\0"):
        return sqlite_text(data)  # pages differ in a counter of changes; rows are compared
    if data[128:132] == b"DICM":
        return dicom_text(data)
    data = data.replace(str(side.folder).encode(), b"WORK")
    data = data.replace(str(pathlib.Path(side.binary).parent).encode(), b"PROGRAM")
    for rule in rules_for(name):
        data = rule.pattern.sub(rule.becomes, data)
    if any(fnmatch.fnmatchcase(name, where) for where in SORTED):
        data = b"\n".join(sorted(data.split(b"\n")))
    return data


def sqlite_text(data):
    with tempfile.NamedTemporaryFile(suffix=".db") as file:
        file.write(data)
        file.flush()
        connection = sqlite3.connect(file.name)
        text = "\n".join(connection.iterdump())
        connection.close()
    return text.encode()


# DICOM: a structured report is told by its new identifiers and by when it was written.
TIMES = {
    0x00080012: "Instance Creation Date",
    0x00080013: "Instance Creation Time",
    0x00080021: "Series Date",
    0x00080031: "Series Time",
    0x00080023: "Content Date",
    0x00080033: "Content Time",
}
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
UNDEFINED = 0xFFFFFFFF


def is_random_uid(text):
    """2.25. and a UUID of version 4 as a number; those made of a name are of version 8, and compared."""
    return re.fullmatch(r"2\.25\.\d+", text) is not None and int(text[5:]) >> 76 & 15 == 4


def dicom_text(data):
    """An explicit little endian file as lines "(gggg,eeee) VR value": dates of writing left out,
    random identifiers numbered as they appear (two that were one stay one), lengths left out as they follow."""
    lines, seen, at = [], {}, 132

    def value_of(tag, vr, value):
        if tag in TIMES:
            return "T"
        if vr in (b"UI",):
            uids = value.decode("latin-1").rstrip("\0").split("\\")
            return "\\".join(
                f"UID {seen.setdefault(uid, len(seen) + 1)}" if is_random_uid(uid) else uid for uid in uids
            )
        return "N" if tag & 0xFFFF == 0 else repr(value)

    def elements(start, end, depth):
        at = start
        while at < end:
            tag = int.from_bytes(data[at : at + 2], "little") << 16 | int.from_bytes(data[at + 2 : at + 4], "little")
            if tag >> 16 == 0xFFFE:  # an item, or the end of one
                length = int.from_bytes(data[at + 4 : at + 8], "little")
                at += 8
                if tag == 0xFFFEE000:
                    lines.append("  " * depth + "item")
                    if length != UNDEFINED:
                        elements(at, at + length, depth + 1)
                        at += length
                continue
            vr = data[at + 4 : at + 6]
            if vr in LONG:
                length, at = int.from_bytes(data[at + 8 : at + 12], "little"), at + 12
            else:
                length, at = int.from_bytes(data[at + 6 : at + 8], "little"), at + 8
            head = "  " * depth + f"({tag >> 16:04x},{tag & 0xFFFF:04x}) {vr.decode('latin-1')} "
            if length == UNDEFINED or vr == b"SQ":
                lines.append(head)
                if length == UNDEFINED:
                    continue  # its items follow, and what closes them is passed over
                elements(at, at + length, depth + 1)
            else:
                lines.append(head + value_of(tag, vr, data[at : at + length]))
            at += length

    elements(at, len(data), 0)
    return "\n".join(lines).encode()
