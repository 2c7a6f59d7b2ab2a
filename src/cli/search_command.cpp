#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/progress.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/image_rows.h"
#include "cli/report_run.h"
#include "kernels/select.h"
#include "search/image_index.h"

namespace hilum {
namespace {

IndexedImage indexed(const ImageItem& item) {
  IndexedImage image{.path = item.path.string(), .study_id = item.study_id};
  if (!item.study) return image;
  const Study& study = *item.study;
  image.patient_id = study.patient_id;
  if (!study.labels.empty()) image.labels = Json(study.labels).dump();
  Json metadata = Json::object();
  if (!study.split.empty()) metadata["split"] = study.split;
  if (!study.sex.empty()) metadata["sex"] = study.sex;
  if (study.age_months) metadata["age_months"] = *study.age_months;
  if (!study.classes.empty()) metadata["classes"] = {{"set", study.class_set}, {"names", study.classes}};
  if (!study.targets.empty()) metadata["targets"] = study.targets;
  if (!metadata.empty()) image.metadata = metadata.dump(-1, ' ', false, Json::error_handler_t::replace);
  return image;
}

}  // namespace

int run_search_index(const OptionValues& options) {
  set_up_from(options);
  const fs::path db = options.text("--index");
  const std::vector<ImageItem> items = read_image_items(options.all("INPUT"));
  const std::unique_ptr<Embedder> embedder = load_embedder(options);
  const EmbedderInfo& info = embedder->info();
  ImageIndexWriter writer(db, {info.name, embedder->weights_sha256(), info.width, info.demo},
      options.text("--store") == "f16" ? DType::kF16 : DType::kF32, options.flag("--resume"));
  log_warning(std::string(db.string()) + ": " + kIndexNotice);

  size_t failed = 0, there = 0;
  {
    Progress progress("index", static_cast<int64_t>(items.size()), "images");
    std::vector<size_t> left;
    for (size_t i = 0; i < items.size(); ++i) {
      if (writer.has(items[i].path.string(), items[i].study_id)) ++there;
      else left.push_back(i);
    }
    embed_images(
        *embedder, items, left, embed_run_config(options),
        [&](size_t i, const EmbeddedImage& image) {
          for (const std::string& warning : image.warnings) log_warning(items[i].path.string() + ": " + warning);
          if (writer.has(items[i].path.string(), items[i].study_id)) ++there;  // it was named twice
          else writer.add(indexed(items[i]), image.embedding);
          progress.update(static_cast<int64_t>(i) + 1);
        },
        [&](size_t i, const Error& error) {
          ++failed;
          log_error(error.what());
          progress.update(static_cast<int64_t>(i) + 1);
        });
  }
  if (there > 0) log_info(fmt::format("{} of {} images were in the index already", there, items.size()));
  check(writer.count() > 0, db.c_str(), "no image could be indexed");
  Progress progress("graph", writer.count(), "images");
  writer.finish(select_kernel_table(), options.integer("--graph-above"),
      backend_threads(static_cast<int>(options.integer("--threads"))), [&](int64_t done) { progress.update(done); });
  log_info(fmt::format("{} images in {}", writer.count(), db.string()));
  if (failed == 0) return static_cast<int>(ExitCode::kDone);
  log_error(fmt::format("{} of {} images failed and are not in the index", failed, items.size()));
  return static_cast<int>(ExitCode::kSomeRowsFailed);
}

int run_search_query(const OptionValues& options) {
  set_up_from(options);
  const auto image = options.maybe("IMAGE"), text = options.maybe("--text");
  check(image.has_value() != text.has_value(), "hilum search query", "needs an IMAGE or --text TEXT, one of them");
  const ImageIndex index(options.text("--index"), select_kernel_table());
  const std::unique_ptr<Embedder> embedder = load_embedder(options);
  const EmbedderInfo& info = embedder->info();
  const std::string sha256 = embedder->weights_sha256();
  if (const IndexModel made = index.model(); made.weights_sha256 != sha256 || made.name != info.name)
    throw Error(options.text("--index"),
        "was made with " + made.name + " (weights " + made.weights_sha256.substr(0, 12) + "), the model is " +
            info.name + " (" + sha256.substr(0, 12) + ")",
        "Name that model with --model, or build the index again.");
  std::vector<float> query = text ? embedder->embed_text(*text) : embed_item(*embedder, {.path = *image});
  const std::string demo = demo_fields(*embedder, text ? std::span<const float>() : std::span<const float>(query));
  const int threads = backend_threads(static_cast<int>(options.integer("--threads")));
  std::string out;
  int rank = 0;
  for (const Hit& hit : index.search(std::move(query), options.integer("--top"), threads, options.flag("--exact"))) {
    const IndexedImage found = index.image(hit.row);
    out += fmt::format("{{\"rank\":{},\"score\":{:.6f},\"path\":{},\"study_id\":{}{}}}\n", ++rank, hit.score,
        json_text(found.path), json_text(found.study_id), demo);
  }
  write_result(options, out);
  return static_cast<int>(ExitCode::kDone);
}

}  // namespace hilum
