"""Field cases of reports, labels and data sets: rows(hilum) yields (name, right, detail).

Every kind is asked by its example and by siblings made here, so that what is mended is the kind. Run by itself it prints the rows and a count a kind:

    python3 tests/cases/data_cases.py build/release/hilum
"""
import csv
import io
import json
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

CASES = pathlib.Path(__file__).resolve().parents[2].parent / "shared" / "cases"

# Phrases of each observation that can stand in any list: singular with an article, and the bare noun.
THINGS = {
    "Pneumonia": "pneumonia", "Edema": "edema", "Pleural Effusion": "pleural effusion", "Atelectasis": "atelectasis", "Consolidation": "consolidation",
    "Pneumothorax": "pneumothorax", "Lung Lesion": "mass", "Fracture": "rib fracture", "Lung Opacity": "opacity", "Pleural Other": "pleural thickening",
    "Cardiomegaly": "cardiomegaly", "Support Devices": "catheter"}
DISEASES = ["Pneumonia", "Edema", "Pleural Effusion", "Atelectasis", "Pneumothorax", "Lung Lesion"]


def png(width, height):
    """A grey picture with a gradient."""
    rows = b"".join(b"\0" + bytes((x + y) % 256 for x in range(width)) for y in range(height))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def run(hilum, *arguments):
    return subprocess.run([str(hilum), *map(str, arguments)], capture_output=True, text=True, timeout=120)


def labels_of(hilum, folder, sentences):
    """[{label: 1, 0, -1 or None}] of sentences."""
    file = pathlib.Path(folder) / "sentences.csv"
    with open(file, "w", newline="", encoding="utf-8") as out:
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows([sentence] for sentence in sentences)
    result = run(hilum, "label", file)
    if result.returncode:
        raise RuntimeError(result.stderr)
    cells = csv.DictReader(io.StringIO(result.stdout))
    return [{name: int(float(cell)) if cell else None for name, cell in row.items() if name != "Reports"} for row in cells]


def late_doubt():
    for name, thing in THINGS.items():
        for tail in ("would be a consideration", "could be a consideration", "may be another consideration", "is also a consideration", "should be considered",
                     "is in the differential", "remains on the differential", "is also in the differential diagnosis"):
            yield f"Left {thing} {tail}.", {name: -1}
        for head in ("Correlate clinically for a", "Clinical correlation is recommended for", "Changes which can be compatible with",
                     "Changes which may be compatible with", "Consider"):
            yield f"{head} {thing}.", {name: -1}
    for count in range(2, len(DISEASES) + 1):
        names = DISEASES[:count]
        things = [f"a long and carefully described {THINGS[name]} at the left base" for name in names]
        for head in ("The differential includes", "Differential diagnosis including", "The differential for this appearance in a patient with fever includes",
                     "The differential, which is broad, would include"):
            yield f"{head} {', '.join(things[:-1])}, and {things[-1]}.", {name: -1 for name in names}
    yield "Left base opacity, pneumonia would be a consideration.", {"Lung Opacity": 1, "Pneumonia": -1}
    yield "There is a nodule and CT should be considered.", {"Lung Lesion": 1}


def resolved_lists():
    for count in (2, 3, 4):
        for first in range(len(DISEASES)):
            names = [DISEASES[(first + i) % len(DISEASES)] for i in range(count)]
            things = [THINGS[name] for name in names]
            lists = [f"The {', the '.join(things[:-1])} and the {things[-1]}", f"{', '.join(things[:-1])}, and {things[-1]}"]
            if count == 2:
                lists.append(f"Both the {things[0]} and the {things[1]}")
            for subject in lists:
                for tail in ("have cleared", "have all resolved", "are no longer seen", "are no longer present"):
                    yield f"{subject[0].upper()}{subject[1:]} {tail}.", {name: 0 for name in names}
    for a in DISEASES:
        for b in DISEASES:
            if a != b:
                yield f"The {THINGS[a]} persists and the {THINGS[b]} has cleared.", {a: 1, b: 0}
                yield f"The {THINGS[b]} has cleared and the {THINGS[a]} persists.", {a: 1, b: 0}


def neither_nor():
    for a, thing in THINGS.items():
        for b, other in THINGS.items():
            if a == b:
                continue
            yield f"Neither {thing} nor {other} is seen.", {a: 0, b: 0}
            yield f"There is neither {thing} nor {other}.", {a: 0, b: 0}
            yield f"Neither a {thing} nor an {other}.", {a: 0, b: 0}


