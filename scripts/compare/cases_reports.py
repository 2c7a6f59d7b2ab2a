"""Cases: help and usage, reports, phrases, questions; with the demo model and with every system that writes."""

COMMANDS = [
    "report",
    "ground",
    "chat",
    "embed",
    "classify",
    "search index",
    "search query",
    "label",
    "eval reports",
    "eval phantoms",
    "eval labels",
    "eval ratings",
    "eval embeddings",
    "eval drift",
    "curate",
    "phantom",
    "train",
    "convert",
    "verify",
    "serve",
    "bench",
    "info",
    "options",
]


def help_and_usage(add):
    add(
        "help",
        """
        --help
        (nothing)
        eval
    """,
    )
    for command in COMMANDS:
        add(f"help {command}", f"{command} --help")
    add("options page", "options")
    add(
        "usage",
        """
        reprot x.png
        report FILM --fromat json
        report
        report none.png
        report FILM FILM
        report FILM --format xml
        report FILM --top-p 2
        report FILM --temperature warm
        report FILM --model none
        report FILM --adapter ''
        serve --hots 0.0.0.0
        serve --port 0 --tls-cert none.pem
        bench --shape lama-7b
        train none.toml
        info in/models/broken-demo
        report FILM --model in/models/broken-demo
        report FILM --threads -1
    """,
    )


def reports(add):
    add(
        "report text",
        """
        report FILM
        report FILM --quiet --threads 2
    """,
    )
    add(
        "report json",
        """
        report FILM --format json
        report DICOM --format json --quiet -o out.json
    """,
    )
    add("report azure", "report FILM --format azure")
    add(
        "report log-json and verbose",
        """
        report FILM --log-json
        report FILM --verbose
    """,
    )
    add(
        "report all views",
        """
        report FILM --lateral LATERAL --prior PRIOR --prior-report 'There is a small left pleural effusion.' \
            --indication Cough. --technique 'PA and lateral.' --comparison 'A year ago.' --format json
        report FILM --prior PRIOR --format json
        report FILM --lateral LATERAL --format azure
    """,
    )
    add(
        "report tasks",
        """
        report FILM --task findings --format json
        report FILM --task findings
        report FILM --task phrase
        report FILM --task question
        report FILM --task gronded
    """,
    )
    add(
        "report limits",
        f"""
        report FILM --max-new-tokens 9 --format json
        report FILM --max-new-tokens 9 --strict
        report FILM --max-new-tokens 5000
        report FILM --indication '{"Cough. " * 900}'
    """,
    )
    add(
        "report sampled",
        """
        report FILM --temperature 1.3 --top-p 0.9 --top-k 40 --seed 7 --format json
        report FILM --temperature 2.5 --seed 8
        report FILM --published-sampling --seed 9
        report in/png/studies.jsonl --temperature 1.5 --seed 10 -o rows.jsonl
    """,
    )
    add("report blank image", "report FILM --blank-image --format json")
    add(
        "report overlay",
        """
        report FILM --overlay boxes.png
        report FILM --overlay truth.png --truth STUDIES -o text.txt
        report DICOM --overlay dicom.png --format json
    """,
    )
    add(
        "report manifest",
        """
        report STUDIES -o rows.jsonl
        report STUDIES --format json --quiet
        report GONE -o gone.jsonl
        report STUDIES --task findings --indication Fever.
    """,
    )
    add(
        "report folder",
        """
        report in/png/images -o rows.jsonl
        report in/dicom/images
    """,
    )
    add("report many", "report MANY -o rows.jsonl --threads 2")
    add(
        "report resume",
        """
        report STUDIES -o rows.jsonl
        @keep rows.jsonl 2
        report STUDIES -o rows.jsonl --resume
        report STUDIES -o rows.jsonl
        report GONE -o rows.jsonl --resume
    """,
    )
    add(
        "report without views",
        """
        report STUDIES --without lateral
        report STUDIES --without prior --without lateral
    """,
    )
    add(
        "report complete",
        """
        report FORCED --complete
        report MANY --complete -o rows.jsonl
        report FILM --complete
    """,
    )
    add(
        "report fhir",
        """
        report FILM --format fhir
        report DICOM --format fhir --allow-demo -o one.json
        report GONE --format fhir --allow-demo -o all.ndjson
        report GONE --format fhir --allow-demo -o all.ndjson --resume
    """,
    )
    add(
        "report dicom-sr",
        """
        report DICOM --format dicom-sr --allow-demo -o one.dcm
        report FILM --format dicom-sr --allow-demo -o x.dcm
        report DICOM --lateral in/dicom/images/p000001_l.dcm --prior in/dicom/images/p000001_pf.dcm \
            --format dicom-sr --sr-class comprehensive --allow-demo -o all.dcm
        report in/dicom/studies.jsonl --format dicom-sr --allow-demo -o srs
        report in/dicom/studies.jsonl --format dicom-sr --allow-demo
    """,
    )
    add(
        "report mismatch",
        """
        report DICOM --prior in/dicom/images/p000000_pf.dcm
        report DICOM --lateral in/dicom/images/p000003_l.dcm
        report DICOM --prior in/dicom/images/p000000_pf.dcm --allow-mismatch --format json
    """,
    )
    add(
        "report bad input",
        """
        report testdata/models/README.md
        report in/even.png
        report in/png/torn.jsonl
        report testdata/fuzz
        report STUDIES --lateral LATERAL
        report STUDIES --overlay x.png
        report STUDIES --format azure
        report FILM --truth MANY
        report FILM --lateral none.png
        report FILM -o no/such/folder.txt
        report FILM --indication @none.txt
    """,
    )
    add(
        "report odd pictures",
        """
        report in/odd.png --format json
        report testdata/image/dicom -o rows.jsonl
    """,
    )


