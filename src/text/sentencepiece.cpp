#include "text/sentencepiece.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "text/special_tokens.h"
#include "text/unicode.h"

namespace hilum {
namespace {

// One message of the protocol-buffers wire format: a key (field number and wire type), then its value, until the end.
class Message {
 public:
  Message(std::string_view bytes, size_t begin, const std::string& where)
      : bytes_(bytes), begin_(begin), where_(where) {}

  // The next field; false at the end.
  bool next() {
    if (at_ == bytes_.size()) return false;
    key_at_ = at_;
    const uint64_t key = varint();
    field_ = key >> 3;
    switch (key & 7) {
      case 0: number_ = varint(); break;
      case 1: text_ = take(8); break;
      case 2: text_ = take(varint()); break;
      case 5: text_ = take(4); break;
      default: fail("a field of wire type " + std::to_string(key & 7));
    }
    type_ = static_cast<int>(key & 7);
    return true;
  }
  uint64_t field() const { return field_; }
  uint64_t number() const {
    want(0);
    return number_;
  }
  std::string_view text() const {
    want(2);
    return text_;
  }
  Message message() const { return {text(), begin_ + at_ - text_.size(), where_}; }
  float real() const {
    want(5);
    uint32_t bits = 0;
    for (size_t i = 4; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(text_[i]);
    return std::bit_cast<float>(bits);
  }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where_ + ": byte " + std::to_string(begin_ + key_at_), what,
        "Is this the tokenizer.model that came with the checkpoint?");
  }

 private:
  void want(int type) const {
    if (type_ != type) fail("field " + std::to_string(field_) + " is of another type");
  }
  uint64_t varint() {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == bytes_.size()) fail("the file ends inside a number");
      const auto byte = static_cast<unsigned char>(bytes_[at_++]);
      value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    fail("a number of more than 64 bits");
  }
  std::string_view take(uint64_t count) {
    if (count > bytes_.size() - at_) fail("the file ends inside a field");
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }

  std::string_view bytes_, text_;
  size_t begin_, at_ = 0, key_at_ = 0;
  uint64_t field_ = 0, number_ = 0;
  int type_ = 0;
  const std::string& where_;
};

struct Piece {
  float score = 0;
  uint64_t type = kNormal;
};

// trainer_spec: the kind of model. normalizer_spec: what it does to text before.
void check_trainer(Message spec) {
  uint64_t kind = 1;  // UNIGRAM where it is not said
  while (spec.next())
    if (spec.field() == 3) kind = spec.number();
  if (kind != 2)
    spec.fail("the model is of kind " + std::to_string(kind) + (kind == 1 ? " (unigram)" : "") + ", supported is BPE");
}

struct Normalization {
  bool dummy_prefix = true, remove_blanks = true, escape = true;
};
Normalization read_normalizer(Message spec) {
  Normalization n;
  while (spec.next()) switch (spec.field()) {
      case 2:
        if (!spec.text().empty())
          spec.fail("the model normalizes text by a table of characters, which is not supported");
        break;
      case 3: n.dummy_prefix = spec.number() != 0; break;
      case 4: n.remove_blanks = spec.number() != 0; break;
      case 5: n.escape = spec.number() != 0; break;
      default: break;
    }
  return n;
}

// Every way to make a piece of two others, the best-scored piece first. Ways of one piece share its rank.
void add_merges(TokenizerFile& file, const std::vector<Piece>& pieces) {
  std::unordered_map<std::string_view, int32_t> id_of;
  for (const auto& [piece, id] : file.vocab) id_of.emplace(piece, id);
  std::vector<int32_t> order;  // of pieces that may be made
  for (const auto& [piece, id] : file.vocab)
    if (pieces[static_cast<size_t>(id)].type == kNormal) order.push_back(id);
  std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
    return pieces[static_cast<size_t>(a)].score > pieces[static_cast<size_t>(b)].score;
  });
  const auto usable = [&](std::string_view part) {
    const auto found = id_of.find(part);
    return found != id_of.end() && pieces[static_cast<size_t>(found->second)].type == kNormal;
  };
  uint32_t rank = 0;
  float last = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const float score = pieces[static_cast<size_t>(order[i])].score;
    if (i == 0 || score != last) rank = static_cast<uint32_t>(i);
    last = score;
    const std::string_view whole = file.vocab[static_cast<size_t>(order[i])].first;
    for (size_t cut = decode_utf8(whole).length; cut < whole.size(); cut += decode_utf8(whole.substr(cut)).length)
      if (usable(whole.substr(0, cut)) && usable(whole.substr(cut))) {
        file.merges.emplace_back(whole.substr(0, cut), whole.substr(cut));
        file.merge_ranks.push_back(rank);
      }
  }
}

}  // namespace

