#!/usr/bin/env python3
"""The floor under Hilum's report labeler: CheXpert's phrases with plain windows of words, and nothing learned from OpenI.

    python3 scripts/golden/chexpert_prototype.py REPORTS_FOLDER            # checks itself, then scores of even and of odd uid
    python3 scripts/golden/chexpert_prototype.py REPORTS_FOLDER --json     # the scores as JSON
    python3 scripts/golden/chexpert_prototype.py REPORTS_FOLDER --write D  # D/{even,odd}_{reports,gold,floor}.csv for `hilum label` and `hilum eval labels`

REPORTS_FOLDER holds metric_fixtures.json, chexpert_labeler/{sample_reports,labeled_reports}.csv, chexpert_labeler/phrases/ and
openi/{indiana_reports,openi_gold_labels}.csv. Only counts are printed; --write puts report text into D. The rules stay as they are: they are what Hilum's are compared with.

The self-check: 56 of 56 cells of the published labeler's example, 16 single sentences, the label counts over OpenI's 3,826 reports with text; and the known
precision, recall and F1 of label 1 (not -1). Those were taken over hand-made labels of all 3,826, of which the file holds 3,059: no count may exceed what the
whole had. The scores then count -1 as positive, as the hand-made labels do.
"""
import argparse
import csv
import json
import pathlib
import re
import sys

LABELS = ["No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Lesion", "Lung Opacity", "Edema", "Consolidation", "Pneumonia", "Atelectasis",
          "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices"]
# The columns of the hand-made labels that say the same as one of ours.
GOLD = {"Atelectasis": ["Atelectasis"], "Cardiomegaly": ["Cardiomegaly"], "Pleural Effusion": ["Effusion"], "Lung Lesion": ["Mass", "Nodule"],
        "Pneumonia": ["Pneumonia"], "Pneumothorax": ["Pneumothorax"], "Consolidation": ["Consolidation"], "Edema": ["Edema"], "No Finding": ["normal"]}


def words(text):
    return frozenset(text.split())


CLAUSE = words("but however although though except yet whereas while which otherwise nevertheless ; apart aside")
BARRIER_LEFT = words("is are was were has have remain remains appear appears demonstrates shows with noted seen there which")
NEGATION = words("no without not nor never denies exclude cleared resolved")
NEGATION_PAIRS = ({(a, "of") for a in words("free clear clearing absence resolution disappearance removal drainage")} |
                  {("free", "from"), ("negative", "for"), ("rule", "out"), ("rules", "out"), ("rather", "than")})
NEUTRAL = words("heart size silhouette shadow contour contours configuration mediastinal mediastinum cardiomediastinal cardiomediastinum pericardial")
GONE = words("normal unremarkable absent resolved removed cleared excluded negative")
APPEAR = "remain remains remained {}appear appears appeared {}demonstrate demonstrates show shows"
BARRIER_RIGHT = words("is are was were be been has have had " + APPEAR.format("remaining ", "appearing ") +
                      " seen noted identified visualized present may might could would")
FINITE = words("is are was were has have had " + APPEAR.format("", ""))
LARGE = words("enlarged prominent large widened increased")
HEDGE_LEFT = words("possible possibly presumably probable questionable suspect suspected suspicious question may might could would maybe differential versus vs "
                   "favor consider")
HEDGE_PAIRS = {("suggestion", "of"), ("concern", "for"), ("concerning", "for"), ("suspicion", "for"), ("worrisome", "for"), ("secondary", "to")}
HEDGE_RIGHT = words("possible possibly suspected suspect questionable versus obscured poorly incompletely")
CONGESTED = {"indistinctness", "vascular congestion", "pulmonary congestion", "vascular prominence"}


def read_phrases(folder):
    """{label: [phrases]} of mentions and unmentions; an underscore stands for a blank."""
    def read(kind, label):
        file = folder / kind / (label.lower().replace(" ", "_") + ".txt")
        return [line.replace("_", " ") for line in file.read_text().splitlines() if line] if file.exists() else []
    mention = {label: read("mention", label) for label in LABELS}
    unmention = {label: read("unmention", label) for label in LABELS}
    for label in ("Enlarged Cardiomediastinum", "Cardiomegaly"):
        for phrase in mention[label]:
            if phrase in ("cardiomegaly", "cardiac enlargement"):
                continue
            bare = phrase.removeprefix("the ")
            unmention[label] += [place + part + bare for place in ("over the ", "overly the ", "in the ") for part in ("", "superior ", "left ", "right ")]
    return mention, unmention