def ground_and_chat(add):
    add(
        "ground phrase",
        """
        ground FILM --phrase 'The heart size is normal.'
        ground FILM --phrase 'pleural effusion' --format json
        ground DICOM --phrase 'A nodule in the right upper lobe.' --overlay box.png --format json -o out.json
    """,
    )
    add(
        "ground complete",
        """
        ground FORCED --complete
        ground FORCED --complete -o rows.jsonl
        @keep rows.jsonl 1
        ground FORCED --complete -o rows.jsonl --resume
    """,
    )
    add(
        "ground bad input",
        """
        ground FILM
        ground FILM --complete
        ground STUDIES --phrase x
        ground FORCED --complete --phrase x
    """,
    )
    add(
        "chat",
        """
        chat FILM --ask 'Is the heart large?'
        chat FILM --ask 'Is the heart large?' --ask 'Is there a pleural effusion?' --format json
        chat FILM --lateral LATERAL --prior PRIOR --indication Cough. --ask 'Is there a nodule?' --format json
    """,
    )
    add(
        "chat manifest",
        """
        chat STUDIES --ask 'Is there a pleural effusion?' --ask 'Where?' -o rows.jsonl
        @keep rows.jsonl 1
        chat STUDIES --ask 'Is there a pleural effusion?' --ask 'Where?' -o rows.jsonl --resume
        chat testdata/image/dicom --ask 'What is seen?' --batch 2 --quiet
        chat STUDIES
        chat STUDIES --ask x --lateral LATERAL
    """,
    )
    add(
        "chat stdin",
        r"""
        @stdin 'Is the heart large?\n\nIs there an effusion?\n' chat FILM --format json
        @stdin 'Is there a nodule?' chat FILM
    """,
    )
    add(
        "chat sampled",
        """
        chat FILM --ask 'Is there a pleural effusion?' --ask 'Where?' --temperature 1.8 --top-k 30 --seed 5 \
            --format json
        chat FILM --ask 'Is the heart large?' --max-new-tokens 3 --format json
    """,
    )
    add(
        "chat bad input",
        f"""
        chat none.png --ask x
        chat FILM --ask '{"word " * 1500}'
        chat FILM --ask ''
    """,
    )


def systems(add):
    """Every system that writes reports, random weights in its published form: what it says must stay the same noise."""
    for name, tasks in (
        ("xraygpt", ["question", "trained-question"]),
        ("xraygpt-paper", ["question"]),
        ("cxr-llava", ["ddx", "labels"]),
        ("maira-2", ["findings", "phrase"]),
        ("cxrreportgen", ["findings"]),
    ):
        model = f"in/models/{name}"
        add(f"{name} info", f"info {model}")
        add(
            f"{name} report",
            f"""
            report FILM --model {model} --format json --max-new-tokens 40
            report FILM --model {model} --strict --max-new-tokens 40
            report STUDIES --model {model} --max-new-tokens 24 -o rows.jsonl
            report FILM --model {model} --format json --max-new-tokens 24 --published-sampling --seed 3
        """
            + "".join(
                f"report FILM --model {model} --format json --max-new-tokens 24 --task {task}\n" for task in tasks
            ),
        )
        add(
            f"{name} chat",
            f"""
            chat FILM --model {model} --ask 'Is the heart large?' --ask 'And the lungs?' --max-new-tokens 12 \
                --format json
            chat FILM --model {model} --ask 'Is there an effusion?' --max-new-tokens 12 --published-sampling --seed 4
        """,
        )
        add(
            f"{name} other commands",
            f"""
            ground FILM --model {model} --phrase 'pleural effusion' --format json --max-new-tokens 24
            ground FORCED --model {model} --complete --max-new-tokens 24
            embed FILM --model {model}
            report FILM --model {model} --task nothing
            report FILM --model {model} --lateral LATERAL --prior PRIOR --format json --max-new-tokens 16
        """,
        )
    lora = "testdata/models/lora/cxr-llava"
    add(
        "lora",
        f"""
        info in/models/cxr-llava --adapter {lora}
        report FILM --model in/models/cxr-llava --adapter {lora} --format json --max-new-tokens 30
        chat FILM --model in/models/cxr-llava --adapter {lora} --ask 'Is the heart large?' --max-new-tokens 12
        info in/models/cxr-llava --adapter testdata/models/lora/maira2-f16
        info --model {lora}
        verify testdata/models/rad-dino testdata/models/rad-dino/reference.safetensors --adapter {lora}
    """,
    )
