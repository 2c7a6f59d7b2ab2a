"""What the cases read, made once and read by both sides: phantoms, models, manifests, tables.
OLD makes what only Hilum can make."""
import json
import pathlib
import shutil

from dataset_files import grey_png
from sides import ROOT, copy_tree

# A small MAIRA-2 and CXRReportGen with random weights and made-up tokenizers that know every token of their prompts.
VISION = """[config.vision_config]
model_type = "dinov2"
image_size = 56
patch_size = 14
hidden_size = 32
num_hidden_layers = 2
num_attention_heads = 2
mlp_ratio = 2
out_features = ["stage2"]
out_indices = [2]
apply_layernorm = true
reshape_hidden_states = false
"""
TEXT = """[config.text_config]
model_type = "{kind}"
vocab_size = 800
hidden_size = 48
intermediate_size = 64
num_hidden_layers = 2
num_attention_heads = 4
num_key_value_heads = 4
max_position_embeddings = 2048
{more}
[tokenizer]
pieces = 560
added = [["<obj>"], ["</obj>"], ["<x{{}}>", 100], ["<y{{}}>", 100], ["<box>"], ["</box>"], ["<image>"]{images}]
"""
MAIRA = (
    """preset = "maira-2"
[config]
image_token_index = 764
projector_hidden_act = "gelu"
projector_n_layers = 4
vision_feature_layer = -1
vision_feature_select_strategy = "default"
"""
    + TEXT.format(kind="llama", more="rms_norm_eps = 1e-5", images=', ["<prev_im>"], ["<lat_image>"]')
    + VISION
    + """
[preprocessor]
size = { shortest_edge = 56 }
crop_size = { height = 56, width = 56 }
resample = 3
rescale_factor = 0.00392156862745098
image_mean = [0.5307, 0.5307, 0.5307]
image_std = [0.2583, 0.2583, 0.2583]
"""
)
REPORTGEN = (
    """preset = "cxrreportgen"
[config]
image_token_index = 764
projector_n_layers = 4
"""
    + TEXT.format(kind="phi3", more="sliding_window = 40", images="")
    + """
[config.vision_config]
image_size = 32
patch_size = 8
embed_dim = 32
depth = 2
num_heads = 4
mlp_ratio = 2
"""
)

SENTENCES = [
    "The lungs are clear.",
    "There is a small left pleural effusion.",
    "The heart is enlarged.",
    "No pneumothorax is seen.",
    "There is a nodule in the right upper lobe.",
    "Mild edema, increased since the prior study.",
]


def words(first, count):
    return "\n".join(first + [f"word{i}" for i in range(len(first), count)]) + "\n"


def clip_bpe(folder, size):
    pieces = ["a", "b", "c", "a</w>", "b</w>", "c</w>", "ab</w>", "ca"]
    pieces += [f"piece{i}" for i in range(len(pieces), size - 2)] + ["<|startoftext|>", "<|endoftext|>"]
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps({piece: i for i, piece in enumerate(pieces)}))
    (folder / "merges.txt").write_text("#version: 0.2\na b</w>\nc a\n")


def make_models(folder, hilum):
    """Every system whose fixture lacks what a published folder has: tokenizers, mostly."""
    fixtures = ROOT / "testdata" / "models"
    folder.mkdir()
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "chest", "x", "-", "ray", "edema", "mass"]
    for name in ("biomedclip", "medclip"):
        copy_tree(fixtures / name, folder / name)
        (folder / name / "vocab.txt").write_text(words(special, 90))
    package = folder / "medimageinsight"  # as published: an MLflow package
    inside = package / "artifacts" / "checkpoints"
    (inside / "vision_model").mkdir(parents=True)
    (package / "MLmodel").write_text("flavors: {}\n")
    (inside / "config.yaml").write_text("LANG_ENCODER: {}\n")
    shutil.copyfile(
        fixtures / "medimageinsight" / "model.safetensors", inside / "vision_model" / "medimageinsigt-v1.0.0.pt"
    )
    shutil.copyfile(fixtures / "medimageinsight" / "hilum.toml", inside / "hilum.toml")
    clip_bpe(inside / "language_model" / "clip_tokenizer_4.16.2", 80)
    for name in ("xraygpt", "xraygpt-paper", "cxr-llava"):
        copy_tree(fixtures / name, folder / name)
        toml = folder / name / "hilum.toml"  # the small tokenizer cuts the prompts into many pieces
        toml.write_text(
            (toml.read_text() if toml.exists() else f'preset = "{name}"\n') + "[language]\ncontext = 2048\n"
        )
    shutil.copyfile(ROOT / "testdata" / "text" / "sentencepiece.model", folder / "cxr-llava" / "tokenizer.model")
    for name, shape in (("maira-2", MAIRA), ("cxrreportgen", REPORTGEN)):
        (folder / f"{name}.toml").write_text(shape)
        hilum("bench", "--shape", folder / f"{name}.toml", "--write", folder / name)
    copy_tree(ROOT / "models" / "demo", folder / "broken-demo")
    with open(folder / "broken-demo" / "model.safetensors", "r+b") as file:
        file.truncate(100_000)


