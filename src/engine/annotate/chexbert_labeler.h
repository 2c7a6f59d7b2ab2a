// The 14 CheXpert labels of reports by CheXbert's published weights.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/model.h"
#include "models/language/chexbert.h"

namespace hilum {

// As the original cleans a report: blanks of any kind become one each, none at the ends.
std::string chexbert_text(std::string_view report);

class CheXbertLabeler {
 public:
  // chexbert.pth (or a folder that holds it) with bert-base-uncased's vocab.txt or tokenizer.json beside it. Throws
  // Error naming what is missing.
  CheXbertLabeler(const std::filesystem::path& path, const BackendConfig& backend);

  // 1, 0, -1 by CheXpert's names; blank: absent. A report of more pieces than the model has positions (512) is cut, as
  // the original does. `progress` is told how many are done.
  std::vector<std::map<std::string, int>> label(
      std::span<const std::string> reports, const std::function<void(int64_t)>& progress = {}) const;

 private:
  std::vector<int32_t> ids_of(std::string_view report) const;

  std::unique_ptr<CheXbert> model_;
  std::unique_ptr<Ops> ops_;
  std::optional<Tokenizer> tokenizer_;
  int32_t cls_ = 0, sep_ = 0;
};

}  // namespace hilum
