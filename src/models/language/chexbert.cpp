#include "models/language/chexbert.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "models/files/checkpoint.h"
#include "tensor/weight_folder.h"

namespace hilum {

const std::array<const char*, kCheXbertHeads> kCheXbertLabels = {"Enlarged Cardiomediastinum", "Cardiomegaly",
    "Lung Opacity", "Lung Lesion", "Edema", "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax",
    "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices", "No Finding"};

CheXbert::CheXbert(const BertConfig& config) : bert_(config, "bert.") {
  for (size_t i = 0; i < kCheXbertHeads; ++i)
    heads_.emplace_back("linear_heads." + std::to_string(i), config.width, i + 1 < kCheXbertHeads ? 4 : 2, true);
}

CheXbertOutput CheXbert::classify(Ops& ops, const TextBatch& reports) const {
  std::vector<int32_t> begins = reports.begins();
  begins.pop_back();
  const Tensor tokens =
      ops.tag(ops.gather_rows(bert_.hidden_states(ops, reports).back(), begins), "class_token");  // [N, D]
  CheXbertOutput out;
  out.classes.resize(begins.size());
  for (size_t head = 0; head < heads_.size(); ++head) {
    const Tensor logits =
        ops.to_host(ops.tag(heads_[head].forward(ops, tokens), "head", static_cast<int>(head)));  // [N, 4] or [N, 2]
    const int64_t classes = logits.dim(1);
    for (size_t i = 0; i < begins.size(); ++i) {
      const float* row = logits.f32() + static_cast<int64_t>(i) * classes;
      out.classes[i][head] = static_cast<CheXbertClass>(std::max_element(row, row + classes) - row);
    }
  }
  out.vectors = ops.to_host(tokens);
  return out;
}

void CheXbert::params(ParamList& list) {
  bert_.params(list);
  for (Linear& head : heads_) head.params(list);
}

const std::vector<KeyRule>& chexbert_keys() {
  static const std::vector<KeyRule> keys = {{"module.", ""}, {"", ""}};
  return keys;
}

const std::vector<std::string>& chexbert_ignored() {
  static const std::vector<std::string> ignored = {"bert.embeddings.position_ids", "bert.pooler.dense.*"};
  return ignored;
}

std::unique_ptr<CheXbert> load_chexbert(const fs::path& path) {
  const fs::path config = model_folder(path) / "config.json";
  auto model = std::make_unique<CheXbert>(
      bert_config_from_json(fs::exists(config) ? read_json_file(config) : Json::object(), config.string()));
  ParamList params;
  model->params(params);
  load_checkpoint(
      fs::exists(path / "chexbert.pth") ? path / "chexbert.pth" : path, params, chexbert_keys(), chexbert_ignored());
  return model;
}

}  // namespace hilum
