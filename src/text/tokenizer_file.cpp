#include "text/tokenizer_file.h"

#include <unordered_set>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "text/piece_ids.h"

namespace hilum {
namespace {

constexpr int kMaxDepth = 64;

int32_t token_id_from(int64_t value, const std::string& where) {
  check(value >= 0 && value <= kMaxTokenId, where.c_str(),
      "token id " + std::to_string(value) + " is outside 0.." + std::to_string(kMaxTokenId), "Is the file damaged?");
  return static_cast<int32_t>(value);
}

// Receives the parser's events. Below model.vocab and model.merges it fills plain vectors, elsewhere a JSON tree.
class Reader : public nlohmann::json_sax<Json> {
 public:
  // `vocab_alone`: the whole text is what stands under model.vocab elsewhere.
  Reader(const std::string& where, TokenizerFile& file, bool vocab_alone = false)
      : where_(where), file_(file), vocab_alone_(vocab_alone) {}

  bool null() override { return value(nullptr); }
  bool boolean(bool v) override { return value(v); }
  bool number_float(double v, const string_t&) override { return value(v); }
  bool binary(binary_t&) override { return value(nullptr); }
  bool number_integer(int64_t v) override { return in_ == Part::kVocab ? vocab_entry(v) : value(v); }
  bool number_unsigned(uint64_t v) override {
    if (in_ != Part::kVocab) return value(v);
    return vocab_entry(v > static_cast<uint64_t>(kMaxTokenId) ? int64_t{kMaxTokenId} + 1 : static_cast<int64_t>(v));
  }
  bool string(string_t& v) override {
    if (in_ != Part::kMerges) return value(std::move(v));
    if (!in_pair_) return merge_line(v);
    pair_.push_back(std::move(v));
    return true;
  }
  bool key(string_t& v) override {
    key_ = std::move(v);
    return true;
  }

  bool start_object(size_t) override {
    if (in_ == Part::kVocab || in_ == Part::kMerges) return value(Json::object());
    if (is_model_member("vocab") || (vocab_alone_ && stack_.empty())) return enter(Part::kVocab);
    return open(Json::object());
  }
  bool start_array(size_t) override {
    if (in_ == Part::kMerges && !in_pair_) return in_pair_ = true;
    if (in_ == Part::kVocab || in_ == Part::kMerges) return value(Json::array());
    if (is_model_member("merges")) return enter(Part::kMerges);
    return open(Json::array());
  }
  bool end_object() override { return close(); }
  bool end_array() override {
    if (in_pair_) {
      if (pair_.size() != 2) fail_at("a merge is a pair of pieces, this one has " + std::to_string(pair_.size()));
      file_.merges.emplace_back(std::move(pair_[0]), std::move(pair_[1]));
      pair_.clear();
      in_pair_ = false;
      return true;
    }
    return close();
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::detail::exception& e) override {
    throw Error(where_, "not valid JSON at byte " + std::to_string(position) + " (" + e.what() + ")",
        "Is the file complete and a tokenizer.json?");
  }

 private:
  enum class Part { kTree, kVocab, kMerges };
  struct Open {
    Json* node;
    std::string key;  // by which it hangs in its parent
  };

  [[noreturn]] void fail_at(const std::string& what) {
    std::string place = where_;
    for (const Open& open : stack_)
      if (!open.key.empty()) place += ": " + open.key;
    if (in_ == Part::kVocab) place += ": vocab[\"" + key_ + "\"]";
    else if (in_ == Part::kMerges) place += ": merges[" + std::to_string(file_.merges.size()) + "]";
    else if (!key_.empty()) place += ": " + key_;
    throw Error(place, what, "Is the file damaged, or not a tokenizer.json?");
  }

  bool is_model_member(const char* name) const {
    return stack_.size() == 2 && stack_[1].key == "model" && stack_[1].node->is_object() && key_ == name;
  }

  bool enter(Part part) {
    const bool seen = part == Part::kVocab ? saw_vocab_ : saw_merges_;
    if (seen) fail_at("stands in the file twice");
    (part == Part::kVocab ? saw_vocab_ : saw_merges_) = true;
    in_ = part;
    return true;
  }

  bool vocab_entry(int64_t id) {
    file_.vocab.emplace_back(key_, token_id_from(id, where_ + ": model.vocab[\"" + key_ + "\"]"));
    return true;
  }

  bool merge_line(const std::string& line) {
    const size_t blank = line.find(' ');
    if (blank == std::string::npos || line.find(' ', blank + 1) != std::string::npos)
      fail_at("\"" + line + "\" is not two pieces with one blank between");
    file_.merges.emplace_back(line.substr(0, blank), line.substr(blank + 1));
    return true;
  }

