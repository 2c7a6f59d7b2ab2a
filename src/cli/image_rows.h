// What `hilum embed` and `hilum classify` share: many images (and texts) to a rows file, one JSON object a line named
// by "input".
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/progress.h"
#include "cli/options.h"
#include "engine/batch/embed_images.h"
#include "engine/embed/embedder.h"
#include "engine/image_items.h"
#include "engine/predictions.h"

namespace hilum {

// The rows of such a file on their way into it, with a progress bar called `title`.
class InputRows {
 public:
  InputRows(PredictionsFile& file, const std::vector<std::string>& names, const std::string& title);

  // Embeds the images whose rows `file` does not have yet, several at a time (--batch), and puts line(row, embedding);
  // row i is items[i]. One that fails becomes {"input","error"}.
  void put_images(Embedder& embedder, const std::vector<ImageItem>& items, const OptionValues& options,
      const std::function<std::string(size_t row, std::span<const float> embedding)>& line);
  // line() where the file does not have the row yet; an Error it throws becomes {"input","error"}.
  void put(size_t row, const std::function<std::string()>& line);
  size_t failed() const { return failed_; }

 private:
  void fail(size_t row, const Error& error);

  PredictionsFile& file_;
  const std::vector<std::string>& names_;
  Progress progress_;
  size_t failed_ = 0;
};
// Exit code 0, or 3 where rows failed, said on stderr. 2 (bad input) where `inputs` name one image (or text) and no
// manifest or folder; its row is then all there was to do.
int exit_code_of(size_t failed, size_t rows, const std::vector<std::string>& inputs);

// How images are embedded together: --batch and --threads.
EmbedRunConfig embed_run_config(const OptionValues& options);

// The embedder that --model, --preprocess, --threads and --device name. Throws Error.
std::unique_ptr<Embedder> load_embedder(const OptionValues& options);

// One image's embedding, with the decoder's warnings on stderr. Throws Error.
std::vector<float> embed_item(Embedder& embedder, const ImageItem& item);
// `,"demo":true` and, for an image unlike the training data, `,"warning":...`; "" for other models.
// What made a row: "model":{"name"}, with the weights' SHA-256 where rows go to a file (reading gigabytes is worth it
// there).
std::string model_field(const Embedder& embedder, bool to_file);
std::string demo_fields(const Embedder& embedder, std::span<const float> embedding);

// A JSON string literal; bytes that are not UTF-8 become U+FFFD.
std::string json_text(const std::string& text);

}  // namespace hilum
