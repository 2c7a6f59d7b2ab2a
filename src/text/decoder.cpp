#include "text/decoder.h"

#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json_fields.h"
#include "text/byte_alphabet.h"
#include "text/unicode.h"

namespace hilum {
namespace {

class JoinByBlank : public DecodeStage {
 public:
  void push(std::string piece, const Next& next) override {
    next(first_ ? std::move(piece) : " " + piece);
    first_ = false;
  }

 private:
  bool first_ = true;
};

std::string replaced(const std::string& text, std::string_view from, std::string_view to) {
  std::string out;
  size_t at = 0;
  for (size_t hit; (hit = text.find(from, at)) != std::string::npos; at = hit + from.size())
    out.append(text, at, hit - at).append(to);
  return out.append(text, at);
}

class Replace : public DecodeStage {
 public:
  Replace(std::string from, std::string to) : from_(std::move(from)), to_(std::move(to)) {}
  void push(std::string piece, const Next& next) override { next(replaced(piece, from_, to_)); }

 private:
  std::string from_, to_;
};

// Runs of <0xXX> become their bytes. A run that is not UTF-8 as a whole becomes one U+FFFD a byte, so it must be
// complete first.
class ByteFallback : public DecodeStage {
 public:
  void push(std::string piece, const Next& next) override {
    if (const auto byte = byte_of(piece)) {
      run_ += static_cast<char>(*byte);
      return;
    }
    finish(next);
    next(std::move(piece));
  }
  void finish(const Next& next) override {
    if (run_.empty()) return;
    std::string text = run_;
    if (to_valid_utf8(run_) != run_) {
      text.clear();
      for (size_t i = 0; i < run_.size(); ++i) text += kReplacementCharacter;
    }
    run_.clear();
    next(std::move(text));
  }

 private:
  static std::optional<uint8_t> byte_of(const std::string& piece) {
    if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return std::nullopt;
    int value = 0;
    for (const char c : {piece[3], piece[4]}) {
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                               : -1;
      if (digit < 0) return std::nullopt;
      value = value * 16 + digit;
    }
    return static_cast<uint8_t>(value);
  }
  std::string run_;
};

// Visible characters back to bytes; a piece with other characters (an added token) gives its own bytes.
class ByteLevel : public DecodeStage {
 public:
  void push(std::string piece, const Next& next) override {
    pending_ += bytes_of(piece);
    std::string text;
    std::string_view rest = pending_;
    while (!rest.empty() && !is_incomplete_utf8(rest)) {
      const CodePoint point = decode_utf8(rest);
      text += point.valid ? rest.substr(0, point.length) : kReplacementCharacter;
      rest.remove_prefix(point.length);
    }
    pending_ = std::string(rest);
    next(std::move(text));
  }
  void finish(const Next& next) override {
    next(to_valid_utf8(pending_));
    pending_.clear();
  }

 private:
  static std::string bytes_of(const std::string& piece) {
    std::string bytes;
    for (std::string_view rest = piece; !rest.empty();) {
      const CodePoint point = decode_utf8(rest);
      const auto byte = visible_to_byte(point.value);
      if (!byte) return piece;
      bytes += static_cast<char>(*byte);
      rest.remove_prefix(point.length);
    }
    return bytes;
  }
  std::string pending_;
};

class Metaspace : public DecodeStage {
 public:
  Metaspace(std::string mark, bool drop_first)
      : mark_(std::move(mark)), blank_(mark_, " "), drop_(mark_, ""), drop_first_(drop_first) {}
  void push(std::string piece, const Next& next) override {
    (drop_first_ ? drop_ : blank_).push(std::move(piece), next);
    drop_first_ = false;
  }

 private:
  std::string mark_;
  Replace blank_, drop_;
  bool drop_first_;
};

// Pieces that begin with the prefix continue a word, all others begin one. `cleanup` joins English punctuation and
// contractions to the word before, piece by piece, so that "do not" becomes "don't" only where one piece holds both.
class WordPieces : public DecodeStage {
 public:
  WordPieces(std::string prefix, bool cleanup) : prefix_(std::move(prefix)), cleanup_(cleanup) {}
  void push(std::string piece, const Next& next) override {
    if (!first_) {
      if (!prefix_.empty() && piece.starts_with(prefix_)) piece.erase(0, prefix_.size());
      else piece.insert(0, " ");
    }
    first_ = false;
    if (cleanup_)
      for (const auto& [from, to] : kJoined) piece = replaced(piece, from, to);
    next(std::move(piece));
  }

 private:
  static constexpr std::pair<std::string_view, std::string_view> kJoined[] = {{" .", "."}, {" ?", "?"}, {" !", "!"},
      {" ,", ","}, {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"},
      {" 're", "'re"}};
  std::string prefix_;
  bool cleanup_, first_ = true;
};

// A suffix becomes a blank, at the very end nothing: the last piece waits until it is known to be the last.
class WordSuffix : public DecodeStage {
 public:
  explicit WordSuffix(std::string suffix) : suffix_(std::move(suffix)) {}
  void push(std::string piece, const Next& next) override {
    if (held_) next(replaced(*held_, suffix_, " "));
    held_ = std::move(piece);
  }
  void finish(const Next& next) override {
    if (held_) next(replaced(*held_, suffix_, ""));
    held_.reset();
  }

