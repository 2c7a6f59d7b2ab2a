#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/eval_options.h"
#include "data/study.h"
#include "eval/studies/retrieval.h"
#include "tensor/npy.h"

namespace hilum {
namespace {

// A file's rows; the tensor keeps them alive.
struct Rows {
  Tensor tensor;
  Vectors vectors() const {
    return {{tensor.f32(), static_cast<size_t>(tensor.shape()[0] * tensor.shape()[1])},
        static_cast<size_t>(tensor.shape()[1])};
  }
};

Rows read_rows(const std::string& path) {
  Rows rows{read_npy(path)};
  check(rows.tensor.shape().rank() == 2 && rows.tensor.shape()[1] > 0, path.c_str(),
      "is not a table of embeddings, one a row", "`hilum embed --format npy` writes one.");
  return rows;
}

RetrievalStudy retrieval_study(const Study& study) {
  RetrievalStudy made{study.study_id, study.patient_id.empty() ? study.study_id : study.patient_id, study.classes};
  if (made.labels.empty())
    for (const auto& [label, value] : study.labels)
      if (value == 1) made.labels.push_back(label);
  return made;
}

std::vector<int> parse_ks(const std::string& list) {
  std::vector<int> ks;
  for (const std::string& part : split_list(list)) {
    int k = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), k);
    check(error == std::errc() && end == part.data() + part.size() && k >= 1, "--k",
        "\"" + part + "\" is not a whole number from 1");
    ks.push_back(k);
  }
  return ks;
}

}  // namespace

int run_eval_embeddings(const OptionValues& options) {
  set_up_from(options);
  std::vector<RetrievalStudy> studies;
  for (const Study& study : read_studies(options.text("MANIFEST"))) studies.push_back(retrieval_study(study));
  const Rows images = read_rows(options.text("EMB"));
  Rows texts, label_texts;
  if (const auto file = options.maybe("--texts")) texts = read_rows(*file);
  LabelQueries queries;
  check(options.maybe("--queries").has_value() == options.maybe("--labels").has_value(), "--queries",
      "goes with --labels, which says what its rows are");
  if (const auto file = options.maybe("--queries")) {
    label_texts = read_rows(*file);
    queries = {split_list(options.text("--labels")), label_texts.vectors()};
  }
  RetrievalOptions how;
  how.ks = parse_ks(options.text("--k"));
  how.other_patients = options.flag("--other-patients");
  how.rounds = bootstrap_rounds(options);
  how.seed = static_cast<uint64_t>(options.integer("--seed"));
  how.strict = options.flag("--strict");
  const RetrievalResult result = evaluate_retrieval(
      studies, images.vectors(), options.maybe("--texts") ? texts.vectors() : Vectors(), queries, how);
  if (const auto file = options.maybe("--json")) write_file(*file, retrieval_json(result).dump(1) + "\n");
  fmt::print("{}", retrieval_table(result));
  return 0;
}

}  // namespace hilum