def clean(text):
    text = re.sub(r"[^\x20-\x7e\s]", "", text.lower(), flags=re.ASCII).replace("and/or", "or")
    text = re.sub(r"(?<=[a-z])/(?=[a-z])", " or ", text).replace("..", ".").replace(".", ". ").replace(",", ", ")
    return re.sub(r"\.( +\.)+", ".", re.sub(r"\s+", " ", text)).strip()


def sentences(text):
    start = 0
    for stop in re.finditer(r"[.!?](?= )", text):
        token = text[text.rfind(" ", 0, stop.start()) + 1:stop.start()] if " " in text[start:stop.start()] else text[start:stop.start()]
        if token.isdigit() or token in ("dr", "mr", "mrs", "vs"):
            continue
        yield text[start:stop.end()].strip()
        start = stop.end()
    if text[start:].strip():
        yield text[start:].strip()


def spans(text, phrase):
    at = text.find(phrase)
    while at >= 0:
        yield at, at + len(phrase)
        at = text.find(phrase, at + 1)


class Mention:
    """Words of one sentence around the mention [first, last), cut to its clause: words outside read as empty."""

    def __init__(self, tokens, first, last):
        self.first, self.last = first, last
        begin, end = first, last
        while begin > 0 and tokens[begin - 1] not in CLAUSE:
            begin -= 1
        while end < len(tokens) and tokens[end] not in CLAUSE:
            end += 1
        self.begin, self.end, self.tokens = begin, end, tokens
        self.neutral = any(token in NEUTRAL for token in tokens[first:last])

    def at(self, i):
        return self.tokens[i] if self.begin <= i < self.end else ""

    def near(self, i, count):
        return [self.at(j) for j in range(i + 1, i + 1 + count)]

    def cannot_exclude(self):
        for i in range(self.begin, self.end):
            here, k = self.at(i), i + 1
            if here == "cannot" or (here == "can" and self.at(k) == "not"):
                k += here == "can"
                k += self.at(k) == "be"
                k += self.at(k) in ("entirely", "completely", "definitely", "totally")
                if self.at(k) in ("exclude", "excluded") or (self.at(k) in ("rule", "ruled") and self.at(k + 1) == "out"):
                    return True
            if here == "not" and any(self.at(j) == "excluded" or (self.at(j) == "ruled" and self.at(j + 1) == "out") for j in range(i + 1, i + 4)):
                return True
        return False

    def left(self):
        for i in range(self.first - 1, self.first - 15, -1):
            here = self.at(i)
            if here in ("normal", "unremarkable"):
                return 0 if self.first - i <= (7 if self.neutral else 3) else None
            if here in NEGATION or (here, self.at(i + 1)) in NEGATION_PAIRS:
                return -1 if here == "no" and "new" in self.near(i, 2) else 0
            if here in BARRIER_LEFT:
                return None
        return None

    def right(self):
        for i in range(self.last, self.last + 3):
            if self.at(i) in GONE:
                return 0
            if self.at(i) in BARRIER_RIGHT or self.at(i) in (",", "and", "with"):
                break
        for verb in range(self.last, self.last + (12 if self.neutral else 4)):
            if self.at(verb) in FINITE:
                return self.predicate(verb)
            if not self.neutral and self.at(verb) in (",", "and", "with", "or"):
                return None
        if self.neutral:
            for i in range(self.last, self.last + 10):
                if self.at(i) in LARGE:
                    return None
                if self.at(i) in GONE or (self.at(i) in ("within", "limits") and "normal" in self.near(i, 4)):
                    return 0
        return None

    def predicate(self, verb):
        for i in range(verb + 1, verb + 9):
            here = self.at(i)
            if here in (",", ""):
                return None
            if here in GONE or (here == "within" and "normal" in self.near(i, 4)):
                return 0
            if here in ("no", "not"):
                for j in range(i + 1, i + 4):
                    if self.at(j) in ("enlarged", "present", "evident", "longer"):
                        return 0
                    if self.at(j) in ("seen", "identified", "demonstrated"):
                        return -1 if "clearly" in self.near(i, j - i) else 0
                    if self.at(j) in ("visualized", "appreciated", "evaluated", "excluded"):
                        return -1
        return None

    def uncertain(self):
        if self.neutral:
            for i in [*range(self.first - 4, self.first), *range(self.last, self.last + 6)]:
                if self.at(i) in ("stable", "unchanged", "borderline") or (self.at(i) in ("no", "not", "without") and "change" in self.near(i, 4)):
                    return True
        for i in range(self.first - 10, self.first):
            if self.at(i) in HEDGE_LEFT or (self.at(i), self.at(i + 1)) in HEDGE_PAIRS:
                return True
        for i in range(self.last, self.last + 4):  # "X of three words or Y": a number or a comma is none of them
            if self.at(i) == "," or re.search(r"\d", self.at(i)):
                break
            if self.at(i) == "or":
                return True
        for i in range(self.first - 1, self.first - 4, -1):
            if self.at(i) == ",":
                break
            if self.at(i) == "or":
                return True
        for i in range(self.last, self.last + 6):
            if self.at(i) == ",":
                return False
            if self.at(i) in HEDGE_RIGHT:
                return True
            if self.at(i) == "not" and words("visualized evaluated seen assessed appreciated") & set(self.near(i, 3)):
                return True
            if self.at(i) in ("may", "might", "could", "would"):
                return bool(words("present appear appearance") & set(self.near(i, 4)))
        return False

    def label(self, phrase):
        if self.cannot_exclude():
            return -1
        for found in (self.left(), self.right()):
            if found is not None:
                return found
        return -1 if phrase in CONGESTED or self.uncertain() else 1


