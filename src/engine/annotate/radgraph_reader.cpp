#include "engine/annotate/radgraph_reader.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "text/tokenizer_folder.h"

namespace hilum {

RadGraphReader::RadGraphReader(const fs::path& folder, const BackendConfig& backend)
    : loaded_(load_radgraph(folder)),
      ops_(make_backend(backend)),
      tokenizer_(load_tokenizer_folder(folder)),
      words_(loaded_.name == "radgraph" || loaded_.name == "None" ? RadGraphWords::kV1 : RadGraphWords::kXl) {
  const auto special = [&](const char* token) {
    const auto id = tokenizer_->id(token);
    check(id.has_value(), folder.string().c_str(), std::string("its vocab.txt has no ") + token,
        "Put the vocab.txt of the model's own encoder beside the weights.");
    return *id;
  };
  cls_ = special("[CLS]");
  sep_ = special("[SEP]");
  check(tokenizer_->vocab_size() <= loaded_.model->config().bert.vocab, folder.string().c_str(),
      fmt::format(
          "its vocab.txt has {} pieces, the model {}", tokenizer_->vocab_size(), loaded_.model->config().bert.vocab),
      "Put the vocab.txt of the model's own encoder beside the weights.");
}

RadGraph RadGraphReader::read(const std::string& report) const {
  const std::vector<std::string> words = radgraph_words(report, words_);
  RadGraphInput input{.cls = cls_, .sep = sep_};
  for (const std::string& word : words)
    input.pieces.push_back(tokenizer_->encode_segments(std::vector<TextSegment>{{word, /*allow_added=*/false}}, false));
  const RadGraphOutput read = loaded_.model->read(*ops_, input);

  const auto joined = [&](int first, int last) {
    return fmt::format("{}", fmt::join(words.begin() + first, words.begin() + last + 1, " "));
  };
  const RadGraphConfig& config = loaded_.model->config();
  RadGraph graph{.text = joined(0, static_cast<int>(words.size()) - 1)};
  for (const RadGraphSpan& span : read.entities)
    graph.entities.push_back({.tokens = joined(span.start, span.end),
        .label = config.entity_labels[static_cast<size_t>(span.label)],
        .start = span.start,
        .end = span.end});
  for (const RadGraphRelation& relation : read.relations)
    graph.entities[relation.subject].relations.emplace_back(
        config.relation_labels[static_cast<size_t>(relation.label)], relation.object);
  return graph;
}

}  // namespace hilum
