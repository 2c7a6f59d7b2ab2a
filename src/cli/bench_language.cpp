// Prompts and answers through a vision-language model's Generator, and its pictures.
#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "base/progress.h"
#include "cli/bench.h"
#include "engine/random_weights.h"
#include "generation/generate.h"
#include "models/vlm_config.h"

namespace hilum {
namespace {

constexpr int64_t kUsualPrompt = 512, kUsualGen = 32;

uint64_t bytes_of(const ParamList& params, DType type) {
  uint64_t count = 0;
  for (const Param* param : params) count += static_cast<uint64_t>(param->shape().count());
  return count * static_cast<uint64_t>(dtype_bits(type)) / 8;
}

// Words of the vocabulary: special tokens at its begin and the one that stands for a picture's rows are none.
class Words {
 public:
  explicit Words(const VlmConfig& config)
      : count_(std::min<int64_t>(config.language.vocab, 32000) - 4), image_(config.image_token) {
    check(count_ > 0, "hilum bench",
        "the vocabulary of " + std::to_string(config.language.vocab) + " is too small to make prompts of");
  }
  int32_t operator[](int64_t i) const {
    const auto id = static_cast<int32_t>(3 + i % count_);
    return id < image_ || image_ < 0 ? id : id + 1;
  }
  // Each begins with another word: none shares what the cache holds of the one before.
  std::vector<int32_t> prompt(int64_t length) {
    std::vector<int32_t> ids;
    for (int64_t i = 0; i < length; ++i) ids.push_back((*this)[made_ + i * 7919]);
    ++made_;
    return ids;
  }

 private:
  int64_t count_, made_ = 0;
  int32_t image_;
};

struct TokenSeconds {
  double prefill = 0, decode = 0;  // of the whole batch
};

// The words written are given: with random weights the one that stands for a picture would come too.
TokenSeconds run_batch(Generator& generator, Words& words, int64_t batch, int64_t prompt, int64_t gen) {
  std::vector<GenerateRequest> requests;
  for (int64_t i = 0; i < batch; ++i)
    requests.push_back({.prompt = words.prompt(prompt),
        .max_new_tokens = static_cast<int>(gen) + 1,
        .constraint = [&](std::span<const int32_t> written) {
          return NextTokens{.allowed = {words[static_cast<int64_t>(written.size()) * 101]}};
        }});
  std::vector<int64_t> handles;
  TokenSeconds seconds;
  seconds.prefill = seconds_of([&] {
    for (GenerateRequest& request : requests) handles.push_back(generator.add(std::move(request)));
  });
  seconds.decode = seconds_of([&] {
    for (int64_t i = 0; i < gen; ++i) generator.step();
  });
  for (const int64_t handle : handles) generator.take(handle);
  return seconds;
}

}  // namespace

BenchResult bench_language(const BenchTask& task) {
  BenchResult result;
  std::unique_ptr<Vlm> model;
  std::unique_ptr<Ops> ops;
  const bool pictures = task.images > 0 && !(task.shape && task.shape->language_alone);
  result.load_s = seconds_of([&] {
    if (task.shape) {
      result.name = task.shape->name;
      model = std::make_unique<Vlm>(shape_config(*task.shape));
      ParamList params;
      model->params(params);
      if (!pictures) std::erase_if(params, [](const Param* param) { return !param->name().starts_with("language."); });
      result.weights_bytes = bytes_of(params, task.type);
      if (result.weights_bytes > physical_memory())
        throw Error(result.name,
            fmt::format("has {:.1f} GB of weights, this machine has {:.1f} GB of memory",
                static_cast<double>(result.weights_bytes) / 1e9, static_cast<double>(physical_memory()) / 1e9),
            "Use a smaller --type.");
      fill_random(params, 1, task.type);
    } else {
      LoadedVlm loaded = load_vlm(task.model);
      result.name = loaded.directory.preset.name;
      model = std::move(loaded.model);
      result.weights_bytes = loaded.report.bytes;
    }
    ops = make_backend(task.backend);
  });
  result.kernels = ops->name();

  const DecoderConfig& language = model->config().language;
  const int64_t prompt = task.prompt.value_or(std::min(kUsualPrompt, language.context / 2));
  const int64_t gen = task.gen.value_or(prompt > 0 ? std::min(kUsualGen, language.context - prompt - 1) : 0);
  check(prompt > 0 || gen == 0, "--gen", "needs a prompt to go on from", "Give --prompt 1 or more.");
  if (prompt > 0) check_context(*model, prompt, static_cast<int>(gen) + 1);

  check(
      prompt > 0 || pictures, "hilum bench", "nothing is left to measure: there is no prompt, and there are no images");

  Progress progress("bench", int64_t{task.repeat} * ((pictures ? 1 : 0) + (prompt > 0 ? 1 : 0)), "runs");
  int64_t runs = 0;
  if (pictures) {
    const VisionEncoder& encoder = model->encoder();
    const Tensor pixels = bench_pixels({task.images, encoder.channels(), encoder.image_px(), encoder.image_px()});
    const auto run = [&] { ops->to_host(model->project(*ops, model->encode_images(*ops, pixels))); };  // [N, tokens, D]
    result.images = task.images;
    result.image_first_s = seconds_of(run);
    std::vector<double> seconds;
    for (int i = 0; i < task.repeat; ++i, progress.update(++runs))
      seconds.push_back(seconds_of(run) / static_cast<double>(task.images));
    result.image_s = median(seconds);
  }
  std::optional<Generator> generator;
  if (prompt > 0) {
    generator.emplace(*ops, *model, task.batch, prompt + gen + 1);
    result.prompt = prompt;
    result.gen = gen;
    result.batch = task.batch;
    result.cache_bytes = generator->cache_bytes();
    Words words(model->config());
    result.text_first_s =
        seconds_of([&] { run_batch(*generator, words, 1, std::min<int64_t>(prompt, 4), std::min<int64_t>(gen, 1)); });
    std::vector<double> prefill, decode;  // tokens/s
    for (int i = 0; i < task.repeat; ++i, progress.update(++runs)) {
      const TokenSeconds seconds = run_batch(*generator, words, task.batch, prompt, gen);
      prefill.push_back(static_cast<double>(task.batch * prompt) / seconds.prefill);
      decode.push_back(static_cast<double>(task.batch * gen) / seconds.decode);
    }
    result.prefill_tokens_per_s = median(prefill);
    result.decode_tokens_per_s = gen > 0 ? median(decode) : 0;
  }
  result.memory = process_memory();
  return result;
}

}  // namespace hilum