TokenizerFile read_sentencepiece(std::string_view model, const TokenizerSettings& settings, const std::string& where) {
  const std::string& kind = settings.tokenizer_class;
  check(kind.empty() || kind == "LlamaTokenizer" || kind == "LlamaTokenizerFast", where.c_str(),
      "the tokenizer class \"" + kind + "\" is not supported with tokenizer.model",
      "Give the folder's tokenizer.json.");
  constexpr size_t kMaxPiece = 1024;  // bytes; published ones have at most 48
  TokenizerFile file;
  std::vector<Piece> pieces;
  Normalization normalization;
  bool has_trainer = false;
  Message all(model, 0, where);
  while (all.next()) {
    if (all.field() == 2) {
      check_trainer(all.message());
      has_trainer = true;
    } else if (all.field() == 3) {
      normalization = read_normalizer(all.message());
    } else if (all.field() == 1) {
      Message entry = all.message();
      std::string text;
      Piece piece;
      while (entry.next()) switch (entry.field()) {
          case 1: text = entry.text(); break;
          case 2: piece.score = entry.real(); break;
          case 3: piece.type = entry.number(); break;
          default: break;
        }
      if (text.empty() || text.size() > kMaxPiece || to_valid_utf8(text) != text)
        all.fail("a piece is empty, too long or not UTF-8");
      if (!std::isfinite(piece.score) || piece.type < kNormal || piece.type > kByte)
        all.fail("the piece \"" + text + "\" has no score or type");
      if (pieces.size() > static_cast<size_t>(kMaxTokenId))
        all.fail("more than " + std::to_string(kMaxTokenId + 1) + " pieces");
      file.vocab.emplace_back(std::move(text), static_cast<int32_t>(pieces.size()));
      pieces.push_back(piece);
    }
  }
  check(has_trainer && !pieces.empty(), where.c_str(), "holds no pieces of a SentencePiece model",
      "Is this the tokenizer.model that came with the checkpoint?");
  check(!normalization.remove_blanks && normalization.escape, where.c_str(),
      "removes or keeps blanks in a way that is not supported",
      "Supported are models that write blanks visibly and keep them all, as the Llama family's.");
  add_merges(file, pieces);

  SpecialTokens special(file, settings, where);
  for (size_t id = 0; id < pieces.size(); ++id)
    if (pieces[id].type == kControl || pieces[id].type == kUserDefined)
      special.add(static_cast<int32_t>(id), pieces[id].type == kControl);
  const auto unk = special.need(settings.unk, "<unk>"), bos = special.need(settings.bos, "<s>");
  special.need(settings.eos, "</s>");
  // The library's class cuts these tokens from the text as it came, before any blank is put in front of what is between
  // them, whatever the files say of normalisation.
  for (AddedToken& token : file.added) token.normalized = false;
  const Json blank = {{"type", "Replace"}, {"pattern", {{"String", "\u2581"}}}, {"content", " "}};
  file.rest = std::make_unique<Json>(Json{
      {"decoder",
          {{"type", "Sequence"}, {"decoders", Json::array({blank, {{"type", "ByteFallback"}}, {{"type", "Fuse"}},
                                                  {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}})}}},
      {"post_processor",
          {{"type", "TemplateProcessing"},
              {"single", Json::array({{{"SpecialToken", {{"id", bos.first}, {"type_id", 0}}}},
                             {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}})},
              {"special_tokens", {{bos.first, {{"id", bos.first}, {"ids", {bos.second}}, {"tokens", {bos.first}}}}}}}},
      {"model", {{"type", "BPE"}, {"unk_token", unk.first}, {"fuse_unk", true}, {"byte_fallback", true}}}});
  Json& rest = *file.rest;
  if (settings.legacy.value_or(true) && normalization.dummy_prefix)
    rest["normalizer"] = {{"type", "Sequence"},
        {"normalizers", Json::array({{{"type", "Prepend"}, {"prepend", "\u2581"}},
                            {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}}})}};
  else
    rest["pre_tokenizer"] = {{"type", "Metaspace"}, {"replacement", "\u2581"},
        {"prepend_scheme", normalization.dummy_prefix ? "first" : "never"}, {"before_blanks_too", true},
        {"split", false}};
  check_unique(file, where);
  return file;
}

}  // namespace hilum
