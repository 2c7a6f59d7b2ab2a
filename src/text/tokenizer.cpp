#include "text/tokenizer.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/json_fields.h"
#include "text/tokenizer_tables.h"
#include "text/unicode.h"

namespace hilum {
namespace {

const Json kNothing;

const Json& section(const TokenizerFile& file, const char* name) {
  const auto found = file.rest->find(name);
  return found == file.rest->end() ? kNothing : *found;
}

}  // namespace

Tokenizer::Tables::Tables(const TokenizerFile& file, const std::string& where)
    : model(make_word_model(file, where)),
      normalizer(section(file, "normalizer"), where + ": normalizer"),
      pre_tokenizer(section(file, "pre_tokenizer"), where + ": pre_tokenizer"),
      decoder(section(file, "decoder"), where + ": decoder") {
  const auto place = [&](const std::string& piece, int32_t id) {
    if (static_cast<size_t>(id) >= pieces.size()) {
      pieces.resize(id + 1);
      used.resize(id + 1);
      special.resize(id + 1);
    }
    pieces[id] = piece;
    used[id] = true;
  };
  for (const auto& [piece, id] : file.vocab) place(piece, id);
  for (const AddedToken& token : file.added) {
    place(token.content, token.id);
    special[token.id] = token.special;
    added_ids.add(token.content, token.id);
    MaskedText content{token.content, {}};
    if (token.normalized) normalizer.apply(content);
    (token.normalized ? normalized : raw).add(token, content.text);
  }
  const auto check_known = [&](int32_t id, const char* section_name) {
    check(static_cast<size_t>(id) < used.size() && used[static_cast<size_t>(id)], (where + ": " + section_name).c_str(),
        "id " + std::to_string(id) + " is no token of this file");
  };
  around = read_post_processor(section(file, "post_processor"), where + ": post_processor");
  for (const std::vector<int32_t>* ids : {&around.prefix, &around.suffix})
    for (const int32_t id : *ids) check_known(id, "post_processor");
  length = read_text_length(section(file, "truncation"), section(file, "padding"), where);
  if (!section(file, "padding").is_null()) check_known(length.pad_id, "padding");
}

// Calls token(id) for each match and text(part, begin) for each part between, in order.
template <class OnToken, class OnText>
static void cut_at_tokens(const AddedTokenMatcher& matcher, MaskedText&& masked, OnToken token, OnText text) {
  const std::vector<TokenMatch> matches = matcher.empty() ? std::vector<TokenMatch>() : matcher.find(masked);
  if (matches.empty()) {
    text(std::move(masked), size_t{0});
    return;
  }
  const auto part = [&](size_t begin, size_t end) {
    if (begin == end) return;
    MaskedText piece{masked.text.substr(begin, end - begin), {}};
    if (!masked.literal.empty()) piece.literal.assign(masked.literal.begin() + begin, masked.literal.begin() + end);
    text(std::move(piece), begin);
  };
  size_t at = 0;
  for (const TokenMatch& match : matches) {
    part(at, match.begin);
    token(match.id);
    at = match.end;
  }
  part(at, masked.text.size());
}

void Tokenizer::Tables::encode_words(std::string text, bool at_text_start, std::vector<int32_t>& out) const {
  for (const Word& word : pre_tokenizer.split({std::move(text), at_text_start})) model->encode(word.text, out);
}

void Tokenizer::Tables::encode_plain(MaskedText text, bool at_text_start, std::vector<int32_t>& out) const {
  normalizer.apply(text);
  cut_at_tokens(
      normalized, std::move(text), [&](int32_t id) { out.push_back(id); },
      [&](MaskedText part, size_t begin) { encode_words(std::move(part.text), at_text_start && begin == 0, out); });
}

std::vector<int32_t> Tokenizer::encode_segments(std::span<const TextSegment> segments, bool add_bos) const {
  MaskedText whole;
  bool any_literal = false;
  for (const TextSegment& segment : segments) {
    whole.text += to_valid_utf8(segment.text);
    whole.literal.resize(whole.text.size(), !segment.allow_added);
    any_literal = any_literal || !segment.allow_added;
  }
  if (!any_literal) whole.literal.clear();
  std::vector<int32_t> ids;
  if (add_bos) ids = tables_->around.prefix;
  cut_at_tokens(
      tables_->raw, std::move(whole), [&](int32_t id) { ids.push_back(id); },
      [&](MaskedText part, size_t begin) { tables_->encode_plain(std::move(part), begin == 0, ids); });
  return ids;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool add_bos) const {
  const TextSegment whole{std::string(text)};
  return encode_segments({&whole, 1}, add_bos);
}

EncodedText Tokenizer::encode_text(const TextSegment& text, const TextLength& length) const {
  return fit_length(prefix_ids(), encode_segments({&text, 1}, false), suffix_ids(), length);
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  DecodeRun run = tables_->decoder.start();
  std::string text;
  for (const int32_t id : ids)
    if (has(id) && !(skip_special && is_special(id))) text += run.push(tables_->pieces[id]);
  return text + run.finish();
}

std::optional<int32_t> Tokenizer::id(std::string_view token) const {
  for (const PieceIds* ids : {&tables_->added_ids, &tables_->model->ids()})
    if (const auto found = ids->find(token)) return found;
  return std::nullopt;
}

bool Tokenizer::has(int32_t id) const {
  return id >= 0 && static_cast<size_t>(id) < tables_->used.size() && tables_->used[id];
}
bool Tokenizer::is_special(int32_t id) const { return has(id) && tables_->special[id]; }
int Tokenizer::vocab_size() const { return static_cast<int>(tables_->pieces.size()); }
const std::vector<int32_t>& Tokenizer::prefix_ids() const { return tables_->around.prefix; }
const TextLength& Tokenizer::text_length() const { return tables_->length; }
const std::vector<int32_t>& Tokenizer::suffix_ids() const { return tables_->around.suffix; }

const std::string& Tokenizer::token(int32_t id) const {
  check(has(id), "tokenizer",
      "id " + std::to_string(id) + " has no token (the vocabulary has " + std::to_string(vocab_size()) + " ids)");
  return tables_->pieces[id];
}

Tokenizer make_tokenizer(const TokenizerFile& file, const std::string& where) {
  return Tokenizer(std::make_shared<const Tokenizer::Tables>(file, where));
}

Tokenizer parse_tokenizer(std::string_view json, const std::string& where) {
  return make_tokenizer(read_tokenizer_file(json, where), where);
}

void check_fits(const Tokenizer& tokenizer, int num_rows, const std::string& where) {
  if (tokenizer.vocab_size() <= num_rows) return;
  const int32_t last = tokenizer.vocab_size() - 1;
  throw Error(where,
      "does not fit the model: its token \"" + tokenizer.token(last) + "\" has the id " + std::to_string(last) +
          ", the embedding table has " + std::to_string(num_rows) + " rows",
      "Give the tokenizer that came with this checkpoint.");
}

Tokenizer load_tokenizer(const std::filesystem::path& path) {
  return parse_tokenizer(read_file(path, size_t{256} << 20), path.string());
}

}  // namespace hilum
