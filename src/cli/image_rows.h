// What `hilum embed` and `hilum classify` share: many images (and texts) to a rows file, one JSON object a line named
// by "input".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "engine/embed/embedder.h"
#include "engine/image_items.h"
#include "engine/predictions.h"

namespace hilum {

struct InputRow {
  std::string input;                  // its name in the file
  std::function<std::string()> line;  // its JSON; an Error thrown becomes {"input","error"}
};

// Runs the rows that `file` does not have yet, with a progress bar called `title`. Returns how many failed.
size_t run_rows(PredictionsFile& file, const std::vector<InputRow>& rows, const std::string& title);
// Exit code 0, or 3 (2 when the only row failed), said on stderr.
int exit_code_of(size_t failed, size_t rows);

// The embedder that --model, --preprocess, --threads and --device name. Throws Error.
std::unique_ptr<Embedder> load_embedder(const OptionValues& options);

// The image's embedding, with the decoder's warnings on stderr. Throws Error.
std::vector<float> embed_item(Embedder& embedder, const ImageItem& item);
// `,"demo":true` and, for an image unlike the training data, `,"warning":...`; "" for other models.
// What made a row: "model":{"name"}, with the weights' SHA-256 where rows go to a file (reading gigabytes is worth it
// there).
std::string model_field(const Embedder& embedder, bool to_file);
std::string demo_fields(const Embedder& embedder, std::span<const float> embedding);

// A JSON string literal; bytes that are not UTF-8 become U+FFFD.
std::string json_text(const std::string& text);

}  // namespace hilum
