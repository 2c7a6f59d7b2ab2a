"""Cases: embeddings, zero-shot scores and search."""


def embeddings(add):
    add(
        "embed jsonl",
        """
        embed FILM DICOM in/odd.png
        embed STUDIES -o rows.jsonl
        embed in/dicom/images --quiet
    """,
    )
    add(
        "embed npy",
        """
        embed MANY --format npy -o e.npy
        embed GONE --format npy -o gone.npy
        embed FILM --format npy
    """,
    )
    add(
        "embed resume",
        """
        embed GONE -o rows.jsonl
        @keep rows.jsonl 1
        embed GONE -o rows.jsonl --resume
        embed STUDIES --format npy -o e.npy
        embed STUDIES --format npy -o e.npy --resume
        embed GONE --model in/models/biomedclip -o rows.jsonl --resume
    """,
    )
    add(
        "embed bad input",
        """
        embed --text 'chest x-ray'
        embed
        embed none.png
        embed FILM --preprocess azure
    """,
    )
    for name in ("biomedclip", "medclip", "medimageinsight"):
        model = f"in/models/{name}"
        texts = ("AB  ca", "a b") if name == "medimageinsight" else ("chest mass", "edema")
        add(
            f"{name} embed",
            f"""
            embed FILM DICOM in/odd.png --model {model}
            embed --text '{texts[0]}' --text '{texts[1]}' --model {model}
            embed STUDIES --model {model} --format npy -o e.npy
            embed FILM --preprocess azure --model {model}
        """,
        )
        add(
            f"{name} classify",
            f"""
            classify STUDIES --model {model} --labels '{",".join(texts)}' --template '{{}} a' \
                --save-head head.safetensors
            classify FILM --model {model} --head head.safetensors
            classify FILM --model {model} --labels '{texts[0]}' --negative 'no {{}}'
            classify FILM DICOM --model {model} --labels '{",".join(texts)}' --template '{{}}' --template 'a {{}}' \
                -o rows.jsonl
        """,
        )
    for name in ("rad-dino", "cxr-llava-encoder"):
        add(
            f"{name} embed",
            f"""
            embed FILM DICOM in/odd.png --model testdata/models/{name}
            embed --text x --model testdata/models/{name}
            embed STUDIES --model testdata/models/{name} --format npy -o e.npy
        """,
        )
    add(
        "classify bad input",
        """
        classify FILM --labels Edema,Mass
        classify FILM
        classify FILM --head none.safetensors
        classify FILM --adapter testdata/models/rad-dino
        classify FILM --model in/models/biomedclip --labels ''
    """,
    )
    add(
        "search",
        """
        search index STUDIES --index films.db
        search index STUDIES --index films.db
        search index in/dicom/images --index films.db --resume
        search query FILM --index films.db --top 3
        search query DICOM --index films.db -o hits.jsonl
        search query FILM --index none.db
    """,
    )
    add(
        "search graph and text",
        """
        search index MANY --index g.db --graph-above 10 --store f16
        search query FILM --index g.db
        search query FILM --index g.db --exact
        search index STUDIES --model in/models/biomedclip --index clip.db
        search query --text 'chest mass' --model in/models/biomedclip --index clip.db
        search query --text x --index g.db
    """,
    )