def make_tables(folder):
    """References and predictions with known words, ratings, label tables, verdicts, reports to label."""
    folder.mkdir()
    rows = [
        {
            "study_id": f"s{i}",
            "patient_id": f"p{i // 2}",
            "sex": "FM"[i % 2],
            "age_months": 300 + 90 * i,
            "images": [{"path": f"s{i}.png", "view": "frontal"}],
            "report": f"{SENTENCES[i % 6]} {SENTENCES[(i + 1) % 6]}",
            "impression": SENTENCES[i % 6],
            "findings": [
                {"text": SENTENCES[i % 6], "boxes": [[0.1, 0.2, 0.3 + 0.02 * i, 0.5]]},
                {"text": SENTENCES[(i + 1) % 6], "boxes": None},
                {"text": "The mediastinum is not widened and the bones are intact.", "boxes": None},
            ],
            "classes": {"set": "x", "names": [f"c{i % 3}"]},
            "targets": {"bone_age_months": 20.5 + 7 * i},
        }
        for i in range(12)
    ]
    for row in rows[::4]:                         # normal ones, which readers are given as many of
        row["report"] = row["impression"] = "The lungs are clear. No acute cardiopulmonary process."
        row["findings"] = [{"text": "The lungs are clear. No pleural effusion or pneumothorax is seen.", "boxes": None}]
    write_lines(folder / "studies.jsonl", rows)
    write_lines(
        folder / "pred.jsonl",
        [
            {
                "study_id": row["study_id"],
                "report": f"{SENTENCES[(i * 5) % 6]} {SENTENCES[(i + 1) % 6]}",
                "findings": [
                    {"text": SENTENCES[(i * 5) % 6], "boxes": [[0.12, 0.2, 0.4, 0.45]]},
                    {"text": SENTENCES[(i + 1) % 6], "boxes": None},
                ],
            }
            for i, row in enumerate(rows)
        ],
    )
    write_lines(folder / "other.jsonl", [{"study_id": row["study_id"], "report": SENTENCES[0]} for row in rows])
    (folder / "bad.jsonl").write_text((folder / "pred.jsonl").read_text() + '{"study_id":"s99","report":\n')
    texts = "\n".join(f'"{a} {b}"' for a in SENTENCES for b in SENTENCES[::-1])
    (folder / "reports.csv").write_text(
        texts + '\n"Neither consolidation nor effusion. Possible pneumonia, cannot be excluded."\n'
    )
    names = ["Edema", "Cardiomegaly", "Pleural Effusion"]
    score = lambda i, j: (37 * i + 11 * j + i * i * (j + 1)) % 101 / 101
    table = (
        lambda cell: "id,"
        + ",".join(names)
        + "\n"
        + "".join(f"s{i}," + ",".join(cell(i, j) for j in range(3)) + "\n" for i in range(40))
    )
    (folder / "scores.csv").write_text(table(lambda i, j: f"{score(i, j):.4f}"))
    (folder / "labels.csv").write_text(table(lambda i, j: ["0", "1", "", "-1", "1", "0"][(i + 2 * j + i * j) % 6]))
    (folder / "values.csv").write_text("id,age\n" + "".join(f"s{i},{100 + 3 * i + i % 5}\n" for i in range(20)))
    (folder / "measured.csv").write_text("id,age\n" + "".join(f"s{i},{101 + 3 * i}\n" for i in range(20)))
    (folder / "ratings.csv").write_text(
        "study,source,rater,grade\n"
        + "".join(
            f"s{i},{source},r{r},{1 + (i * 7 + r * 3 + k * (i % 3)) % 4}\n"
            for i in range(12)
            for k, source in enumerate(("model", "original", "other"))
            for r in range(3)
        )
    )


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def make_manifests(folder):
    """Variants of the phantoms' manifest beside it: a picture that is gone, a study alone, findings to complete."""
    rows = [json.loads(line) for line in (folder / "studies.jsonl").read_text().splitlines()]
    gone = [dict(row) for row in rows[:3]]
    gone[1]["images"] = [{"path": "images/none.png", "view": "frontal"}]
    write_lines(folder / "gone.jsonl", gone)
    write_lines(
        folder / "forced.jsonl",
        [
            {
                "study_id": row["study_id"],
                "images": row["images"][:1],
                "findings": [
                    {"text": "A small left pleural effusion.", "boxes": None},
                    {"text": "The heart size is normal.", "boxes": None},
                ],
            }
            for row in rows[:2]
        ],
    )
    (folder / "torn.jsonl").write_text(json.dumps(rows[0]) + '\n{"study_id": "x", "images"\n')


