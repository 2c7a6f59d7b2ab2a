#include "cli/commands.h"

namespace hilum {
namespace {

using Specs = std::vector<OptionSpec>;
constexpr OptionKind kFlag = OptionKind::kFlag, kText = OptionKind::kText, kInt = OptionKind::kInt, kReal = OptionKind::kReal;

OptionSpec input(const char* name, const char* help, bool repeated = false, bool required = true) {
  return {name, kText, name, help, "", repeated, required};
}
OptionSpec flag(const char* name, const char* help) { return {name, kFlag, "", help}; }
OptionSpec text(const char* name, const char* value, const char* help, const char* fallback = "") { return {name, kText, value, help, fallback}; }
OptionSpec choice(const char* name, const char* value, const char* help, std::vector<std::string> choices, const char* fallback = "") {
  OptionSpec spec{name, kText, value, help, fallback};
  spec.choices = std::move(choices);
  return spec;
}
OptionSpec number(const char* name, const char* help, const char* fallback, double min, double max) {
  return {name, kInt, "N", help, fallback, false, false, min, max};
}
OptionSpec real(const char* name, const char* value, const char* help, const char* fallback, double min, double max) {
  return {name, kReal, value, help, fallback, false, false, min, max};
}
OptionSpec many(OptionSpec spec) { return spec.repeated = true, spec; }
OptionSpec needed(OptionSpec spec) { return spec.required = true, spec; }

Specs operator+(Specs a, const Specs& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Specs model_option() {
  OptionSpec model = text("--model", "PATH", "model directory", "(the demo model)");
  model.environment = "HILUM_MODEL";
  return {model};
}

Specs lora_option() { return {text("--adapter", "DIR", "LoRA adapter in PEFT's form, merged into the weights (docs/lora.md)")}; }

Specs embedder_options() {
  return model_option() + Specs{text("--preprocess", "WAY", "prepare pictures in another of the system's ways (MedImageInsight: azure, as its endpoint does)")};
}

Specs run_options() {
  return {number("--threads", "CPU threads, 0: all cores", "0", 0, 1024), choice("--device", "DEVICE", "where to compute", {"cpu", "cuda"}, "cpu"),
          number("--seed", "seed of sampling and of everything random", "0", 0, 9e15), flag("--quiet", "no progress and no notes on stderr"),
          flag("--log-json", "stderr as one JSON object a line")};
}

Specs sampling_options() {
  return {number("--max-new-tokens", "tokens written at most; 0: the task's own limit", "0", 0, 1 << 20),
          real("--temperature", "T", "sampling temperature; 0: greedy", "0", 0, 100), real("--top-p", "P", "sample within this probability mass", "1", 0, 1),
          number("--top-k", "sample among this many tokens; 0: all", "0", 0, 1 << 20),
          flag("--published-sampling", "the sampling settings published with the model"),
          flag("--blank-image", "ablation: the network sees an even grey instead of the pictures"),
          flag("--verbose", "say on stderr how long the start took, and what memory weights and key/value cache needed")};
}

Specs section_options() {
  return {text("--indication", "TEXT", "why the study was made; @FILE reads it"), text("--technique", "TEXT", "views and technique; @FILE reads it"),
          text("--comparison", "TEXT", "what it is compared with; @FILE reads it")};
}

Specs output_options() {
  return {text("-o", "FILE", "write here instead of stdout"), text("--overlay", "OUT.png", "picture with the boxes drawn and the sentences beside it")};
}

}  // namespace

std::vector<Command> all_commands() {
  std::vector<Command> all;
  all.push_back({"report", "Writes a grounded report of a chest radiograph, a manifest of studies or a folder of images.",
                 Specs{input("INPUT", "frontal image (PNG, JPEG, DICOM), STUDIES.jsonl, or a folder")} + model_option() + lora_option() +
                     Specs{text("--lateral", "FILE", "lateral image of the same study"), text("--prior", "FILE", "frontal image of an earlier study"),
                           text("--prior-report", "TEXT", "report of the earlier study; @FILE reads it")} + section_options() +
                     Specs{text("--task", "TASK", "what to write; `hilum info` lists a model's tasks", "(the model's own)"),
                           choice("--format", "FORM", "form of the result", {"text", "json", "azure", "fhir", "dicom-sr"}, "text")} + output_options() +
                     Specs{text("--truth", "STUDIES.jsonl", "manifest whose boxes of the same image are drawn beside the model's")} + sampling_options() +
                     Specs{many(choice("--without", "VIEW", "ablation: a manifest's laterals, or priors with their reports, are left out", {"lateral", "prior"})),
                           flag("--strict", "an answer that breaks the grammar fails, as in the reference; else what is whole is kept and a warning tells"),
                           flag("--resume", "go on with a run over many studies that was stopped"),
                           flag("--complete", "force the manifest's sentences, let the model write only their boxes"),
                           flag("--allow-mismatch", "accept a prior or lateral of another patient, or a prior of later date"),
                           flag("--allow-demo", "let the demo model write clinical forms (fhir, dicom-sr)")} + run_options(),
                 run_report,
                 "A manifest or folder gives one JSON report a line, in row order; a row that fails gives {\"study_id\",\"error\"} and exit code 3."});
  all.push_back({"ground", "Finds where a phrase is seen in a frontal image, or completes the boxes of a manifest's sentences.",
                 Specs{input("INPUT", "frontal image, or STUDIES.jsonl with --complete")} + model_option() + lora_option() +
                     Specs{text("--phrase", "TEXT", "the finding to locate; @FILE reads it"),
                           flag("--complete", "force each reference sentence and let the model write only its boxes"),
                           choice("--format", "FORM", "form of the result", {"text", "json"}, "text")} + output_options() + sampling_options() +
                     Specs{flag("--resume", "go on with a run over many studies that was stopped"), flag("--allow-mismatch", "accept images of different patients")} +
                     run_options(),
                 run_ground, ""});
  all.push_back({"chat", "Talks about a radiograph.",
                 Specs{input("FRONTAL", "image (PNG, JPEG, DICOM)")} + model_option() + lora_option() +
                     Specs{many(text("--ask", "TEXT", "a question; several are one dialogue; without any, they are read from the terminal or, a line each, from stdin")),
                           text("--lateral", "FILE", "lateral image of the same study"), text("--prior", "FILE", "frontal image of an earlier study"),
                           text("--indication", "TEXT", "why the study was made; @FILE reads it"), choice("--format", "FORM", "form of the answers", {"text", "json"}, "text")} +
                     sampling_options() + Specs{flag("--allow-mismatch", "accept a prior or lateral of another patient, or a prior of later date")} + run_options(),
                 run_chat, "With --format json an answer is one line, {\"question\",\"answer\",\"finish\"}; finish is stop, length or stopped."});
  all.push_back({"embed", "Embeds images and texts.",
                 Specs{input("INPUT", "image files, folders or manifests (a manifest's row is its study's frontal)", true, false)} + embedder_options() +
                     Specs{many(text("--text", "TEXT", "text to embed, each alone")), choice("--format", "FORM", "form of the result", {"jsonl", "npy"}, "jsonl"),
                           text("-o", "FILE", "write here instead of stdout; .npy gets FILE.json beside it, with the model and the inputs"),
                           flag("--resume", "go on with a run that was stopped")} + run_options(),
                 run_embed,
                 "A row is {\"input\",\"kind\",\"model\",\"embedding\"}; one that fails is {\"input\",\"error\"}, or not-a-number throughout in .npy, and the exit code is 3."});
  all.push_back({"classify", "Scores labels on images: zero-shot by text, or by an adapter trained on embeddings.",
                 Specs{input("INPUT", "image files, folders or manifests", true, false)} + embedder_options() +
                     Specs{text("--labels", "LIST", "labels, comma separated, or one a line in @FILE"),
                           many(text("--template", "TEXT", "prompt of a label, {} standing for it; several are averaged (default the label alone)")),
                           many(text("--negative", "TEXT", "prompt of a label's absence: each label is scored against it alone")),
                           text("--save-head", "FILE", "keep the labels' vectors, so that the text tower need not run again"), text("--head", "FILE", "use vectors kept by --save-head"),
                           text("--adapter", "FILE", "trained adapter, file or folder"), text("-o", "FILE", "write here instead of stdout"),
                           flag("--resume", "go on with a run that was stopped")} + run_options(),
                 run_classify,
                 "A row is {\"input\",\"model\",\"scores\"}. Zero-shot labels compete (their scores add to 1) unless --negative is given. A regression adapter's score is the value in its unit."});
  all.push_back({"search index", "Builds an image index, or adds to one. It holds study and patient identifiers.",
                 Specs{input("INPUT", "image files, folders or manifests", true)} + embedder_options() +
                     Specs{needed(text("--index", "DB", "the index: DB, DB.vectors, DB.graph")), choice("--store", "TYPE", "vectors stored as", {"f32", "f16"}, "f32"),
                           number("--graph-above", "images from which on a graph for approximate search is built; 0: never", "1000000", 0, 4e9),
                           flag("--resume", "go on with an index that was stopped, or add images to one")} + run_options(),
                 run_search_index, ""});
  all.push_back({"search query", "Finds the images of an index that are most like an image or a text.",
                 Specs{input("IMAGE", "image", false, false)} + embedder_options() +
                     Specs{needed(text("--index", "DB", "the index")), text("--text", "TEXT", "search by this text"), number("--top", "results", "10", 1, 1e6),
                           flag("--exact", "look at every image even where the index has a graph"), text("-o", "FILE", "write here instead of stdout")} + run_options(),
                 run_search_query, "A row is {\"rank\",\"score\",\"path\",\"study_id\"}; the score is the cosine of the two embeddings."});
  all.push_back({"label", "Labels reports with CheXpert-style rules (14 observations: 1, 0, -1, blank).",
                 Specs{input("REPORTS", "CSV with one report a row (no header), or a .jsonl of studies or reports"), text("-o", "LABELS.csv", "write here instead of stdout"),
                       text("--chexbert", "DIR", "label with CheXbert weights instead")} + run_options(), run_label, ""});
  all.push_back({"eval reports", "Scores written reports against reference studies: labels, boxes, form, with bootstrap intervals.",
                 Specs{input("PRED", "predictions .jsonl of `hilum report`"), input("REF", "reference STUDIES.jsonl"),
                       text("--chexbert", "DIR", "label with CheXbert weights"), text("--radgraph", "DIR", "RadGraph-F1 with these weights"),
                       choice("--uncertain", "POLICY", "uncertain labels count as", {"negative", "positive", "drop"}, "negative"),
                       number("--bootstrap", "resamples of the intervals", "1000", 0, 1e6), choice("--by", "FIELD", "split the numbers by", {"sex", "age", "view"}),
                       many(text("--against", "PRED", "predictions of another system on the same studies; differences are paired")),
                       flag("--strict", "refuse studies missing on either side"), text("--json", "FILE", "write the numbers here"), text("--plot", "OUT.png", "bars with intervals")} + run_options(),
                 run_eval_reports, ""});
  all.push_back({"eval phantoms", "Scores reports about phantoms against their scene: findings by contrast, changes since the prior, sides.",
                 Specs{input("PRED", "predictions .jsonl of `hilum report`"), input("TRUTH", "truth.jsonl of `hilum phantom`"),
                       number("--bootstrap", "resamples of the intervals", "1000", 0, 1e6), text("--json", "FILE", "write the numbers here"),
                       text("--plot", "OUT.png", "F1 and box recall against contrast to noise")} + run_options(),
                 run_eval_phantoms, ""});
  for (const char* name : {"eval labels", "eval embeddings", "eval ratings", "eval drift"})
    all.push_back({name, "Part of the evaluation suite.", Specs{input("FILES", "see the contract", true)} + run_options(), nullptr, ""});
  all.push_back({"curate", "Curates a data set into a study manifest.", Specs{input("DATASET_ROOT", "data set as published"), text("--dataset", "NAME", "which"), text("-o", "DIR", "write here")} + run_options(), nullptr, ""});
  all.push_back({"phantom", "Makes synthetic chest radiographs with findings, boxes, reports and priors.",
                 Specs{number("--count", "studies", "16", 1, 1e7), needed(text("-o", "DIR", "folder for images/ and studies.jsonl")),
                       number("--size", "px, square", "512", 64, 4096), choice("--format", "FORM", "image files", {"png", "dicom"}, "png"),
                       flag("--lateral", "write laterals too"), flag("--prior", "write prior frontals too"),
                       flag("--describe", "print how often each finding was made, its contrast to noise and its boxes' size"),
                       text("--plot", "OUT.png", "contrast to noise of subtle and clear findings")} + run_options(), run_phantom, ""});
  all.push_back({"train", "Trains a model from a recipe (needs libhilum_torch.so).",
                 Specs{input("RECIPE", "recipe .toml"), many(text("--set", "KEY=VALUE", "change a value of the recipe")),
                       flag("--resume", "go on from the last checkpoint"), text("-o", "DIR", "folder for checkpoints, log, curve and the model")} + run_options(), run_train, ""});
  all.push_back({"convert", "Turns a published checkpoint, whatever its files, into one model directory.",
                 Specs{input("PATH", "model directory, MLflow package, or weight file (safetensors, or what torch.save wrote)"), needed(text("-o", "OUT", "model directory to write; must be new or empty")),
                       choice("--type", "TYPE", "weights stored as", {"f32", "f16", "bf16"}, "f16")} + run_options(), run_convert,
                 "Config, tokenizer and licence files are copied beside the weights. Weights above 4 GiB are written in shards."});
  all.push_back({"verify", "Measures the distance to a reference dump; exit 1 past the tolerance.",
                 Specs{input("MODEL", "model directory"), input("FIXTURE", "reference dump .safetensors")} + lora_option() +
                     Specs{choice("--backend", "NAME", "computed with", {"cpu", "torch"}, "cpu"),
                       real("--tolerance", "E", "relative L2 error allowed", "1e-4", 0, 10), text("--type", "TYPE", "weights stored as (f32, f16, bf16)"), text("--json", "FILE", "write the rows here")} + run_options(),
                 run_verify, ""});
  all.push_back({"serve", "Serves models over HTTP.", Specs{many(text("--model", "[NAME=]PATH", "model")), text("--host", "ADDR", "address", "127.0.0.1"), number("--port", "port", "8080", 1, 65535)} + run_options(), nullptr, ""});
  all.push_back({"bench", "Measures speed: of a model, or of a published shape with random weights.",
                 model_option() + Specs{text("--shape", "NAME", "random weights of a published shape: llama-7b llama-1.1b phi-3-mini maira-2 dinov2-b14-518 vit-l16-512 davit-480, the name of a system whose "
                                             "sizes are known, or a .toml file like those in src/models/shapes"),
                       text("--type", "T", "a shape's weights are stored as f32, f16 or bf16", "(f16 of a language model, f32 of others)"),
                       number("--images", "images a pass; 0: none", "1", 0, 64), number("--prompt", "tokens of a prompt; 0: none", "(512 of a language model)", 0, 1 << 20),
                       number("--gen", "tokens to write behind it", "(32 of a language model)", 0, 1 << 20),
                       number("--batch", "sequences written together", "1", 1, 1024), number("--repeat", "runs; the median counts", "5", 1, 1000), text("--json", "FILE", "write the numbers here"),
                       text("--write", "DIR", "write the shape as a model directory with random weights and a made-up tokenizer, and measure nothing")} + run_options(),
                 run_bench, "llama-7b, llama-1.1b and phi-3-mini time a language model alone; --write puts it in the place of CXR-LLaVA's, so that report and chat run on it."});
  all.push_back({"info", "Describes a model: parts, sizes, parameters, tasks, prompts, licence.", Specs{input("MODEL", "model directory, or a config.json alone", false, false)} + model_option() + lora_option() + run_options(), run_info, ""});
  all.push_back({"options", "Prints docs/options.md: every option of every command.", {}, run_options_page, ""});
  return all;
}

}  // namespace hilum