  // A finished scalar (or an empty container where none may stand).
  template <class T>
  bool value(T&& v) {
    if (in_ == Part::kVocab) fail_at("is not a token id (a whole number)");
    if (in_ == Part::kMerges) fail_at("is not a pair of pieces");
    attach(Json(std::forward<T>(v)));
    return true;
  }

  Json* attach(Json&& v) {
    if (stack_.empty()) {
      *file_.rest = std::move(v);
      return file_.rest.get();
    }
    Json& parent = *stack_.back().node;
    if (parent.is_array()) {
      parent.push_back(std::move(v));
      return &parent.back();
    }
    if (parent.contains(key_)) fail_at("stands in the file twice");
    return &(parent[key_] = std::move(v));
  }

  bool open(Json&& empty) {
    if (static_cast<int>(stack_.size()) >= kMaxDepth)
      fail_at("nested deeper than " + std::to_string(kMaxDepth) + " levels");
    const bool in_array = !stack_.empty() && stack_.back().node->is_array();
    Json* node = attach(std::move(empty));
    stack_.push_back({node, in_array ? std::string() : key_});
    key_.clear();
    return true;
  }

  bool close() {
    if (in_ != Part::kTree) in_ = Part::kTree;
    else stack_.pop_back();
    key_.clear();
    return true;
  }

  const std::string& where_;
  TokenizerFile& file_;
  std::vector<Open> stack_;  // nodes stay where they are while open: only the innermost one grows
  std::string key_;
  std::vector<std::string> pair_;
  const bool vocab_alone_;
  Part in_ = Part::kTree;
  bool in_pair_ = false, saw_vocab_ = false, saw_merges_ = false;
};

std::vector<AddedToken> read_added(const Json& rest, const std::string& where) {
  std::vector<AddedToken> added;
  if (!rest.contains("added_tokens") || rest["added_tokens"].is_null()) return added;
  const Json& list = rest["added_tokens"];
  check(list.is_array(), where.c_str(), "added_tokens is not a list");
  for (size_t i = 0; i < list.size(); ++i) {
    const std::string place = where + ": added_tokens[" + std::to_string(i) + "]";
    const JsonFields fields(list[i], place);
    AddedToken token;
    token.content = fields.text("content");
    check(!token.content.empty(), place.c_str(), "the token's content is empty");
    token.id = token_id_from(fields.whole("id"), place);
    token.special = fields.flag("special", false);
    token.lstrip = fields.flag("lstrip", false);
    token.rstrip = fields.flag("rstrip", false);
    token.single_word = fields.flag("single_word", false);
    token.normalized = fields.flag("normalized", !token.special);
    added.push_back(std::move(token));
  }
  return added;
}

}  // namespace

void check_unique(const TokenizerFile& file, const std::string& where) {
  PieceIds ids(file.vocab.size() + file.added.size());
  std::vector<const std::string*> pieces;  // by id
  const auto add = [&](const std::string& piece, int32_t id, const char* place, bool may_repeat) {
    if (const auto known = ids.add(piece, id); known && !(may_repeat && *known == id))
      throw Error(where + place,
          "piece \"" + piece + "\" has the ids " + std::to_string(*known) + " and " + std::to_string(id));
    if (static_cast<size_t>(id) >= pieces.size()) pieces.resize(static_cast<size_t>(id) * 5 / 4 + 1);
    if (pieces[id] && *pieces[id] != piece)
      throw Error(
          where + place, "id " + std::to_string(id) + " stands for both \"" + *pieces[id] + "\" and \"" + piece + "\"");
    pieces[id] = &piece;
  };
  for (const auto& [piece, id] : file.vocab) add(piece, id, ": model.vocab", false);
  std::unordered_set<std::string_view> contents;
  for (const AddedToken& token : file.added) {
    if (!contents.insert(token.content).second)
      throw Error(where + ": added_tokens", "token \"" + token.content + "\" stands there twice");
    add(token.content, token.id, ": added_tokens", true);
  }
}

TokenizerFile read_tokenizer_file(std::string_view json, const std::string& where) {
  TokenizerFile file;
  file.rest = std::make_unique<Json>();
  Reader reader(where, file);
  Json::sax_parse(json.begin(), json.end(), &reader);
  check(file.rest->is_object(), where.c_str(), "is not a JSON object", "Is this a tokenizer.json?");
  file.added = read_added(*file.rest, where);
  check_unique(file, where);
  return file;
}

std::vector<std::pair<std::string, int32_t>> read_vocab_json(std::string_view json, const std::string& where) {
  TokenizerFile file;
  file.rest = std::make_unique<Json>();
  Reader reader(where, file, true);
  Json::sax_parse(json.begin(), json.end(), &reader);
  check(file.rest->is_null(), where.c_str(), "is not a JSON object", "Is this a vocab.json?");
  return std::move(file.vocab);
}

}  // namespace hilum