def make(folder, old):
    """Everything under `folder`; `old` is the side whose binary makes what only Hilum can make."""
    folder.mkdir(parents=True)

    def hilum(*arguments):
        code, _, err = old.run(ROOT, [*map(str, arguments), "--threads", "2", "--quiet"])
        if code != "0":
            raise RuntimeError(
                f"OLD could not make an input: hilum {' '.join(map(str, arguments))}: exit code {code}: "
                + err.decode(errors="replace")[-800:]
            )

    hilum("phantom", "--count", 4, "--size", 320, "--seed", 507, "--lateral", "--prior", "-o", folder / "png")
    views = ["--lateral", "--prior"]              # the second study has both; the first a prior, the last a lateral
    hilum("phantom", "--count", 4, "--size", 256, "--seed", 507, *views, "--format", "dicom", "-o", folder / "dicom")
    hilum("phantom", "--count", 40, "--size", 128, "--seed", 78, "-o", folder / "many")
    make_manifests(folder / "png")
    make_models(folder / "models", hilum)
    make_tables(folder / "tables")
    (folder / "odd.png").write_bytes(grey_png(77, 61, lambda x, y: x * 5 + y * 3))
    (folder / "even.png").write_bytes(grey_png(64, 64, lambda x, y: 90))
    hilum("report", folder / "many" / "studies.jsonl", "-o", folder / "many" / "pred.jsonl")
    hilum("report", folder / "many" / "studies.jsonl", "--complete", "-o", folder / "many" / "completed.jsonl")
    hilum("embed", folder / "many" / "studies.jsonl", "--format", "npy", "-o", folder / "many" / "e.npy")
    rows = [json.loads(line) for line in (folder / "many" / "studies.jsonl").read_text().splitlines()]
    for i, row in enumerate(rows):
        row["targets"] = {"bone_age_months": 20.5 + 7 * (i * i % 23)}
    write_lines(folder / "many" / "aged.jsonl", rows)
    texts = [f"--text={SENTENCES[i % 6]}" for i in range(6)]
    clip = folder / "models" / "biomedclip"
    hilum(
        "embed", folder / "png" / "studies.jsonl", "--model", clip, "--format", "npy", "-o", folder / "clip_images.npy"
    )
    hilum("embed", *texts[:4], "--model", clip, "--format", "npy", "-o", folder / "clip_texts.npy")
    hilum("embed", *texts[:2], "--model", clip, "--format", "npy", "-o", folder / "clip_queries.npy")
    hilum("convert", "models/demo", "-o", folder / "models" / "demo-bf16", "--type", "bf16")
    hilum("search", "index", folder / "many" / "studies.jsonl", "--index", folder / "films.db")
    (folder / "keys").write_text("# of a test\nsecret\n")
    if (pathlib.Path(old.binary).parent / "libhilum_torch.so").exists():
        hilum(
            "train",
            "recipes/adapter-linear.toml",
            "--set",
            f"data.embeddings={folder / 'many' / 'e.npy'}",
            "--set",
            f"data.manifest={folder / 'many' / 'studies.jsonl'}",
            "--set",
            'data.names=["Pleural Effusion","Cardiomegaly"]',
            "--set",
            "optimizer.epochs=6",
            "-o",
            folder / "adapter",
        )


def pictures():
    """Real films beside the repository, where they are."""
    folder = ROOT.parent / "shared" / "data" / "images"
    return (
        sorted(path for pattern in ("*.png", "*.jpg", "dicom/*.dcm") for path in folder.glob(pattern))
        if folder.is_dir()
        else []
    )