def aggregate(values):
    if not values:
        return None
    if {0, -1} <= values:
        return -1
    return 1 if 1 in values else min(values)


def label_report(text, phrases):
    mention, unmention = phrases
    found = {label: set() for label in LABELS}
    for sentence in sentences(clean(text)):
        tokens = [(match.start(), match.end(), match.group()) for match in re.finditer(r"[a-z0-9]+(?:['-]+[a-z0-9]+)*|\S", sentence)]
        texts = [token[2] for token in tokens]
        for label in LABELS:
            taken = [span for phrase in unmention[label] for span in spans(sentence, phrase)]
            for phrase in mention[label]:
                for begin, end in spans(sentence, phrase):
                    if any(a < end and begin < b for a, b in taken):
                        continue
                    touched = [i for i, token in enumerate(tokens) if token[0] < end and begin < token[1]]
                    value = Mention(texts, touched[0], touched[-1] + 1).label(phrase)
                    found[label].add(value)
                    if phrase in ("chf", "heart failure") and value:
                        found["Cardiomegaly"].add(-1)
    labels = {label: aggregate(found[label]) for label in LABELS[1:]}
    finding = any(found[label] & {1, -1} for label in LABELS if label != "Support Devices")
    return {"No Finding": None if finding else 1} | labels


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def read_openi(folder, phrases):
    """[(uid, labels of the text, hand-made labels or None, text)] of every report with text."""
    gold_header, *gold_rows = read_csv(folder / "openi_gold_labels.csv")
    gold = {}
    for row in gold_rows:
        cells = dict(zip(gold_header, row))
        gold[int(row[0].removeprefix("CXR"))] = {label: any(cells[column] == "1" for column in columns) for label, columns in GOLD.items()}
    header, *rows = read_csv(folder / "indiana_reports.csv")
    found = []
    for row in rows:
        cells = dict(zip(header, row))
        text = cells["findings"] + " " + cells["impression"]
        if text.strip():
            found.append((int(cells["uid"]), label_report(text, phrases), gold.get(int(cells["uid"])), text))
    return found


def score(rows, positive):
    """{label: [tp, fp, fn]} and the sum over labels; `positive` are the values that count as such."""
    counts = {label: [0, 0, 0] for label in GOLD}
    for _, labels, gold, _ in rows:
        for label in GOLD:
            said, true = labels[label] in positive, gold[label]
            if said or true:
                counts[label][0 if said and true else 1 if said else 2] += 1
    return counts | {"micro": [sum(column) for column in zip(*counts.values())]}


def ratios(tp, fp, fn):
    return tp / max(1, tp + fp), tp / max(1, tp + fn), 2 * tp / max(1, 2 * tp + fp + fn)


def check_example(folder, phrases):
    header, *expected = read_csv(folder / "chexpert_labeler" / "labeled_reports.csv")
    wrong = cells = 0
    for [report], row in zip(read_csv(folder / "chexpert_labeler" / "sample_reports.csv"), expected, strict=True):
        labels = label_report(report, phrases)
        for label, cell in list(zip(header, row))[1:]:
            cells += 1
            wrong += labels[label] != (float(cell) if cell else None)
    cases = json.loads((folder / "metric_fixtures.json").read_text())["chexpert_rules"]["cases"]
    sentences_right = sum({k: v for k, v in label_report(case["report"], phrases).items() if v is not None} == case["labels"] for case in cases)
    print(f"# published example: {cells - wrong} of {cells} cells; single sentences: {sentences_right} of {len(cases)}", file=sys.stderr)
    return not wrong and cells == 56 and sentences_right == len(cases) == 16