def word_parts():
    for text in ("The outlines are sharp.", "Guidelines recommend follow-up.", "Supportive care.", "This supports the impression.", "Supported by pillows.",
                 "Endplate changes.", "The aorta is uncoiled."):
        yield text, {"Support Devices": None}
    for text in ("Lines and tubes in place.", "Two pacemakers.", "Pacemaker-defibrillator.", "PICCs.", "Support apparatus.", "Both valves are replaced."):
        yield text, {"Support Devices": 1}


def or_lists():
    for verb in ("may represent", "could reflect", "represents", "may be due to"):
        for a in DISEASES[:4]:
            for b in DISEASES[:4]:
                if a != b:
                    yield f"Opacity {verb} {THINGS[a]} or {THINGS[b]}.", {"Lung Opacity": 1, a: -1, b: -1}


def sentence_rows(hilum, folder):
    kinds = {"late doubt": late_doubt, "resolved lists": resolved_lists, "neither nor": neither_nor, "word parts": word_parts, "or lists": or_lists}
    if CASES.exists():
        rows = json.loads((CASES / "text" / "sentences.json").read_text())
        kinds["sentences.csv"] = lambda: ((row["sentence"], row["right"]) for row in rows)
    for kind, make in kinds.items():
        asked = list(make())
        for (sentence, right), got in zip(asked, labels_of(hilum, folder, [sentence for sentence, _ in asked])):
            wrong = {name: got[name] for name, label in right.items() if got[name] != label}
            yield f"{kind}: {sentence}", not wrong, f"got {wrong}, right is {right}" if wrong else ""


def table_rows(hilum, folder):
    """Columns by name; what cannot be told is refused."""
    effusion = "Large left effusion, small edema."
    tables = {"id, report": f'study_id,report\ns1,"{effusion}"\n', "report, id": f'REPORT,id\n"{effusion}",s1\n', "three columns": f'id,view,Report Text\n1,PA,"{effusion}"\n',
              "header alone": f'report\n"{effusion}"\n', "findings and impression": 'id,findings,impression\n1,Large left effusion.,Small edema.\n',
              "no header": f'"{effusion}"\n', "byte order mark": f'\ufeffreport\n"{effusion}"\n'}
    if CASES.exists():
        tables["two_columns.csv"] = (CASES / "text" / "two_columns.csv").read_text()
    for name, text in tables.items():
        file = pathlib.Path(folder) / "table.csv"
        file.write_text(text, encoding="utf-8")
        result = run(hilum, "label", file)
        rows = list(csv.DictReader(io.StringIO(result.stdout)))
        right = result.returncode == 0 and rows and rows[-1]["Pleural Effusion"] == "1.0" and rows[-1]["Edema"] == "1.0"
        yield f"report table: {name}", bool(right), "" if right else result.stderr + result.stdout
    refused = {"ids without a header": f's1,"{effusion}"\ns2,"Clear."\n', "two report columns": "report,text\na,b\n", "no report column": "id,age\n1,70\n",
               "another number of fields": "No edema.\nEdema, mild.\n"}
    for name, text in refused.items():
        file = pathlib.Path(folder) / "table.csv"
        file.write_text(text)
        result = run(hilum, "label", file)
        yield f"report table refused: {name}", result.returncode == 2 and "line" in result.stderr + "line" * ("columns" in result.stderr), result.stderr
    file = pathlib.Path(folder) / "film.png"
    file.write_bytes(png(8, 8))
    result = run(hilum, "label", file)
    yield "report table refused: a PNG", result.returncode == 2 and "PNG" in result.stderr, result.stderr


def curate(hilum, folder, dataset, files):
    """Studies by id and the lines of problems.csv of a little data set."""
    root, out = pathlib.Path(folder) / "set", pathlib.Path(folder) / "out"
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    result = run(hilum, "curate", root, "--dataset", dataset, "-o", out)
    lines = (out / "studies.jsonl").read_text().splitlines() if (out / "studies.jsonl").exists() else []
    problems = (out / "problems.csv").read_text() if (out / "problems.csv").exists() else ""
    return {study["study_id"]: study for study in map(json.loads, lines)}, problems, result


def boxes_of(study):
    return [box for finding in study.get("findings", []) for box in finding.get("boxes") or []]


