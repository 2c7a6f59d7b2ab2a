#include "cli/commands.h"

#include <algorithm>

#include "base/ascii.h"

namespace hilum {
namespace {

using Specs = std::vector<OptionSpec>;
constexpr OptionKind kFlag = OptionKind::kFlag, kText = OptionKind::kText, kInt = OptionKind::kInt,
                     kReal = OptionKind::kReal;

OptionSpec input(const char* name, const char* help, bool repeated = false, bool required = true) {
  return {.name = name, .kind = kText, .value = name, .help = help, .repeated = repeated, .required = required};
}
OptionSpec flag(const char* name, const char* help) { return {.name = name, .kind = kFlag, .help = help}; }
OptionSpec text(const char* name, const char* value, const char* help, const char* fallback = "") {
  return {.name = name, .kind = kText, .value = value, .help = help, .fallback = fallback};
}
OptionSpec choice(const char* name, const char* value, const char* help, std::vector<std::string> choices,
    const char* fallback = "") {
  return {
      .name = name, .kind = kText, .value = value, .help = help, .fallback = fallback, .choices = std::move(choices)};
}
OptionSpec number(const char* name, const char* help, const char* fallback, double min, double max) {
  return {.name = name, .kind = kInt, .value = "N", .help = help, .fallback = fallback, .min = min, .max = max};
}
OptionSpec real(const char* name, const char* value, const char* help, const char* fallback, double min, double max) {
  return {.name = name, .kind = kReal, .value = value, .help = help, .fallback = fallback, .min = min, .max = max};
}
OptionSpec many(OptionSpec spec) {
  spec.repeated = true;
  return spec;
}
OptionSpec needed(OptionSpec spec) {
  spec.required = true;
  return spec;
}

Specs operator+(Specs a, const Specs& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Every option may be set in the environment.
Specs settable(Specs specs) {
  for (OptionSpec& spec : specs) {
    spec.environment = "HILUM_SERVE_" + upper_ascii(spec.name.substr(2));
    std::replace(spec.environment.begin(), spec.environment.end(), '-', '_');
  }
  return specs;
}

Specs model_option() {
  OptionSpec model = text("--model", "PATH", "model directory", "(the demo model)");
  model.environment = "HILUM_MODEL";
  return {model};
}

Specs lora_option() {
  return {text("--adapter", "DIR", "LoRA adapter in PEFT's form, merged into the weights (docs/lora.md)")};
}

Specs embedder_options() {
  return model_option() +
         Specs{text("--preprocess", "WAY",
             "prepare pictures in another of the system's ways (MedImageInsight: azure, as its endpoint does)")};
}

Specs run_options() {
  return {number("--threads", "CPU threads, 0: all cores", "0", 0, 1024),
      choice("--device", "DEVICE", "where to compute", {"cpu", "cuda"}, "cpu"),
      number("--seed", "seed of sampling and of everything random", "0", 0, 9e15),
      flag("--quiet", "no progress and no notes on stderr"), flag("--log-json", "stderr as one JSON object a line")};
}

Specs sampling_options() {
  return {number("--max-new-tokens", "tokens written at most; 0: the task's own limit", "0", 0, 1 << 20),
      real("--temperature", "T", "sampling temperature; 0: greedy", "0", 0, 100),
      real("--top-p", "P", "sample within this probability mass", "1", 0, 1),
      number("--top-k", "sample among this many tokens; 0: all", "0", 0, 1 << 20),
      flag("--published-sampling", "the sampling settings published with the model"),
      flag("--blank-image", "ablation: the network sees an even grey instead of the pictures"),
      flag("--verbose", "say on stderr how long the start took, and what memory weights and key/value cache needed")};
}

OptionSpec batch_option(const char* help) { return number("--batch", help, "0", 0, 1024); }

Specs statistics_options() {
  return {number("--bootstrap", "resamples of the intervals", "1000", 1, 1e6),
      flag("--strict", "refuse rows that cannot be used, instead of leaving them out"),
      text("--json", "FILE", "write the numbers here")};
}

Specs section_options() {
  return {text("--indication", "TEXT", "why the study was made; @FILE reads it"),
      text("--technique", "TEXT", "views and technique; @FILE reads it"),
      text("--comparison", "TEXT", "what it is compared with; @FILE reads it")};
}

Specs output_options() {
  return {text("-o", "FILE", "write here instead of stdout"),
      text("--overlay", "OUT.png", "picture with the boxes drawn and the sentences beside it")};
}

}  // namespace

std::vector<Command> all_commands() {
  std::vector<Command> all;
  all.push_back({"report",
      "Writes a grounded report of a chest radiograph, a manifest of studies or a folder of images.",
      Specs{input("INPUT", "frontal image (PNG, JPEG, DICOM), STUDIES.jsonl, or a folder")} + model_option() +
          lora_option() +
          Specs{text("--lateral", "FILE", "lateral image of the same study"),
              text("--prior", "FILE", "frontal image of an earlier study"),
              text("--prior-report", "TEXT", "report of the earlier study; @FILE reads it")} +
          section_options() +
          Specs{text("--task", "TASK", "what to write; `hilum info` lists a model's tasks", "(the model's own)"),
              choice("--format", "FORM", "form of the result", {"text", "json", "azure", "fhir", "dicom-sr"}, "text"),
              choice("--sr-class", "CLASS",
                  "dicom-sr: the object's class; comprehensive for older viewers, and for storescu without -R",
                  {"comprehensive-3d", "comprehensive"}, "comprehensive-3d"),
              choice("--sr-layout", "LAYOUT",
                  "dicom-sr: where sentences without a box stand: as text, so that viewers open the document, or in "
                  "measurement groups",
                  {"viewer", "groups"}, "viewer")} +
          output_options() +
          Specs{
              text("--truth", "STUDIES.jsonl", "manifest whose boxes of the same image are drawn beside the model's")} +
          sampling_options() +
          Specs{
              many(choice("--without", "VIEW",
                  "ablation: a manifest's laterals, or priors with their reports, are left out", {"lateral", "prior"})),
              flag("--strict",
                  "an answer that breaks the grammar fails, as in the reference; else what is whole is kept and a "
                  "warning tells"),
              flag("--resume", "go on with a run over many studies that was stopped"),
              batch_option("studies of a manifest or folder that are worked on together; 0: by memory"),
              flag("--complete", "force the manifest's sentences, let the model write only their boxes"),
              flag("--allow-mismatch", "accept a prior or lateral of another patient, or a prior of later date"),
              flag("--allow-demo", "let the demo model write clinical forms (fhir, dicom-sr)")} +
          run_options(),
      run_report,
      "A manifest or folder gives one JSON report a line, in row order; a row that fails gives "
      "{\"study_id\",\"error\"} and exit code 3. "
      "A folder that holds a studies.jsonl is read as that manifest, and one whose images are named by a studies.jsonl "
      "beside it as those rows. Of any other, the DICOM files of one StudyInstanceUID are one study (its first frontal "
      "and first lateral; its prior is the frontal of the same PatientID's last study of an earlier StudyDate, which "
      "is "
      "reported too), each PNG or JPEG is one, named as the file alone is; what is not used is said. "
      "With --format fhir a line is a DiagnosticReport (NDJSON), or an OperationOutcome of a row that failed; with "
      "dicom-sr -o names a folder that gets a file a study, "
      "STUDY_ID.sr.dcm, and its narrative STUDY_ID.sr.text.dcm, and stdout a line "
      "{\"study_id\",\"file\",\"text_file\"} "
      "each. docs/results.md says what the forms hold."});
  all.push_back({"ground",
      "Finds where a phrase is seen in a frontal image, or completes the boxes of a manifest's sentences.",
      Specs{input("INPUT", "frontal image, or STUDIES.jsonl with --complete")} + model_option() + lora_option() +
          Specs{text("--phrase", "TEXT",
                    "the finding to locate, which the model does not reword: it writes boxes or none; @FILE reads it"),
              flag("--complete", "force each reference sentence and let the model write only its boxes"),
              choice("--format", "FORM", "form of the result", {"text", "json"}, "text")} +
          output_options() + sampling_options() +
          Specs{flag("--resume", "go on with a run over many studies that was stopped"),
              batch_option("studies of a manifest that are worked on together; 0: by memory"),
              flag("--allow-mismatch", "accept images of different patients")} +
          run_options(),
      run_ground, ""});
  all.push_back({"chat", "Talks about a radiograph.",
      Specs{input("FRONTAL", "image (PNG, JPEG, DICOM), or with --ask STUDIES.jsonl or a folder")} + model_option() +
          lora_option() +
          Specs{many(text("--ask", "TEXT",
                    "a question; several are one dialogue; without any, they are read from the terminal or, a line "
                    "each, from stdin")),
              text("--lateral", "FILE", "lateral image of the same study"),
              text("--prior", "FILE", "frontal image of an earlier study"),
              text("--indication", "TEXT", "why the study was made; @FILE reads it"),
              choice("--format", "FORM", "form of the answers", {"text", "json"}, "text")} +
          sampling_options() +
          Specs{flag("--allow-mismatch", "accept a prior or lateral of another patient, or a prior of later date"),
              text("-o", "FILE", "of a manifest or folder: write here instead of stdout"),
              flag("--resume", "go on with a run over many studies that was stopped"),
              batch_option("studies of a manifest or folder that are worked on together; 0: by memory")} +
          run_options(),
      run_chat,
      "With --format json an answer is one line, {\"question\",\"answer\",\"finish\"}; finish is stop, length or "
      "stopped. A manifest or folder gives one JSON line a study, in row order, {\"study_id\",\"answers\":[...]}; a "
      "row that fails gives {\"study_id\",\"error\"} and exit code 3."});
  all.push_back({"embed", "Embeds images and texts.",
      Specs{
          input("INPUT", "image files, folders or manifests (a manifest's row is its study's frontal)", true, false)} +
          embedder_options() +
          Specs{many(text("--text", "TEXT", "text to embed, each alone")),
              choice("--format", "FORM", "form of the result", {"jsonl", "npy"}, "jsonl"),
              text("-o", "FILE",
                  "write here instead of stdout; .npy gets FILE.json beside it, with the model and the inputs"),
              flag("--resume", "go on with a run that was stopped"),
              batch_option("images embedded in one pass; 0: by their size")} +
          run_options(),
      run_embed,
      "A row is {\"input\",\"kind\",\"model\",\"embedding\"}; one that fails is {\"input\",\"error\"}, or not-a-number "
      "throughout in .npy, and the exit code is 3."});
  all.push_back({"classify", "Scores labels on images: zero-shot by text, or by an adapter trained on embeddings.",
      Specs{input("INPUT", "image files, folders or manifests", true, false)} + embedder_options() +
          Specs{text("--labels", "LIST", "labels, comma separated, or one a line in @FILE"),
              many(text("--template", "TEXT",
                  "prompt of a label, {} standing for it; several are averaged (default the label alone)")),
              many(text("--negative", "TEXT", "prompt of a label's absence: each label is scored against it alone")),
              text("--save-head", "FILE", "keep the labels' vectors, so that the text tower need not run again"),
              text("--head", "FILE", "use vectors kept by --save-head"),
              text("--adapter", "FILE", "trained adapter, file or folder"),
              text("-o", "FILE", "write here instead of stdout"), flag("--resume", "go on with a run that was stopped"),
              batch_option("images embedded in one pass; 0: by their size")} +
          run_options(),
      run_classify,
      "A row is {\"input\",\"model\",\"scores\"}. Zero-shot labels compete (their scores add to 1) unless --negative "
      "is given. A regression adapter's score is the value in its unit."});
  all.push_back({"search index", "Builds an image index, or adds to one. It holds study and patient identifiers.",
      Specs{input("INPUT", "image files, folders or manifests", true)} + embedder_options() +
          Specs{needed(text("--index", "DB", "the index: DB, DB.vectors, DB.graph")),
              choice("--store", "TYPE", "vectors stored as", {"f32", "f16"}, "f32"),
              number("--graph-above", "images from which on a graph for approximate search is built; 0: never",
                  "1000000", 0, 4e9),
              flag("--resume", "go on with an index that was stopped, or add images to one"),
              batch_option("images embedded in one pass; 0: by their size")} +
          run_options(),
      run_search_index, ""});
  all.push_back({"search query", "Finds the images of an index that are most like an image or a text.",
      Specs{input("IMAGE", "image", false, false)} + embedder_options() +
          Specs{needed(text("--index", "DB", "the index")), text("--text", "TEXT", "search by this text"),
              number("--top", "results", "10", 1, 1e6),
              flag("--exact", "look at every image even where the index has a graph"),
              text("-o", "FILE", "write here instead of stdout")} +
          run_options(),
      run_search_query,
      "A row is {\"rank\",\"score\",\"path\",\"study_id\"}; the score is the cosine of the two embeddings."});
  all.push_back({"label", "Labels reports with CheXpert-style rules (14 observations: 1, 0, -1, blank).",
      Specs{input("REPORTS",
                "CSV of reports, one a row or a column named by a header (report, text, findings and impression), or a "
                ".jsonl of studies or reports"),
          text("-o", "LABELS.csv", "write here instead of stdout"),
          text("--chexbert", "DIR", "label with CheXbert weights instead")} +
          run_options(),
      run_label, ""});
  all.push_back({"eval reports",
      "Scores written reports against reference studies: labels, boxes, form, with bootstrap intervals.",
      Specs{input("PRED", "predictions .jsonl of `hilum report`"), input("REF", "reference STUDIES.jsonl"),
          text("--chexbert", "DIR", "label with CheXbert weights"),
          text("--radgraph", "DIR", "RadGraph-F1 with these weights"),
          choice("--uncertain", "POLICY",
              "uncertain labels count as; drop: only cells that are 1 or 0 on both sides are kept",
              {"negative", "positive", "drop"}, "negative"),
          choice("--by", "FIELD", "the numbers of each group too", {"sex", "age", "view"}),
          many(text("--against", "PRED", "predictions of another system on the same studies; differences are paired")),
          flag("--completion", "the predictions are of `hilum report --complete`: score the boxes of forced sentences"),
          text("--radfact-verdicts", "FILE.jsonl",
              "RadFact by what a language model said of each phrase, instead of equal sentences"),
          choice("--published", "SYSTEM", "figures published for a system beside the numbers",
              {"cxrreportgen", "maira-2", "xraygpt", "cxr-llava"}),
          flag("--by-patient", "the intervals draw patients instead of studies")} +
          statistics_options() + Specs{text("--plot", "OUT.png", "bars with intervals")} + run_options(),
      run_eval_reports, ""});
  all.push_back({"eval phantoms",
      "Scores reports about phantoms against their scene: findings by contrast, changes since the prior, sides.",
      Specs{input("PRED", "predictions .jsonl of `hilum report`"), input("TRUTH", "truth.jsonl of `hilum phantom`"),
          number("--bootstrap", "resamples of the intervals", "1000", 0, 1e6),
          text("--json", "FILE", "write the numbers here"),
          text("--plot", "OUT.png", "F1 and box recall against contrast to noise")} +
          run_options(),
      run_eval_phantoms, ""});
  all.push_back({"eval labels",
      "Scores labels or label scores against reference labels: accuracy, sensitivity, specificity, F1, AUROC, mAUC; or "
      "measured values.",
      Specs{input("PRED", "CSV: study id, then a column a label (1, 0, -1, blank; or scores)"),
          input("REF", "CSV of reference labels, columns matched by name"),
          choice("--uncertain", "POLICY",
              "uncertain labels count as; drop: cells that are not 1 or 0 on both sides are left out",
              {"negative", "positive", "drop"}, "negative"),
          real("--threshold", "T", "a score from here on is a positive decision", "0.5", -1e9, 1e9),
          text("--labels", "LIST", "these labels only, comma separated"),
          number("--min-cases", "labels with fewer positive references are left out", "0", 0, 1e9),
          many(text("--target", "COLUMN", "a column of measurements: mean absolute error"))} +
          statistics_options() + Specs{text("--plot", "OUT.png", "receiver operating curves")} + run_options(),
      run_eval_labels, "What is left out, label, study or cell, is listed with the reason."});
  all.push_back({"eval ratings",
      "Compares the grades (1 to 4) that readers gave reports of several sources; or draws what they are to grade.",
      Specs{input("RATINGS", "CSV study,source,rater,grade", false, false),
          number("--accept", "grades up to this are a success", "2", 1, 2),
          text("--key", "KEY.csv", "what blinded pairs stand for (default: KEY.csv beside the ratings)")} +
          statistics_options() +
          Specs{text("--draw", "STUDIES.jsonl", "draw normal and abnormal studies for readers instead"),
              text("--pred", "PRED.jsonl", "the model's reports of a draw"),
              number("--each", "normal and as many abnormal studies drawn", "25", 1, 1e6),
              number("--raters", "readers, each with rows in RATINGS.csv", "3", 1, 1000),
              text("-o", "DIR", "folder for PAIRS.jsonl, RATINGS.csv and KEY.csv of a draw")} +
          run_options(),
      run_eval_ratings,
      "Cochran's Q, then McNemar's test on pairs with Holm's adjustment; between sources (blocks: study and rater) and "
      "between raters."});
  all.push_back({"eval embeddings",
      "Scores image embeddings by retrieval: precision and recall among the nearest, search by text.",
      Specs{input("MANIFEST", "STUDIES.jsonl, a line a row of the embeddings"),
          input("EMB", "image embeddings .npy, one row a study"),
          text("--texts", "TEXT.npy",
              "embeddings of the studies' reports, row by row: recall of each image's own report"),
          text("--queries", "Q.npy", "embeddings of label texts: area under the curve of searching by them"),
          text("--labels", "LIST", "the labels of --queries, in its order, comma separated"),
          text("--k", "LIST", "how many nearest, comma separated", "1,3,5,10"),
          flag("--other-patients", "never count a study of the query's own patient")} +
          statistics_options() + run_options(),
      run_eval_embeddings,
      "Labels: the studies' own classes where there are any, else their CheXpert labels of value 1."});
  all.push_back({"eval drift",
      "How far two forms of one model (weight types, a converted file) are apart: logits, labels, boxes, words.",
      Specs{input("MODEL_A", "model directory; its answers are what both read"), input("MODEL_B", "model directory"),
          input("STUDIES", "STUDIES.jsonl, a folder or an image"),
          text("--task", "TASK", "what to write", "(the model's own)"),
          number("--max-new-tokens", "tokens written at most; 0: the task's own limit", "0", 0, 1 << 20),
          batch_option("studies that are worked on together; 0: by memory")} +
          statistics_options() + run_options(),
      run_eval_drift, ""});
  all.push_back({"curate",
      "Reads a public data set as published and writes a study manifest, through the selection of a published system.",
      Specs{input("DATASET_ROOT", "folder of the data set as published; of csv and manifest the file"),
          needed(text("--dataset", "NAME",
              "which: mimic-cxr openi openi-csv chexpert nih nih-lt padchest padchest-gr vindr ms-cxr rsna-pneumonia "
              "rsna-boneage covid-chestxray brax siim-acr siim-covid tbx11k brixia irma xraygpt fastchat "
              "medimageinsight csv manifest")),
          needed(text("-o", "DIR", "folder for studies.jsonl, counts.json, problems.csv, dropped.csv")),
          text("--rules", "RULES", "whose selection: none, xraygpt, maira, cxr-llava, radiology-dialogues", "none"),
          choice("--mode", "MODE", "xraygpt: references to earlier studies go, or every word of change too",
              {"soft", "strict"}, "soft"),
          choice("--duplicates", "WHICH", "dropped: none, the same image or patient and text, or any same text",
              {"keep", "exact", "text"}, "exact"),
          number("--questions", "cxr-llava: questions of a dialogue beside report and impression", "3", 0, 100),
          text("--rewrite", "URL",
              "xraygpt, cxr-llava: endpoint (http://localhost:8000/v1) of a language model that rewrites the reports "
              "(default none: by rules)"),
          text("--rewrite-model", "NAME", "the model, as the endpoint names it"),
          text("--rewrite-key-file", "FILE", "file of the endpoint's key"),
          flag("--rewrite-remote", "the endpoint may be another machine: only where the data's terms of use allow it"),
          text("--split", "A,B,C", "shares of train, validate and test, by patient (default as published)"),
          number("--test-draw", "studies drawn into test; their patients' other studies become held_out", "0", 0, 1e9),
          many(text(
              "--against", "STUDIES.jsonl", "manifest that must share no study, patient, image or text with this one")),
          text("--reports", "DIR", "mimic-cxr: folder that holds files/ of the report texts where it is another"),
          flag("--keep-missing-images", "name images that are not there (yet)"),
          flag("--equalise", "write copies of the images with an even histogram, and name those")} +
          run_options(),
      run_curate,
      "What cannot be read or rewritten is listed in problems.csv, and the rest goes on; exit code 3 then."});
  all.push_back({"phantom", "Makes synthetic chest radiographs with findings, boxes, reports and priors.",
      Specs{number("--count", "studies", "16", 1, 1e7),
          needed(text("-o", "DIR", "new or empty folder for images/, studies.jsonl and truth.jsonl")),
          number("--size", "px, square", "512", 64, 4096),
          choice("--format", "FORM", "image files", {"png", "dicom"}, "png"), flag("--lateral", "write laterals too"),
          flag("--prior", "write prior frontals too"),
          flag("--describe", "print how often each finding was made, its contrast to noise and its boxes' size"),
          text("--plot", "OUT.png", "contrast to noise of subtle and clear findings")} +
          run_options(),
      run_phantom, ""});
  all.push_back({"train", "Trains a model from a recipe (needs libhilum_torch.so).",
      Specs{input("RECIPE", "recipe .toml"), many(text("--set", "KEY=VALUE", "change a value of the recipe")),
          flag("--resume", "go on from the last checkpoint"),
          flag("--dry-run", "check recipe, data and memory, and stop before the first step; nothing is written"),
          text("--start-from", "MODEL",
              "begin a new run with the weights of this exported model; give it another data.phantom_seed, or it sees "
              "the same studies again"),
          text("-o", "DIR", "folder for checkpoints, log, curve and the model")} +
          run_options(),
      run_train, ""});
  all.push_back({"convert", "Turns a published checkpoint, whatever its files, into one model directory.",
      Specs{input("PATH", "model directory, MLflow package, or weight file (safetensors, or what torch.save wrote)"),
          needed(text("-o", "OUT", "model directory to write; must be new or empty")),
          choice("--type", "TYPE", "weights stored as", {"f32", "f16", "bf16"}, "f16")} +
          run_options(),
      run_convert,
      "Config, tokenizer and licence files are copied beside the weights. Weights above 4 GiB are written in shards."});
  all.push_back({"verify", "Measures the distance to a reference dump; exit 1 past the tolerance.",
      Specs{input("MODEL", "model directory"), input("FIXTURE", "reference dump .safetensors")} + lora_option() +
          Specs{choice("--backend", "NAME", "computed with", {"cpu", "torch"}, "cpu"),
              real("--tolerance", "E", "relative L2 error allowed", "1e-4", 0, 10),
              text("--type", "TYPE", "weights stored as (f32, f16, bf16)"),
              text("--json", "FILE", "write the rows here")} +
          run_options(),
      run_verify, ""});
  all.push_back({"serve",
      "Serves models over HTTP: the contracts of Azure ML, MLflow and OpenAI, Hilum's own, and a viewer.",
      settable(
          Specs{many(text("--model", "[NAME=]PATH", "model directory, under a name of its own", "(the demo model)")),
              text("--host", "ADDR", "address to listen on", "127.0.0.1"),
              number("--port", "port to listen on; 0: any free one", "8080", 0, 65535),
              text("--api-key-file", "FILE",
                  "keys, one a line, # for comments: requests need one of them as Authorization: Bearer KEY"),
              text("--tls-cert", "FILE", "PEM certificate"), text("--tls-key", "FILE", "PEM key of the certificate"),
              text("--index", "DB", "index of `hilum search index`, for /v1/search"),
              text("--adapter", "FILE", "adapter of `hilum train`, for /score and /v1/classify"),
              text("--lora", "DIR", "LoRA adapter in PEFT's form, merged into the first model"),
              choice("--score-form", "FORM",
                  "/score answers as the service does on the wire, or as its documents print it", {"wire", "documents"},
                  "wire"),
              flag("--allow-demo", "the demo model may write FHIR and DICOM SR without being asked twice"),
              number("--slots", "sequences that decode together", "8", 1, 1024),
              number("--context", "positions of a sequence; 0: the model's own", "0", 0, 1 << 20),
              number("--cache-mib", "MiB of keys and values a model may need; 0: a quarter of the memory", "0", 0,
                  1 << 30),
              number("--queue", "requests that may wait for a model; more get 429", "64", 0, 100000),
              number("--request-timeout", "seconds until a request is given up", "300", 1, 86400),
              number("--max-connections", "open connections, a thread each", "64", 1, 4096),
              number("--max-body-mib", "MiB of a request's body", "64", 1, 4096),
              number("--max-megapixels", "of a picture", "36", 1, 100),
              number("--header-timeout", "seconds until a request's header must have come", "15", 1, 3600),
              number("--body-timeout", "seconds until its body must have come", "60", 1, 3600),
              number("--idle-timeout", "seconds a connection may wait for its next request", "30", 1, 3600),
              text("--config", "FILE", "TOML file of these options, without their dashes")} +
          run_options()),
      run_serve,
      "Each option may also stand in the file of --config or in the environment as HILUM_SERVE_ and its name "
      "(HILUM_SERVE_API_KEY_FILE). The command line goes before the\n"
      "environment, and that before the file. SIGTERM and SIGINT: no new connections, what is accepted is answered, "
      "then exit 0. See docs/serving.md."});
  all.push_back({"bench", "Measures speed: of a model, or of a published shape with random weights.",
      model_option() +
          Specs{text("--shape", "NAME",
                    "random weights of a published shape: llama-7b llama-1.1b phi-3-mini maira-2 dinov2-b14-518 "
                    "vit-l16-512 davit-480, the name of a system whose "
                    "sizes are known, or a .toml file like those in src/models/shapes"),
              text("--type", "T", "a shape's weights are stored as f32, f16 or bf16",
                  "(f16 of a language model, f32 of others)"),
              number("--images", "images a pass; 0: none", "1", 0, 64),
              number("--prompt", "tokens of a prompt; 0: none", "(512 of a language model)", 0, 1 << 20),
              number("--gen", "tokens to write behind it", "(32 of a language model)", 0, 1 << 20),
              number("--batch", "sequences written together", "1", 1, 1024),
              number("--repeat", "runs; the median counts", "5", 1, 1000),
              text("--json", "FILE", "write the numbers here"),
              text("--write", "DIR",
                  "write the shape as a model directory with random weights and a made-up tokenizer, and measure "
                  "nothing")} +
          run_options(),
      run_bench,
      "llama-7b, llama-1.1b and phi-3-mini time a language model alone; --write puts it in the place of CXR-LLaVA's, "
      "so that report and chat run on it."});
  all.push_back({"info", "Describes a model: parts, sizes, parameters, tasks, prompts, licence.",
      Specs{input("MODEL", "model directory, or a config.json alone", false, false)} + model_option() + lora_option() +
          run_options(),
      run_info, ""});
  all.push_back({"options", "Prints docs/options.md: every option of every command.", {}, run_options_page, ""});
  return all;
}

}  // namespace hilum