# What the rules give on all reports with text: how often 1, 0, -1; and precision, recall, F1 of label 1 against the hand-made labels.
COUNTS = {"No Finding": (1616, 0, 0), "Enlarged Cardiomediastinum": (91, 2092, 214), "Cardiomegaly": (402, 2069, 76), "Lung Lesion": (157, 186, 25),
          "Lung Opacity": (617, 903, 94), "Edema": (47, 283, 58), "Consolidation": (35, 1179, 7), "Pneumonia": (66, 177, 73), "Atelectasis": (220, 8, 155),
          "Pneumothorax": (22, 2597, 5), "Pleural Effusion": (124, 2723, 51), "Pleural Other": (40, 6, 23), "Fracture": (96, 88, 20),
          "Support Devices": (217, 82, 6)}
SCORES = {"Atelectasis": (.950, .663, .781), "Cardiomegaly": (.764, .890, .822), "Pleural Effusion": (.984, .797, .881), "Lung Lesion": (.611, .807, .696),
          "Pneumonia": (.515, .850, .642), "Pneumothorax": (.818, .818, .818), "Consolidation": (.800, .933, .862), "Edema": (.787, .881, .831),
          "No Finding": (.800, .955, .871)}


def counts_behind(label):
    """The counts (TP, FP, FN) that the table over all reports rounds from."""
    said = COUNTS[label][0]
    for true in range(1, said + 1):
        for gold in range(true, 2 * said):
            if all(abs(a - b) < .00051 for a, b in zip(ratios(true, said - true, gold - true), SCORES[label])):
                return true, said - true, gold - true
    return None


def check_openi(rows, gold_rows):
    right = len(rows) == 3826
    print(f"# OpenI: {len(rows)} reports with text, {len(gold_rows)} of them with hand-made labels at hand", file=sys.stderr)
    for label in LABELS:
        values = [labels[label] for _, labels, _, _ in rows]
        counts = tuple(values.count(value) for value in (1, 0, -1))
        if counts != COUNTS[label]:
            right = False
            print(f"# {label}: counts {counts}, expected {COUNTS[label]}", file=sys.stderr)
    print("# label 1 alone, reports at hand / all: TP FP FN, P R F1", file=sys.stderr)
    for label, counts in score(gold_rows, {1}).items():
        if label in SCORES:
            whole = counts_behind(label)
            right = right and whole is not None and all(a <= b for a, b in zip(counts, whole))
            print(f"# {label:18} {tuple(counts)} / {whole} {' '.join(f'{value:.3f}' for value in ratios(*counts))} / {SCORES[label]}", file=sys.stderr)
    return right


def write_tables(folder, name, rows):
    """One row a report, in the same order in each file: the text alone, the hand-made labels, the labels of these rules."""
    folder.mkdir(parents=True, exist_ok=True)
    tables = {"reports": [[" ".join(text.split())] for *_, text in rows],
              "gold": [["Reports", *GOLD], *([uid, *(int(gold[label]) for label in GOLD)] for uid, _, gold, _ in rows)],
              "floor": [["Reports", *LABELS], *([uid, *("" if labels[label] is None else labels[label] for label in LABELS)] for uid, labels, _, _ in rows)]}
    for table, lines in tables.items():
        with open(folder / f"{name}_{table}.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, metavar="REPORTS_FOLDER")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--write", type=pathlib.Path, metavar="FOLDER")
    options = parser.parse_args()
    phrases = read_phrases(options.folder / "chexpert_labeler" / "phrases")
    right = check_example(options.folder, phrases)
    rows = read_openi(options.folder / "openi", phrases)
    gold_rows = [row for row in rows if row[2] is not None]
    right = check_openi(rows, gold_rows) and right
    print(f"# as expected: {'yes' if right else 'NO'}", file=sys.stderr)
    scores = {}
    for parity, name in enumerate(("even", "odd")):
        part = [row for row in gold_rows if row[0] % 2 == parity]
        scores[name] = score(part, {1, -1})
        if options.write:
            write_tables(options.write, name, part)
        if not options.json:
            print(f"{name} uid, {len(part)} reports, -1 counts as positive\n{'label':18} {'TP':>5} {'FP':>5} {'FN':>5} {'P':>6} {'R':>6} {'F1':>6}")
            for label, counts in scores[name].items():
                print(f"{label:18} {counts[0]:5} {counts[1]:5} {counts[2]:5}" + "".join(f" {value:6.3f}" for value in ratios(*counts)))
    if options.json:
        print(json.dumps(scores, indent=1))
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
