#include <cmath>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/image_rows.h"
#include "cli/report_run.h"
#include "engine/embed/adapter.h"
#include "engine/embed/label_head.h"

namespace hilum {
namespace {

std::string scores_line(
    const std::string& model, const std::string& input, const LabelScoresRow& scores, const std::string& demo) {
  std::string text;
  for (const auto& [label, score] : scores)
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", json_text(label),
        std::isfinite(score) ? fmt::format("{:.6g}", score) : "null");
  return fmt::format("{{\"input\":{},{},\"scores\":{{{}}}{}}}", json_text(input), model, text, demo);
}

LabelHead head_from(const OptionValues& options, Embedder& embedder) {
  if (const auto file = options.maybe("--head")) {
    check(!options.maybe("--labels") && options.all("--template").empty() && options.all("--negative").empty(),
        "--head", "holds labels and templates already", "Leave --labels, --template and --negative out.");
    LabelHead head = load_label_head(*file);
    check_label_head(head, embedder, *file);
    return head;
  }
  const auto labels = options.maybe("--labels");
  check(labels.has_value(), "hilum classify", "needs --labels, --head or --adapter");
  return build_label_head(embedder, parse_labels(*labels), options.all("--template"), options.all("--negative"));
}

}  // namespace

int run_classify(const OptionValues& options) {
  set_up_from(options);
  const auto adapter_file = options.maybe("--adapter"), save = options.maybe("--save-head");
  check(!adapter_file || (!options.maybe("--labels") && !options.maybe("--head") && !save), "--adapter",
      "has labels of its own", "Leave --labels, --head and --save-head out.");
  const std::vector<ImageItem> items = read_image_items(options.all("INPUT"));
  check(!items.empty() || save, "hilum classify", "needs images, or --save-head to make a head alone");
  const std::unique_ptr<Embedder> embedder = load_embedder(options);
  std::function<LabelScoresRow(std::span<const float>)> scores;
  if (adapter_file) {
    Adapter adapter = load_adapter(*adapter_file);
    check_adapter(adapter, *embedder, *adapter_file);
    scores = [adapter = std::move(adapter)](std::span<const float> embedding) { return adapter.scores(embedding); };
  } else {
    LabelHead head = head_from(options, *embedder);
    if (save) {
      head.weights_sha256 = embedder->weights_sha256();
      save_label_head(*save, head);
    }
    scores = [head = std::move(head)](std::span<const float> embedding) { return head.scores(embedding); };
  }
  if (items.empty()) return static_cast<int>(ExitCode::kDone);

  const fs::path out = options.text("-o");
  const std::string model = model_field(*embedder, !out.empty());
  std::vector<std::string> names;
  for (const ImageItem& item : items) names.push_back(item.path.empty() ? item.study_id : item.path.string());
  PredictionsFile file(out, names, options.flag("--resume"), "input", out.empty() ? "" : embedder->weights_sha256());
  InputRows rows(file, names, "classify");
  rows.put_images(*embedder, items, options, [&](size_t row, std::span<const float> embedding) {
    return scores_line(model, names[row], scores(embedding), demo_fields(*embedder, embedding));
  });
  file.finish();
  return exit_code_of(rows.failed(), names.size(), options.all("INPUT"));
}

}  // namespace hilum
