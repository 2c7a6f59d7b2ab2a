"""How two results differ, in a few lines: texts by their first lines, numbers by the largest
difference, other bytes by place."""
import ast
import difflib
import json
import re
import struct

MOST_LINES, MOST_COLUMNS = 8, 150


def explain(name, old, new):
    """Lines that say where `old` and `new` differ; both are bytes, or None where there is no such file."""
    if old is None or new is None:
        return [f"only {'NEW' if old is None else 'OLD'} has it"]
    for compare in (npy_difference, safetensors_difference):
        try:
            lines = compare(old, new)
        except (ValueError, KeyError, struct.error, SyntaxError):
            lines = None
        if lines:
            return lines
    if is_text(old) and is_text(new):
        return text_difference(old.decode(), new.decode()) + number_difference(old.decode(), new.decode())
    return [byte_difference(old, new)]


def is_text(data):
    if b"\0" in data:
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def first_difference(old, new):
    """The first place at which they are not equal."""
    low, high = 0, min(len(old), len(new))
    if old[:high] == new[:high]:
        return high
    while high - low > 1:  # equal before low, not equal before high
        middle = (low + high) // 2
        if old[:middle] == new[:middle]:
            low = middle
        else:
            high = middle
    return low


def byte_difference(old, new):
    return f"first at byte {first_difference(old, new)}; OLD has {len(old)} bytes, NEW {len(new)}"


def text_difference(old, new):
    a, b = old.splitlines(), new.splitlines()
    if a == b:
        return [byte_difference(old.encode(), new.encode()) + ": ends of lines"]
    found = (
        [
            line
            for line in difflib.unified_diff(a, b, "OLD", "NEW", lineterm="", n=0)
            if not line.startswith(("---", "+++"))
        ]
        if len(a) + len(b) < 4000
        else long_difference(a, b)
    )
    minus = next((line for line in found if line.startswith("-")), "-")
    plus = next((line for line in found if line.startswith("+")), "+")
    start = max(
        0, first_difference(minus[1:], plus[1:]) - MOST_COLUMNS // 3
    )  # long lines from shortly before they part
    shown = [cut(line, start) for line in found[:MOST_LINES]]
    return shown + ([f"... {len(found) - MOST_LINES} lines more"] if len(found) > MOST_LINES else [])


def number_difference(old, new):
    """How far apart two texts' numbers are, where nothing else differs."""
    number = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
    a, b = number.findall(old), number.findall(new)
    return [in_words([*map(float, a)], [*map(float, b)])] if number.sub("", old) == number.sub("", new) and a else []


def long_difference(a, b):
    """Of many lines: the first that is not equal, without looking for the shortest edit."""
    at = first_difference(a, b)
    return [f"@@ line {at + 1} @@"] + ["-" + line for line in a[at : at + 1]] + ["+" + line for line in b[at : at + 1]]


def cut(line, start):
    if len(line) <= MOST_COLUMNS or line.startswith("@@"):
        return line
    text = line[1:]
    return (
        line[0]
        + ("..." if start else "")
        + text[start : start + MOST_COLUMNS]
        + ("..." if len(text) > start + MOST_COLUMNS else "")
    )


def numbers(data, kind):
    """Values of a run of bytes: F64, F32, F16, BF16, I64 ..."""
    if kind == "BF16":
        return [struct.unpack("<f", b"\0\0" + data[i : i + 2])[0] for i in range(0, len(data), 2)]
    letter = {"F64": "d", "F32": "f", "F16": "e", "I64": "q", "I32": "i", "U8": "B"}[kind]
    return list(struct.unpack(f"<{len(data) // struct.calcsize(letter)}{letter}", data))


def largest(old, new):
    """(largest absolute difference, how many differ, first place); beside a number, not-a-number is infinite."""
    worst, count, first = 0.0, 0, -1
    for i, (a, b) in enumerate(zip(old, new)):
        if a != b and not (a != a and b != b):
            distance = abs(a - b)
            worst, count, first = (
                max(worst, distance if distance == distance else float("inf")),
                count + 1,
                i if first < 0 else first,
            )
    return worst, count, first


def in_words(old, new):
    worst, count, first = largest(old, new)
    if not count:
        return "equal as numbers, not as bytes"
    where = f"first at {first}: {old[first]!r} and {new[first]!r}"
    return f"{count} of {len(old)} numbers differ, by at most {worst:.3g}; {where}"


def npy(data):
    if data[:6] != b"\x93NUMPY":
        raise ValueError
    length = struct.unpack("<H", data[8:10])[0]
    head = ast.literal_eval(data[10 : 10 + length].decode())
    return head, numbers(data[10 + length :], {"<f4": "F32", "<f8": "F64", "<f2": "F16"}[head["descr"]])


def npy_difference(old, new):
    (head_old, a), (head_new, b) = npy(old), npy(new)
    return [f"OLD is {head_old}, NEW {head_new}"] if head_old != head_new else [in_words(a, b)]


def safetensors(data):
    length = struct.unpack("<Q", data[:8])[0]
    if length > len(data):
        raise ValueError
    head = json.loads(data[8 : 8 + length])
    return head, {
        name: data[8 + length + entry["data_offsets"][0] : 8 + length + entry["data_offsets"][1]]
        for name, entry in head.items()
        if name != "__metadata__"
    }


def safetensors_difference(old, new):
    (head_old, a), (head_new, b) = safetensors(old), safetensors(new)
    if a.keys() != b.keys():
        return [f"tensors that one alone has: {', '.join(sorted(a.keys() ^ b.keys())[:6])}"]
    lines = []
    for name in a:
        kinds = [(head[name]["dtype"], head[name]["shape"]) for head in (head_old, head_new)]
        if kinds[0] != kinds[1]:
            lines.append(f"{name}: OLD is {kinds[0]}, NEW {kinds[1]}")
        elif a[name] != b[name]:
            lines.append(f"{name}: {in_words(numbers(a[name], kinds[0][0]), numbers(b[name], kinds[0][0]))}")
    return (lines or ["heads: " + byte_difference(old, new)])[:MOST_LINES]
