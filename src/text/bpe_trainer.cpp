#include "text/bpe_trainer.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "text/added_tokens.h"
#include "text/byte_alphabet.h"
#include "text/pre_tokenizer.h"
#include "text/unicode.h"

namespace hilum {
namespace {

using Pair = std::pair<int, int>;

struct PairHash {
  size_t operator()(const Pair& pair) const {
    return std::hash<uint64_t>{}((static_cast<uint64_t>(pair.first) << 32) ^ static_cast<uint32_t>(pair.second));
  }
};

struct CountedWord {
  std::vector<int> symbols;
  int64_t count = 0;
};

struct Candidate {
  int64_t count;
  Pair pair;
  bool operator<(const Candidate& other) const {
    return count != other.count ? count < other.count : pair > other.pair;
  }
};

class Trainer {
 public:
  // The first `token_count` pieces are tokens, which no merge may make.
  Trainer(const std::map<std::string, int64_t>& words, std::vector<std::string> pieces, size_t token_count)
      : pieces_(std::move(pieces)), token_count_(static_cast<int>(token_count)) {
    for (size_t id = 0; id < pieces_.size(); ++id) ids_.emplace(pieces_[id], static_cast<int>(id));
    for (const auto& [text, count] : words) {
      CountedWord word{{}, count};
      for (std::string_view rest = text; !rest.empty();) {
        const int length = decode_utf8(rest).length;
        word.symbols.push_back(ids_.at(std::string(rest.substr(0, length))));
        rest.remove_prefix(length);
      }
      words_.push_back(std::move(word));
      const int index = static_cast<int>(words_.size()) - 1;
      for_pairs(words_.back(), [&](const Pair& pair) { change(pair, count, index); });
    }
    for (const auto& [pair, pair_count] : counts_) queue_.push({pair_count, pair});
  }

  void run(int vocab_size, int64_t min_frequency) {
    while (static_cast<int>(pieces_.size()) < vocab_size && !queue_.empty()) {
      const Candidate best = queue_.top();
      queue_.pop();
      const int64_t now = counts_[best.pair];
      if (now != best.count) {  // counted before later merges took some away; queued again as it stands
        if (now > 0) queue_.push({now, best.pair});
        continue;
      }
      if (best.count < std::max<int64_t>(min_frequency, 1)) break;
      if (!spells_token(best.pair)) apply(best.pair);
    }
  }

  const std::vector<std::string>& pieces() const { return pieces_; }
  const std::vector<Pair>& merges() const { return merges_; }

 private:
  template <class F>
  static void for_pairs(const CountedWord& word, F f) {
    for (size_t i = 0; i + 1 < word.symbols.size(); ++i) f(Pair{word.symbols[i], word.symbols[i + 1]});
  }

  bool spells_token(const Pair& pair) const {
    const auto found = ids_.find(pieces_[pair.first] + pieces_[pair.second]);
    return found != ids_.end() && found->second < token_count_;
  }

  void change(const Pair& pair, int64_t by, int word) {
    counts_[pair] += by;
    if (by > 0) where_[pair].insert(word);
  }

  void apply(const Pair& pair) {
    const std::string text = pieces_[pair.first] + pieces_[pair.second];
    const auto [found, is_new] =
        ids_.emplace(text, static_cast<int>(pieces_.size()));  // another split may have made the piece already
    if (is_new) pieces_.push_back(text);
    merges_.push_back(pair);
    const std::set<int> affected = std::move(where_[pair]);
    where_.erase(pair);
    std::set<Pair> touched;
    for (const int index : affected) {
      CountedWord& word = words_[index];
      for_pairs(word, [&](const Pair& p) { change(p, -word.count, index); });
      std::vector<int> merged;
      for (size_t i = 0; i < word.symbols.size(); ++i) {
        const bool hit =
            i + 1 < word.symbols.size() && word.symbols[i] == pair.first && word.symbols[i + 1] == pair.second;
        merged.push_back(hit ? found->second : word.symbols[i]);
        i += hit;
      }
      word.symbols = std::move(merged);
      for_pairs(word, [&](const Pair& p) {
        change(p, word.count, index);
        touched.insert(p);
      });
    }
    for (const Pair& p : touched)
      if (p != pair && (p.first == found->second || p.second == found->second)) queue_.push({counts_[p], p});
  }

