#include "engine/annotate/chexbert_labeler.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "tensor/weight_folder.h"
#include "text/tokenizer_folder.h"
#include "text/unicode.h"

namespace hilum {
namespace {

constexpr size_t kAtOnce = 16;  // reports of one pass

int32_t special(const Tokenizer& tokenizer, const char* token, const std::string& where) {
  if (const auto id = tokenizer.id(token)) return *id;
  throw Error(
      where, std::string("its vocabulary has no ") + token, "Put bert-base-uncased's vocab.txt beside the weights.");
}

}  // namespace

std::string chexbert_text(std::string_view report) {
  std::string out;
  for (std::string_view rest = report; !rest.empty();) {
    const CodePoint c = decode_utf8(rest);
    const std::string_view bytes = rest.substr(0, static_cast<size_t>(c.length));
    if (!c.valid || !is_unicode_space(c.value)) out += bytes;
    else if (!out.empty() && out.back() != ' ') out += ' ';
    rest.remove_prefix(bytes.size());
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

CheXbertLabeler::CheXbertLabeler(const fs::path& path, const BackendConfig& backend)
    : model_(load_chexbert(path)), ops_(make_backend(backend)), tokenizer_(load_tokenizer_folder(model_folder(path))) {
  cls_ = special(*tokenizer_, "[CLS]", path.string());
  sep_ = special(*tokenizer_, "[SEP]", path.string());
  check(tokenizer_->vocab_size() <= model_->config().vocab, path.string().c_str(),
      "its vocabulary has " + std::to_string(tokenizer_->vocab_size()) + " pieces, the model " +
          std::to_string(model_->config().vocab),
      "Put bert-base-uncased's vocab.txt beside the weights.");
}

std::vector<int32_t> CheXbertLabeler::ids_of(std::string_view report) const {
  const std::vector<TextSegment> text = {{chexbert_text(report), /*allow_added=*/false}};
  std::vector<int32_t> ids = {cls_};
  const std::vector<int32_t> pieces = tokenizer_->encode_segments(text, false);
  ids.insert(ids.end(), pieces.begin(), pieces.end());
  ids.resize(std::min(ids.size(), static_cast<size_t>(model_->config().positions) - 1));
  ids.push_back(sep_);
  return ids;
}

std::vector<std::map<std::string, int>> CheXbertLabeler::label(
    std::span<const std::string> reports, const std::function<void(int64_t)>& progress) const {
  std::vector<std::map<std::string, int>> all;
  for (size_t first = 0; first < reports.size(); first += kAtOnce) {
    std::vector<std::vector<int32_t>> texts;
    for (const std::string& report : reports.subspan(first, std::min(kAtOnce, reports.size() - first)))
      texts.push_back(ids_of(report));
    for (const CheXbertClasses& classes : model_->classify(*ops_, TextBatch::of(texts)).classes) {
      std::map<std::string, int>& labels = all.emplace_back();
      for (size_t head = 0; head < kCheXbertHeads; ++head) {
        if (classes[head] == CheXbertClass::kPositive) labels[kCheXbertLabels[head]] = 1;
        if (classes[head] == CheXbertClass::kNegative) labels[kCheXbertLabels[head]] = 0;
        if (classes[head] == CheXbertClass::kUncertain) labels[kCheXbertLabels[head]] = -1;
      }
    }
    if (progress) progress(static_cast<int64_t>(all.size()));
  }
  return all;
}

}  // namespace hilum
