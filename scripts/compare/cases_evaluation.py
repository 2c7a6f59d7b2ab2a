"""Cases: labels and evaluation."""


def evaluation(add):
    pred, other, studies = "in/tables/pred.jsonl", "in/tables/other.jsonl", "in/tables/studies.jsonl"
    add(
        "label",
        f"""
        label in/tables/reports.csv
        label {studies} -o labels.csv
        label {pred}
        label none.csv
    """,
    )
    add(
        "label chexbert",
        """
        label in/tables/reports.csv --chexbert testdata/models/chexbert
        label in/tables/reports.csv --chexbert testdata/models/maira2
    """,
    )
    add(
        "eval reports",
        f"""
        eval reports {pred} {studies} --bootstrap 50 --by sex --plot bars.png --json scores.json
        eval reports {pred} {studies} --bootstrap 50 --by age --by-patient --seed 3
        eval reports {pred} {studies} --bootstrap 20 --published maira-2
        eval reports {pred} {studies} --against {other} --bootstrap 50 --json pairs.json --plot pairs.png
        eval reports {pred} {studies} --uncertain drop --bootstrap 20
        eval reports {pred} {studies} --uncertain positive --bootstrap 0
    """,
    )
    add(
        "eval reports by models",
        f"""
        eval reports {pred} {studies} --chexbert testdata/models/chexbert --bootstrap 20 --json chexbert.json
        eval reports {pred} {studies} --radgraph testdata/models/radgraph --bootstrap 20 --json radgraph.json
        eval reports {pred} {studies} --chexbert testdata/models/chexbert --radgraph testdata/models/radgraph \
            --against {other} --bootstrap 20
        eval reports {pred} {studies} --radgraph testdata/models/maira2 --bootstrap 10
    """,
    )
    add(
        "eval reports bad input",
        f"""
        eval reports in/tables/bad.jsonl {studies} --bootstrap 20
        eval reports in/tables/bad.jsonl {studies} --strict
        eval reports {pred} none.jsonl
        eval reports {pred} {studies} --by colour
        eval reports {pred} {studies} --radfact-verdicts {pred}
    """,
    )
    add(
        "eval reports of phantoms",
        """
        eval reports in/many/pred.jsonl MANY --bootstrap 50 --json scores.json --plot bars.png
        eval reports in/many/completed.jsonl MANY --completion --bootstrap 50 --json completion.json
    """,
    )
    add(
        "eval phantoms",
        "eval phantoms in/many/pred.jsonl in/many/truth.jsonl --bootstrap 50 --json scores.json --plot contrast.png",
    )
    add(
        "eval labels",
        """
        eval labels in/tables/scores.csv in/tables/labels.csv --bootstrap 50 --plot roc.png --json scores.json
        eval labels in/tables/scores.csv in/tables/labels.csv --uncertain drop --threshold 0.3 \
            --labels Edema --bootstrap 20
        eval labels in/tables/scores.csv in/tables/labels.csv --min-cases 12 --bootstrap 20 --seed 2
        eval labels in/tables/values.csv in/tables/measured.csv --target age --bootstrap 20
        eval labels in/tables/values.csv in/tables/labels.csv --strict
    """,
    )
    add(
        "eval ratings",
        f"""
        eval ratings in/tables/ratings.csv --bootstrap 50 --json scores.json
        eval ratings in/tables/ratings.csv --accept 1 --bootstrap 20
        eval ratings --draw {studies} --pred {pred} --each 2 -o draw --seed 4
        eval ratings draw/RATINGS.csv
        eval ratings --draw {studies} --pred {pred} --each 2 -o draw
    """,
    )
    add(
        "eval embeddings",
        """
        eval embeddings MANY in/many/e.npy --bootstrap 50 --json scores.json
        eval embeddings MANY in/many/e.npy --k 2,4 --other-patients
        eval embeddings STUDIES in/clip_images.npy --texts in/clip_texts.npy --queries in/clip_queries.npy \
            --labels 'Pleural Effusion,Cardiomegaly' --bootstrap 20
        eval embeddings STUDIES in/many/e.npy
    """,
    )
    add(
        "eval drift",
        """
        eval drift models/demo in/models/demo-bf16 STUDIES --bootstrap 50 --json drift.json
        eval drift models/demo in/models/demo-bf16 FILM --task findings --max-new-tokens 20 --bootstrap 20
        eval drift models/demo in/models/maira-2 FILM --bootstrap 10
        eval drift models/demo models/demo GONE --bootstrap 10
    """,
    )