  std::vector<std::string> pieces_;
  int token_count_;
  std::unordered_map<std::string, int> ids_;
  std::vector<CountedWord> words_;
  std::unordered_map<Pair, int64_t, PairHash> counts_;
  std::unordered_map<Pair, std::set<int>, PairHash> where_;  // words that hold, or once held, the pair
  std::priority_queue<Candidate> queue_;
  std::vector<Pair> merges_;
};

std::vector<std::string> first_pieces(const BpeTrainerConfig& config) {
  constexpr const char* kWhere = "BPE training";
  std::vector<std::string> pieces;
  std::set<std::string> seen;
  for (int byte = 0; byte < 256; ++byte) seen.insert(to_visible_bytes(std::string(1, static_cast<char>(byte))));
  for (const BpeTrainerConfig::Token& token : config.tokens) {
    check(!token.content.empty() && to_valid_utf8(token.content) == token.content, kWhere,
        "a token is empty or not UTF-8");
    check(seen.insert(token.content).second, kWhere,
        "the token \"" + token.content + "\" is named twice or is a byte's character");
    pieces.push_back(token.content);
  }
  std::vector<std::string> alphabet;
  for (int byte = 0; byte < 256; ++byte) alphabet.push_back(to_visible_bytes(std::string(1, static_cast<char>(byte))));
  std::sort(alphabet.begin(), alphabet.end());  // UTF-8 sorts by code point
  pieces.insert(pieces.end(), alphabet.begin(), alphabet.end());
  check(config.vocab_size >= static_cast<int>(pieces.size()), kWhere,
      "a vocabulary of " + std::to_string(config.vocab_size) + " cannot hold " + std::to_string(config.tokens.size()) +
          " tokens and 256 bytes");
  check(config.bos.empty() || std::find(pieces.begin(), pieces.begin() + config.tokens.size(), config.bos) !=
                                  pieces.begin() + config.tokens.size(),
      kWhere, "the bos \"" + config.bos + "\" is not among the tokens");
  return pieces;
}

Json byte_level(bool add_prefix_space) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"trim_offsets", true}, {"use_regex", true}};
}

std::map<std::string, int64_t> count_words(const std::vector<std::string>& texts, const BpeTrainerConfig& config) {
  AddedTokenMatcher matcher;
  for (const BpeTrainerConfig::Token& token : config.tokens) matcher.add({0, token.content}, token.content);
  const PreTokenizer pre_tokenizer(byte_level(config.add_prefix_space), "BPE training");
  std::map<std::string, int64_t> words;
  for (const std::string& raw : texts) {
    const MaskedText text{to_valid_utf8(raw), {}};
    size_t at = 0;
    const auto part = [&](size_t end) {
      for (const Word& word : pre_tokenizer.split({text.text.substr(at, end - at), at == 0})) ++words[word.text];
    };
    for (const TokenMatch& match : matcher.find(text)) {
      part(match.begin);
      at = match.end;
    }
    part(text.text.size());
  }
  return words;
}

}  // namespace

std::string train_byte_bpe(const std::vector<std::string>& texts, const BpeTrainerConfig& config) {
  Trainer trainer(count_words(texts, config), first_pieces(config), config.tokens.size());
  trainer.run(config.vocab_size, config.min_frequency);

  Json added = Json::array();
  for (size_t id = 0; id < config.tokens.size(); ++id)
    added.push_back({{"id", id}, {"content", config.tokens[id].content}, {"single_word", false}, {"lstrip", false},
        {"rstrip", false}, {"normalized", false}, {"special", config.tokens[id].special}});
  Json post = nullptr;
  if (!config.bos.empty()) {
    const auto bos = std::find_if(
        config.tokens.begin(), config.tokens.end(), [&](const auto& token) { return token.content == config.bos; });
    const Json item = {{"SpecialToken", {{"id", config.bos}, {"type_id", 0}}}};
    const auto sequence = [](const char* name, int type) {
      return Json{{"Sequence", {{"id", name}, {"type_id", type}}}};
    };
    post = {{"type", "TemplateProcessing"}};
    post["single"] = Json::array({item, sequence("A", 0)});
    post["pair"] = Json::array({item, sequence("A", 0), sequence("B", 1)});
    post["special_tokens"][config.bos] = {
        {"id", config.bos}, {"ids", Json::array({bos - config.tokens.begin()})}, {"tokens", Json::array({config.bos})}};
  }
  Json file = {{"version", "1.0"}, {"truncation", nullptr}, {"padding", nullptr}, {"added_tokens", added},
      {"normalizer", nullptr}};
  file["pre_tokenizer"] = byte_level(config.add_prefix_space);
  file["post_processor"] = post;
  file["decoder"] = byte_level(config.add_prefix_space);
  Json& model = file["model"];
  model = {{"type", "BPE"}, {"dropout", nullptr}, {"unk_token", nullptr}, {"continuing_subword_prefix", nullptr},
      {"end_of_word_suffix", nullptr}, {"fuse_unk", false}, {"byte_fallback", false}, {"ignore_merges", false}};
  std::string text = file.dump(1);

  // The two long tables are written by hand, one entry a line: an ordered object of 100,000 keys would take minutes to
  // fill.
  const auto quoted = [](const std::string& piece) { return Json(piece).dump(); };
  std::string tables = ",\n  \"vocab\": {";
  for (size_t id = 0; id < trainer.pieces().size(); ++id)
    tables += (id ? ",\n   " : "\n   ") + quoted(trainer.pieces()[id]) + ": " + std::to_string(id);
  tables += "\n  },\n  \"merges\": [";
  for (size_t rank = 0; rank < trainer.merges().size(); ++rank) {
    const auto& [left, right] = trainer.merges()[rank];
    tables +=
        (rank ? ",\n   [" : "\n   [") + quoted(trainer.pieces()[left]) + ", " + quoted(trainer.pieces()[right]) + "]";
  }
  tables += "\n  ]";
  const size_t end_of_model = text.rfind("\n }");
  invariant(end_of_model != std::string::npos, "the model object closes the file");
  return text.insert(end_of_model, tables) + "\n";
}

}  // namespace hilum