def frame_rows(hilum):
    vindr = "image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max"
    small, large = "aaa,Nodule/Mass,8,R1,10.0,20.0,30.0,50.0", "aaa,Cardiomegaly,3,R1,800,1000,2000,1900"
    right = [10 / 2405, 20 / 2716, 30 / 2405, 50 / 2716]
    picture = {"train/aaa.png": png(64, 64)}
    nih = "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,a,b,c,d\n0_0.png,Mass,0,1,58,M,PA,1,1,1,1\n"
    ms = "category_name,label_text,path,x,y,w,h,image_width,image_height,dicom_id\n"
    asked = {
        "vindr, one box beyond": ("vindr", {"train.csv": f"{vindr}\n{small}\n{large}\n", **picture}, [], "another size"),
        "vindr, columns width and height": ("vindr", {"train.csv": f"{vindr},width,height\n{small},2405,2716\n", **picture}, [right], ""),
        "vindr, train_meta.csv": ("vindr", {"train.csv": f"{vindr}\n{small}\n", "train_meta.csv": "image_id,dim0,dim1\naaa,2716,2405\n", **picture}, [right], ""),
        "vindr, unscaled": ("vindr", {"train.csv": f"{vindr}\n{small}\n", "train/aaa.png": png(100, 200)}, [[.1, .1, .3, .25]], ""),
        "rsna, one box beyond": ("rsna-pneumonia", {"stage_2_train_labels.csv": "patientId,x,y,width,height,Target\na,1,2,3,4,1\na,1500,2,300,4,1\n",
                                                    "stage_2_train_images/a.png": png(8, 8)}, [], "another size"),
        "nih, one box beyond": ("nih", {"Data_Entry_2017_v2020.csv": nih, "images/0_0.png": png(8, 8), "BBox_List_2017.csv":
                                        "Image Index,Finding Label,Bbox [x,y,w,h],,,\n0_0.png,Mass,1,2,3,4,,,\n0_0.png,Mass,2000,2,300,4,,,\n"}, [], "another size"),
        "ms-cxr, one box beyond": ("ms-cxr", {"MS_CXR_Local_Alignment_v1.0.0.csv": f"{ms}Mass,a mass,p/d.jpg,1,2,3,4,100,50,d\nMass,a mass,p/d.jpg,300,2,3,4,100,50,d\n",
                                              "p/d.jpg": png(8, 8)}, [], "another size"),
        "padchest-gr, boxes in pixels": ("padchest-gr", {"grounded_reports_20240819.json": json.dumps([{"StudyID": "S", "ImageID": "a.png", "findings": [
            {"sentence_en": "Mass.", "boxes": [[.1, .2, .3, .4]]}, {"sentence_en": "Effusion.", "boxes": [[10, 20, 30, 40]]}]}]), "a.png": png(8, 8)}, [], "another size")}
    for name, (dataset, files, boxes, word) in asked.items():
        with tempfile.TemporaryDirectory() as folder:
            studies, problems, result = curate(hilum, folder, dataset, files)
            got = boxes_of(next(iter(studies.values()), {}))
            close = len(got) == len(boxes) and all(abs(a - b) < 1e-4 for one, other in zip(got, boxes) for a, b in zip(one, other))
            yield f"box frame: {name}", bool(studies) and close and word in problems, f"{got} {problems} {result.stderr}"


def placeholder_rows(hilum):
    covid = "patientid,finding,view,modality,folder,filename\n"
    for word in ("todo", "TODO", "Todo", "Unknown", "unknown", "N/A", "nan", "?", "-", "TBD", "not yet labeled"):
        sets = {"covid-chestxray": {"metadata.csv": f"{covid}1,{word},PA,X-ray,images,a.png\n2,Pneumonia,PA,X-ray,images,b.png\n", "images/a.png": png(8, 8),
                                    "images/b.png": png(8, 8)},
                "csv": {"x.csv": f"image,labels\na.png,{word}\nb.png,Pneumonia\n", "a.png": png(8, 8), "b.png": png(8, 8)}}
        for dataset, files in sets.items():
            with tempfile.TemporaryDirectory() as folder:
                studies, problems, result = curate(hilum, folder, dataset, files)
                names = sorted(name for study in studies.values() for name in study.get("classes", {}).get("names", []))
                yield f"placeholder: {dataset}, {word}", len(studies) == 2 and names == ["Pneumonia"] and word in problems, f"{names} {problems} {result.stderr}"


def rows(hilum):
    """(name, right, detail) for the sections "Reports and labels" and "Data sets"."""
    with tempfile.TemporaryDirectory() as folder:
        yield from sentence_rows(hilum, folder)
        yield from table_rows(hilum, folder)
    yield from frame_rows(hilum)
    yield from placeholder_rows(hilum)


def main():
    asked, wrong = {}, 0
    for name, right, detail in rows(pathlib.Path(sys.argv[1]).resolve()):
        kind = name.split(":")[0]
        total, good = asked.get(kind, (0, 0))
        asked[kind] = (total + 1, good + right)
        if not right:
            wrong += 1
            print(f"WRONG  {name}\n       {detail[:400]}")
    for kind, (total, good) in asked.items():
        print(f"{kind}: {good} of {total}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