 private:
  std::string suffix_;
  std::optional<std::string> held_;
};

// Takes up to `start` copies of a character off the front and `stop` off the end: of each piece, or, behind Fuse, of
// the whole text.
class Strip : public DecodeStage {
 public:
  Strip(std::string content, int64_t start, int64_t stop, bool fused)
      : content_(std::move(content)), start_(start), stop_(stop), left_(start), fused_(fused) {}
  void push(std::string piece, const Next& next) override {
    if (!fused_) left_ = start_;
    size_t at = 0;
    while (left_ > 0 && piece.compare(at, content_.size(), content_) == 0 && at < piece.size()) {
      at += content_.size();
      --left_;
    }
    if (at < piece.size()) left_ = 0;
    held_ += piece.substr(at);
    // Hold back the characters at the end that may still be stripped.
    size_t end = held_.size();
    for (int64_t i = 0; i < stop_ && ends_with(end); ++i) end -= content_.size();
    next(held_.substr(0, end));
    held_.erase(0, end);
    if (!fused_) held_.clear();
  }
  // What is held back at the end is exactly what the stage takes off.

 private:
  bool ends_with(size_t end) const {
    return end >= content_.size() && held_.compare(end - content_.size(), content_.size(), content_) == 0;
  }
  std::string content_, held_;
  int64_t start_, stop_, left_;
  bool fused_;
};

}  // namespace

TokenDecoder::TokenDecoder(const Json& spec, const std::string& where) {
  bool fused = false;
  if (spec.is_null()) makers_.push_back([] { return std::make_unique<JoinByBlank>(); });
  else add(spec, where, 0, fused);
}

void TokenDecoder::add(const Json& spec, const std::string& where, int depth, bool& fused) {
  check(depth < 8, where.c_str(), "decoders nested too deep");
  const JsonFields fields(spec, where);
  const std::string type = fields.text("type");
  check(!fused || type == "Strip" || type == "Sequence" || type == "Fuse", where.c_str(),
      "the decoder \"" + type + "\" behind Fuse is not supported");
  if (type == "Sequence") {
    const Json& list = fields.member("decoders");
    check(list.is_array(), fields.place("decoders").c_str(), "is not a list");
    for (size_t i = 0; i < list.size(); ++i)
      add(list[i], where + ": decoders[" + std::to_string(i) + "]", depth + 1, fused);
  } else if (type == "Replace") {
    const JsonFields pattern(fields.member("pattern"), fields.place("pattern"));
    check(pattern.has("String"), pattern.where().c_str(),
        "only a plain string can be replaced, this is no \"String\" pattern");
    const std::string from = pattern.text("String"), to = fields.text("content");
    check(!from.empty(), pattern.where().c_str(), "is empty");
    makers_.push_back([from, to] { return std::make_unique<Replace>(from, to); });
  } else if (type == "ByteFallback") {
    makers_.push_back([] { return std::make_unique<ByteFallback>(); });
  } else if (type == "ByteLevel") {
    makers_.push_back([] { return std::make_unique<ByteLevel>(); });
    fused = true;  // its output is one text
  } else if (type == "Metaspace") {
    const std::string mark = fields.text("replacement", "\xE2\x96\x81");
    check(!mark.empty(), fields.place("replacement").c_str(), "is empty");
    const bool drop =
        fields.text("prepend_scheme", fields.flag("add_prefix_space", true) ? "always" : "never") != "never";
    makers_.push_back([mark, drop] { return std::make_unique<Metaspace>(mark, drop); });
  } else if (type == "WordPiece") {
    const std::string prefix = fields.text("prefix", "##");
    const bool cleanup = fields.flag("cleanup", true);
    makers_.push_back([prefix, cleanup] { return std::make_unique<WordPieces>(prefix, cleanup); });
  } else if (type == "BPEDecoder") {
    const std::string suffix = fields.text("suffix", "</w>");
    check(!suffix.empty(), fields.place("suffix").c_str(), "is empty");
    makers_.push_back([suffix] { return std::make_unique<WordSuffix>(suffix); });
  } else if (type == "Strip") {
    const std::string content = fields.text("content");
    check(!content.empty() && decode_utf8(content).valid &&
              static_cast<size_t>(decode_utf8(content).length) == content.size(),
        fields.place("content").c_str(), "is not one character");
    const int64_t start = fields.whole("start"), stop = fields.whole("stop");
    check(start >= 0 && stop >= 0, where.c_str(), "start or stop is negative");
    makers_.push_back([=, is_fused = fused] { return std::make_unique<Strip>(content, start, stop, is_fused); });
  } else if (type == "Fuse") {
    fused = true;
  } else {
    throw Error(where, "the decoder \"" + type + "\" is not supported",
        "Supported: Sequence, ByteLevel, ByteFallback, Fuse, Metaspace, BPEDecoder, WordPiece, Replace, Strip.");
  }
}

DecodeRun TokenDecoder::start() const {
  std::vector<std::unique_ptr<DecodeStage>> stages;
  for (const Maker& maker : makers_) stages.push_back(maker());
  return DecodeRun(std::move(stages));
}

void DecodeRun::feed(size_t stage, std::string piece, std::string& out) {
  if (stage == stages_.size()) out += piece;
  else stages_[stage]->push(std::move(piece), [&](std::string text) { feed(stage + 1, std::move(text), out); });
}

std::string DecodeRun::push(std::string piece) {
  std::string out;
  feed(0, std::move(piece), out);
  return out;
}

std::string DecodeRun::finish() {
  std::string out;
  for (size_t stage = 0; stage < stages_.size(); ++stage)
    stages_[stage]->finish([&](std::string text) { feed(stage + 1, std::move(text), out); });
  return out;
}

}  // namespace hilum
