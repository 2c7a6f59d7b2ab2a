"""Cases: curation and phantoms, and the real data beside the repository."""
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import dataset_files
from inputs import pictures
from sides import ROOT


class Rewriter(BaseHTTPRequestHandler):
    """A language model that answers every chat with a text made of the question alone."""

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        size = len(json.dumps(asked["messages"]))
        text = f"The chest x-ray shows clear lungs, a heart of normal size and no effusion, {size} letters read."
        body = json.dumps(
            {
                "id": "x",
                "object": "chat.completion",
                "created": 1,
                "model": "m",
                "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2},
                "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def endpoint():
    """The port of a Rewriter, which runs as long as this program."""
    server = HTTPServer(("127.0.0.1", 0), Rewriter)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


def data_sets(add):
    for name in dataset_files.NAMES:
        more = "--reports set/reports" if name == "mimic-cxr" else ""
        add(
            f"curate {name}",
            f"""
            @data {name} set
            curate set --dataset {name} -o out {more}
            curate set --dataset {name} -o kept --keep-missing-images --split 0.6,0.2,0.2 --seed 5 {more}
        """,
        )
    start = "@copy in/tables/studies.jsonl studies.jsonl\n"
    curate = "curate studies.jsonl --dataset manifest --keep-missing-images"
    add(
        "curate rules",
        start
        + f"""
        {curate} -o x --rules xraygpt
        {curate} -o strict --rules xraygpt --mode strict
        {curate} -o m --rules maira --duplicates text
        {curate} -o c --rules cxr-llava --questions 2
        {curate} -o drawn --test-draw 3 --against STUDIES --against x/studies.jsonl
    """,
    )
    model = f"--rewrite http://127.0.0.1:{endpoint()}/v1 --rewrite-model m"
    add(
        "curate rewrite",
        start
        + f"""
        {curate} -o x --rules xraygpt {model}
        {curate} -o c --rules cxr-llava {model}
    """,
    )
    add(
        "curate equalised",
        """
        @data vindr set
        curate set --dataset vindr -o out --equalise
    """,
    )
    add(
        "curate bad input",
        """
        curate in/tables --dataset chexprt -o out
        curate in/tables --dataset csv -o out --rules xraygtp
        curate in/tables --dataset nih -o out
        curate none --dataset csv -o out
        curate in/tables/reports.csv --dataset csv -o out --rules xraygpt \
            --rewrite http://example.org/v1 --rewrite-model m
    """,
    )
    add(
        "phantom",
        """
        phantom --count 3 --size 128 --seed 77 --lateral --prior -o png --describe --plot contrast.png
        phantom --count 2 --size 160 --seed 9 -o png2 --threads 2
        phantom --describe --count 30 --seed 2
        phantom --count 0
    """,
    )
    add("phantom dicom", "phantom --count 2 --size 128 --seed 5 --format dicom --lateral --prior -o dicom")


def shared_data(add, skip):
    """Real films, real report text and field cases beside the repository."""
    shared = ROOT.parent / "shared"
    if films := [f"shared/{path.relative_to(shared)}" for path in pictures()]:
        add("films report", "".join(f"report {film} --format json --max-new-tokens 60\n" for film in films[::8]))
        add("films report folder", "report shared/data/images/dicom -o rows.jsonl")
        add("films embed", f"embed {' '.join(films[::3])} --format npy -o e.npy --threads 2")
    else:
        skip("the real films of ../shared/data/images")
    if (shared / "data" / "reports" / "openi").is_dir():
        add(
            "openi curate",
            """
            curate shared/data/reports/openi --dataset openi-csv -o csv --keep-missing-images --rules xraygpt
            curate shared/data/reports/openi --dataset openi -o xml --keep-missing-images --rules cxr-llava \
                --split 0.8,0.1,0.1
            label csv/studies.jsonl -o labels.csv
        """,
        )
    else:
        skip("the real reports of ../shared/data/reports/openi")
    if (shared / "data" / "reports" / "chexpert_test").is_dir():
        test = "shared/data/reports/chexpert_test"
        add(
            "chexpert labels",
            "".join(
                f"eval labels {test}/{name}.csv {test}/groundtruth.csv --bootstrap 20 --json {name}.json\n"
                for name in ("predictions_drnet", "radiologist_bc4", "labels_from_reports")
            ),
        )
        add("chexpert sample reports", "label shared/data/reports/chexpert_labeler/sample_reports.csv")
    else:
        skip("the labels of ../shared/data/reports/chexpert_test")
    if (shared / "cases").is_dir():
        field_cases(add, shared / "cases")
    else:
        skip("the field cases of ../shared/cases")


def field_cases(add, cases):
    for kind in ("dicom", "images"):
        files = [path.name for path in sorted((cases / kind).iterdir()) if path.suffix != ".npy"]
        add(
            f"field cases {kind}",
            "".join(f"report shared/cases/{kind}/{name} --format json --max-new-tokens 30\n" for name in files),
        )
    names = [path.name for path in sorted((cases / "dicom").glob("charset_*"))]
    add(
        "field cases names",
        "".join(
            f"report shared/cases/dicom/{name} --format {form} --allow-demo -o {form}-{name}\n"
            for name in names
            for form in ("dicom-sr", "fhir")
        ),
    )
    add(
        "field cases sets",
        """
        curate shared/cases/sets/vindr_scaled --dataset vindr -o vindr
        curate shared/cases/sets/covid_todo --dataset covid-chestxray -o covid
    """,
    )
    add(
        "field cases text",
        """
        label shared/cases/text/sentences.csv
        label shared/cases/text/two_columns.csv
    """,
    )
    for path in sorted((cases / "weights").iterdir()):

        def model_with_it(folder, path=path):
            for file in (ROOT / "models" / "demo").iterdir():
                if file.suffix in (".json", ".toml"):
                    (folder / file.name).write_bytes(file.read_bytes())
            (folder / "model.safetensors").write_bytes(path.read_bytes())

        add(f"field cases weights {path.stem}", [model_with_it, "info .", "report FILM --model ."])
