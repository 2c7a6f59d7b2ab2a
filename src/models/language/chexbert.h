// CheXbert: BERT whose class token goes to fourteen heads, one a finding. Source: Smit et al. 2020, arXiv 2004.09167
// (stanfordmlgroup/CheXbert); evaluation sheet, section 2. N reports, D width.
#pragma once

#include <array>
#include <deque>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/files/preset.h"
#include "models/language/bert.h"
#include "nn/linear.h"

namespace hilum {

inline constexpr size_t kCheXbertHeads = 14;
// In the order of the heads.
extern const std::array<const char*, kCheXbertHeads> kCheXbertLabels;

enum class CheXbertClass {
  kBlank = 0,
  kPositive = 1,
  kNegative = 2,
  kUncertain = 3
};  // No Finding has the first two alone
using CheXbertClasses = std::array<CheXbertClass, kCheXbertHeads>;

struct CheXbertOutput {
  std::vector<CheXbertClasses> classes;  // [N]
  Tensor vectors;                        // [N, D] host: the class token, which CheXbert similarity compares
};

class CheXbert {
 public:
  explicit CheXbert(const BertConfig& config);

  // Tags beside BERT's: "class_token" [N, D], "head" per head [N, 4] (the last [N, 2]).
  CheXbertOutput classify(Ops& ops, const TextBatch& reports) const;
  void params(ParamList& list);
  const BertConfig& config() const { return bert_.config(); }

 private:
  Bert bert_;
  std::deque<Linear> heads_;
};

// The published names: "bert.*", "linear_heads.N.*" ("module." before them is cut off by the reader of torch files),
// and what no forward uses.
const std::vector<KeyRule>& chexbert_keys();
const std::vector<std::string>& chexbert_ignored();

// chexbert.pth or a folder that holds it; a config.json beside it overrides BERT-base's sizes. Throws Error as
// load_checkpoint.
std::unique_ptr<CheXbert> load_chexbert(const std::filesystem::path& path);

}  // namespace hilum
