"""Cases: checkpoints against reference dumps and converted, shapes, training."""
from sides import ROOT
from steps import NAMES


def checkpoints(add):
    fixtures = [
        path.name
        for path in sorted((ROOT / "testdata" / "models").iterdir())
        if (path / "reference.safetensors").exists()
    ]
    for name in fixtures:
        model = f"testdata/models/{name}"
        add(
            f"verify {name}",
            f"""
            verify {model} {model}/reference.safetensors --json rows.json
            verify {model} {model}/reference.safetensors --type bf16
            info {model}
        """,
        )
        add(
            f"convert {name}",
            f"""
            convert {model} -o bf16 --type bf16
            convert {model} -o f32 --type f32
            convert {model} -o f32
        """,
        )
    for name in ("cxr-llava", "maira2-f16", "phi3"):
        base, adapter = f"testdata/models/{name}", f"testdata/models/lora/{name}"
        add(f"verify lora {name}", f"verify {base} {adapter}/reference.safetensors --adapter {adapter}")
    add(
        "convert packages",
        """
        convert in/models/medimageinsight -o mi2
        convert in/models/xraygpt -o xraygpt --type f32
        convert in/models/biomedclip -o clip --type f32
    """,
    )
    add(
        "convert torch files",
        "".join(
            f"convert testdata/torch/{name} -o {name}\n"
            for name in ("flat.zip.pt", "flat.legacy.pth", "training.zip.pth", "nested.zip.pt", "zip64.pt")
        ),
    )
    hostile = sorted(path.name for path in (ROOT / "testdata" / "torch" / "hostile").iterdir())
    add("convert hostile files", "".join(f"convert testdata/torch/hostile/{name} -o out/{name}\n" for name in hostile))
    add(
        "info demo",
        """
        info
        info models/demo/config.json
    """,
    )
    tiny = "testdata/shapes/tiny-llava.toml"
    add(
        "bench writes",
        f"""
        bench --shape {tiny} --write random
        bench --shape {tiny} --write random
        info random
        report FILM --model random --max-new-tokens 8
        chat FILM --model random --ask 'Is the heart large?' --max-new-tokens 4 --verbose
    """,
    )
    add(
        "bench measures",
        f"""
        bench --shape {tiny} --prompt 24 --gen 8 --batch 2 --repeat 2 --json bench.json
        bench --model testdata/models/rad-dino --repeat 1
        bench --shape {tiny} --prompt 0 --gen 8
    """,
    )


# A recipe of the demo model that trains in a second: a tiny network on small phantoms.
DEMO_SETS = [
    "run.log_steps=1",
    "run.prefetch=4",
    "data.phantom_px=[96]",
    "tokenizer.vocabulary=700",
    "tokenizer.studies=60",
    "vision.image_px=80",
    "vision.width=32",
    "vision.depth=2",
    "vision.heads=2",
    "language.width=32",
    "language.depth=2",
    "language.heads=2",
    "language.kv_heads=2",
    "language.mlp_width=48",
    "feature_stats.studies=40",
    "feature_stats.held_out=8",
]


def set_all(values):
    return " ".join(f"--set '{value}'" for value in values)


def training(add):
    stages = [
        f"stage.{stage}.{value}"
        for stage in ("encoder", "whole", "changes", "even", "laterals", "hidden", "seldom")
        for value in ("steps=2", "batch=4", "micro_batch=2", "warmup_steps=1")
    ]
    demo = f"train recipes/demo.toml {set_all(DEMO_SETS + stages)}"
    add("train demo", f"""
        {demo} -o run
        report FILM --model run/model --max-new-tokens 20 --format json
    """)
    f32 = set_all(['run.products="f32"', "run.checkpoint_steps=1"])
    add("train demo f32", f"""
        {demo} {f32} -o run --seed 3
        {demo} {f32} -o run --resume
        {demo} --set data.phantom_seed=9000 --start-from run/model -o again
    """)
    files = set_all(["data.embeddings=in/many/e.npy", "run.threads=1"])
    names = set_all([f"data.manifest={NAMES['MANY']}", 'data.names=["Pleural Effusion","Cardiomegaly"]'])
    for kind, value in (
        ("linear", "optimizer.epochs=6"),
        ("mlp", "optimizer.epochs=3"),
        ("knn", "adapter.neighbours=5"),
    ):
        add(
            f"train adapter {kind}",
            f"""
            train recipes/adapter-{kind}.toml {files} {names} --set {value} -o adapter
            classify STUDIES --adapter adapter
        """,
        )
    add(
        "train adapter bone-age",
        f"""
        train recipes/adapter-bone-age.toml {files} --set data.manifest=in/many/aged.jsonl -o adapter
        classify FILM --adapter adapter
    """,
    )
    add(
        "train bad input",
        f"""
        train recipes/demo.toml --set stage.whole.bacth=7 -o x
        train recipes/demo.toml --resume --start-from models/demo -o x
        train recipes/adapter-linear.toml -o x
        train recipes/adapter-linear.toml --set data.embeddings=none.npy --set data.manifest={NAMES['MANY']} -o x
    """,
    )
