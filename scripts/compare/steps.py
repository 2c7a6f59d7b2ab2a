"""Steps of a case, a line each: a command of Hilum, or what is done to the case's folder between two.

    report FILM --format json            a command; --threads 1 is added unless it names its threads or takes none
    @keep FILE N                         leave the first N lines of FILE, as a run that was stopped would
    @copy FROM TO                        copy a file
    @data NAME FOLDER                    a little data set (dataset_files.py)
    @stdin 'TEXT' COMMAND...             a command that reads TEXT; \\n is a new line
    (nothing)                            the program without arguments
"""
import shlex

import dataset_files

NAMES = {
    "FILM": "in/png/images/p000001_f.png",
    "LATERAL": "in/png/images/p000001_l.png",
    "PRIOR": "in/png/images/p000001_pf.png",
    "STUDIES": "in/png/studies.jsonl",
    "FORCED": "in/png/forced.jsonl",
    "GONE": "in/png/gone.jsonl",
    "DICOM": "in/dicom/images/p000001_f.dcm",
    "MANY": "in/many/studies.jsonl",
}


class Command:
    def __init__(self, words, stdin=b""):
        bare = not words or words[0] in ("options", "--help") or "--help" in words or words == ["eval"]
        self.arguments = words if bare or "--threads" in words else [*words, "--threads", "1"]
        self.stdin = stdin


def keep(folder, name, count):
    path = folder / name
    if path.exists():
        path.write_text("".join(path.read_text().splitlines(keepends=True)[: int(count)]))


def copy(folder, source, target):
    (folder / target).write_bytes((folder / source).read_bytes())


def data(folder, name, target):
    dataset_files.write(name, folder / target)


def step_of(line):
    words = [NAMES.get(word, word) for word in shlex.split(line)]
    if words[0] == "(nothing)":
        return Command([])
    if words[0] == "@stdin":
        return Command(words[2:], words[1].replace("\\n", "\n").encode())
    acts = {"@keep": keep, "@copy": copy, "@data": data}
    if words[0] in acts:
        return lambda folder: acts[words[0]](folder, *words[1:])
    return Command(words)


def steps_of(lines):
    """From a text of lines, or a list of lines and functions that are given the folder."""
    given = lines.splitlines() if isinstance(lines, str) else lines
    return [
        step_of(line) if isinstance(line, str) else line for line in given if not isinstance(line, str) or line.strip()
    ]
