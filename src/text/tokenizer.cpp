#include "text/tokenizer.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "text/json_fields.h"
#include "text/tokenizer_tables.h"
#include "text/unicode.h"

namespace hilum {
namespace {

const Json kNothing;

const Json& section(const TokenizerFile& file, const char* name) {
  const auto found = file.rest->find(name);
  return found == file.rest->end() ? kNothing : *found;
}

// Model options; what this code does not do is refused by name.
BpeOptions bpe_options(const TokenizerFile& file, const std::string& where) {
  const Json& model = section(file, "model");
  check(model.is_object(), where.c_str(), "has no \"model\"", "Is this a tokenizer.json?");
  const JsonFields fields(model, where + ": model");
  const std::string type = fields.string("type", "BPE");
  check(type == "BPE", fields.place("type").c_str(), "the tokenizer model \"" + type + "\" is not supported", "Supported: BPE.");
  check(!file.vocab.empty(), fields.place("vocab").c_str(), "is missing or empty");
  for (const char* affix : {"continuing_subword_prefix", "end_of_word_suffix"})
    check(fields.string(affix, "").empty(), fields.place(affix).c_str(), "is not supported");
  check(!fields.has("dropout") || fields.member("dropout") == 0.0, fields.place("dropout").c_str(), "random merges are not supported");
  BpeOptions options;
  options.byte_fallback = fields.boolean("byte_fallback", false);
  options.fuse_unk = fields.boolean("fuse_unk", false);
  options.ignore_merges = fields.boolean("ignore_merges", false);
  if (fields.has("unk_token")) options.unk_token = fields.string("unk_token");
  return options;
}

// The ids that TemplateProcessing puts around one text: [{"SpecialToken": {"id": "<s>"}}, {"Sequence": {"id": "A"}}, ...].
void read_template(const JsonFields& fields, std::vector<int32_t>& prefix, std::vector<int32_t>& suffix) {
  const Json& single = fields.member("single");
  check(single.is_array(), fields.place("single").c_str(), "is not a list");
  bool text_seen = false;
  for (size_t i = 0; i < single.size(); ++i) {
    const JsonFields item(single[i], fields.where() + ": single[" + std::to_string(i) + "]");
    if (item.has("Sequence")) {
      check(!text_seen, item.where().c_str(), "names the text twice");
      text_seen = true;
      continue;
    }
    const std::string name = JsonFields(item.member("SpecialToken"), item.place("SpecialToken")).string("id");
    const JsonFields specials(fields.member("special_tokens"), fields.place("special_tokens"));
    const JsonFields special(specials.member(name.c_str()), specials.place(name.c_str()));
    const Json& ids = special.member("ids");
    check(ids.is_array(), special.place("ids").c_str(), "is not a list");
    for (const Json& id : ids) {
      check(id.is_number_integer() && id >= 0 && id <= kMaxTokenId, special.place("ids").c_str(), "holds something that is no token id");
      (text_seen ? suffix : prefix).push_back(id.get<int32_t>());
    }
  }
  check(text_seen, fields.place("single").c_str(), "does not say where the text goes");
}

void read_post_processor(const Json& spec, const std::string& where, std::vector<int32_t>& prefix, std::vector<int32_t>& suffix, int depth = 0) {
  if (spec.is_null()) return;
  check(depth < 8, where.c_str(), "post-processors nested too deep");
  const JsonFields fields(spec, where);
  const std::string type = fields.string("type");
  if (type == "Sequence") {
    const Json& list = fields.member("processors");
    check(list.is_array(), fields.place("processors").c_str(), "is not a list");
    for (size_t i = 0; i < list.size(); ++i)
      read_post_processor(list[i], where + ": processors[" + std::to_string(i) + "]", prefix, suffix, depth + 1);
  } else if (type == "TemplateProcessing") {
    check(prefix.empty() && suffix.empty(), where.c_str(), "two templates in one post-processor are not supported");
    read_template(fields, prefix, suffix);
  } else {  // ByteLevel only trims offsets, which we do not give
    check(type == "ByteLevel", where.c_str(), "the post-processor \"" + type + "\" is not supported",
          "Supported: Sequence, TemplateProcessing, ByteLevel.");
  }
}

}  // namespace

Tokenizer::Tables::Tables(const TokenizerFile& file, const std::string& where)
    : bpe(file, bpe_options(file, where), where),
      normalizer(section(file, "normalizer"), where + ": normalizer"),
      pre_tokenizer(section(file, "pre_tokenizer"), where + ": pre_tokenizer"),
      decoder(section(file, "decoder"), where + ": decoder") {
  const auto place = [&](const std::string& piece, int32_t id) {
    if (static_cast<size_t>(id) >= pieces.size()) pieces.resize(id + 1), used.resize(id + 1), special.resize(id + 1);
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
  read_post_processor(section(file, "post_processor"), where + ": post_processor", prefix, suffix);
  for (const std::vector<int32_t>* ids : {&prefix, &suffix})
    for (const int32_t id : *ids)
      check(static_cast<size_t>(id) < used.size() && used[id], (where + ": post_processor").c_str(),
            "id " + std::to_string(id) + " is no token of this file");
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
  for (const Word& word : pre_tokenizer.split({std::move(text), at_text_start})) bpe.encode(word.text, out);
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
  if (add_bos) ids = tables_->prefix;
  cut_at_tokens(
      tables_->raw, std::move(whole), [&](int32_t id) { ids.push_back(id); },
      [&](MaskedText part, size_t begin) { tables_->encode_plain(std::move(part), begin == 0, ids); });
  return ids;
}

std::vector<int32_t> Tokenizer::encode(std::string_view text, bool add_bos) const {
  const TextSegment whole{std::string(text)};
  return encode_segments({&whole, 1}, add_bos);
}

std::string Tokenizer::decode(std::span<const int32_t> ids, bool skip_special) const {
  DecodeRun run = tables_->decoder.start();
  std::string text;
  for (const int32_t id : ids)
    if (has(id) && !(skip_special && is_special(id))) text += run.push(tables_->pieces[id]);
  return text + run.finish();
}

std::optional<int32_t> Tokenizer::id(std::string_view token) const {
  for (const PieceIds* ids : {&tables_->added_ids, &tables_->bpe.ids()})
    if (const auto found = ids->find(token)) return found;
  return std::nullopt;
}

bool Tokenizer::has(int32_t id) const { return id >= 0 && static_cast<size_t>(id) < tables_->used.size() && tables_->used[id]; }
bool Tokenizer::is_special(int32_t id) const { return has(id) && tables_->special[id]; }
int Tokenizer::vocab_size() const { return static_cast<int>(tables_->pieces.size()); }
const std::vector<int32_t>& Tokenizer::prefix_ids() const { return tables_->prefix; }
const std::vector<int32_t>& Tokenizer::suffix_ids() const { return tables_->suffix; }

const std::string& Tokenizer::token(int32_t id) const {
  check(has(id), "tokenizer", "id " + std::to_string(id) + " has no token (the vocabulary has " + std::to_string(vocab_size()) + " ids)");
  return tables_->pieces[id];
}

Tokenizer parse_tokenizer(std::string_view json, const std::string& where) {
  return Tokenizer(std::make_shared<const Tokenizer::Tables>(read_tokenizer_file(json, where), where));
}

Tokenizer load_tokenizer(const std::filesystem::path& path) { return parse_tokenizer(read_file(path, size_t{256} << 20), path.string()); }

}  // namespace hilum
