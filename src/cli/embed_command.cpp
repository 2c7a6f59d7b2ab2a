#include <limits>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/common.h"
#include "cli/image_rows.h"
#include "report/json.h"
#include "tensor/npy.h"

namespace hilum {
namespace {

std::string embedding_line(const Embedder& embedder, const std::string& model, const std::string& input,
    const char* kind, std::span<const float> embedding, bool is_image) {
  return fmt::format("{{\"input\":{},\"kind\":\"{}\",{},\"embedding\":[{}]{}}}", json_text(input), kind, model,
      fmt::join(embedding, ","), demo_fields(embedder, is_image ? embedding : std::span<const float>()));
}

// The rows of the .npy, in input order; a row that failed is not a number throughout, so that row i stays input i.
Tensor matrix_of(const std::vector<std::string>& lines, int64_t width) {
  Tensor out = Tensor::host({static_cast<int64_t>(lines.size()), width});
  float* to = out.f32();
  for (const std::string& line : lines) {
    const Json row = parse_json(line, "row");
    const bool there = row.contains("embedding") && row["embedding"].is_array() &&
                       static_cast<int64_t>(row["embedding"].size()) == width;
    if (!there && !row.contains("error"))
      throw Error("--resume", "an earlier row is not of width " + std::to_string(width),
          "It was made with another model: remove the .part file.");
    for (int64_t i = 0; i < width; ++i)
      *to++ = there ? row["embedding"][static_cast<size_t>(i)].get<float>() : std::numeric_limits<float>::quiet_NaN();
  }
  return out;
}

// What a .npy cannot say, beside it.
std::string sidecar(const Embedder& embedder, const std::vector<std::string>& names) {
  const EmbedderInfo& info = embedder.info();
  Json inputs = Json::array();
  for (const std::string& name : names) inputs.push_back(name);
  Json json{{"schema", "hilum.embeddings/1"}, {"notice", kNotice}, {"demo", info.demo},
      {"model", {{"name", info.name}, {"weights_sha256", embedder.weights_sha256()}}}, {"width", info.width},
      {"inputs", inputs}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

int run_embed(const OptionValues& options) {
  set_up_from(options);
  const bool npy = options.text("--format") == "npy";
  const fs::path out = options.text("-o");
  check(!npy || !out.empty(), "--format npy", "is binary and goes to a file", "Name it with -o FILE.npy.");
  const std::vector<ImageItem> items = read_image_items(options.all("INPUT"));
  const std::vector<std::string>& texts = options.all("--text");
  check(!items.empty() || !texts.empty(), "hilum embed", "needs images or --text");
  const std::unique_ptr<Embedder> embedder = load_embedder(options);
  if (!texts.empty() && !embedder->info().has_text)
    embedder->embed_text("");  // says what is missing before any work is done

  const std::string model = model_field(*embedder, !out.empty());
  std::vector<std::string> names;
  for (const ImageItem& item : items) names.push_back(item.path.empty() ? item.study_id : item.path.string());
  names.insert(names.end(), texts.begin(), texts.end());
  PredictionsFile file(out, names, options.flag("--resume"), "input", out.empty() ? "" : embedder->weights_sha256());
  InputRows rows(file, names, "embed");
  rows.put_images(*embedder, items, options, [&](size_t row, std::span<const float> embedding) {
    return embedding_line(*embedder, model, names[row], "image", embedding, true);
  });
  for (size_t row = items.size(); row < names.size(); ++row)
    rows.put(row,
        [&] { return embedding_line(*embedder, model, names[row], "text", embedder->embed_text(names[row]), false); });
  if (npy) {
    const Tensor matrix = matrix_of(file.lines(), embedder->info().width);
    if (embedder->info().demo) log_warning(std::string("X-Hilum-Demo: true (") + kDemoNotice + ")");
    write_file(out.string() + ".json", sidecar(*embedder, names));
    file.finish_as(npy_header_bytes(matrix.shape()) +
                   std::string(reinterpret_cast<const char*>(matrix.f32()), matrix.size_bytes()));
  } else {
    file.finish();
  }
  return exit_code_of(rows.failed(), names.size(), options.all("INPUT"));
}

}  // namespace hilum
