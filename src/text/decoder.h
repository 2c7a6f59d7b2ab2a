// From pieces back to text ("decoder" in tokenizer.json), piece by piece as they come.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace hilum {

// One stage: takes pieces, hands text on; what it must hold back comes with finish().
class DecodeStage {
 public:
  using Next = std::function<void(std::string)>;
  virtual ~DecodeStage() = default;
  virtual void push(std::string piece, const Next& next) = 0;
  virtual void finish(const Next&) {}
};

// A run over one sequence of pieces. The concatenation of all that push() and finish() return is the decoded text.
class DecodeRun {
 public:
  explicit DecodeRun(std::vector<std::unique_ptr<DecodeStage>> stages) : stages_(std::move(stages)) {}
  std::string push(std::string piece);
  std::string finish();

 private:
  void feed(size_t stage, std::string piece, std::string& out);
  std::vector<std::unique_ptr<DecodeStage>> stages_;
};

class TokenDecoder {
 public:
  // `spec`: null (pieces joined by blanks, as the reference does), Sequence, ByteLevel, ByteFallback, Fuse, Metaspace,
  // BPEDecoder, WordPiece, Replace, Strip.
  // Throws Error naming any other type.
  TokenDecoder(const Json& spec, const std::string& where);
  DecodeRun start() const;

 private:
  using Maker = std::function<std::unique_ptr<DecodeStage>()>;
  void add(const Json& spec, const std::string& where, int depth, bool& fused);
  std::vector<Maker> makers_;
};

}  // namespace hilum
