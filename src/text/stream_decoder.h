// Decoding as tokens come, for streaming answers and stop strings.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "text/tokenizer.h"

namespace hilum {

class DecodeRun;

// What push() and finish() return, joined, is exactly Tokenizer::decode of all ids; no piece ends inside a UTF-8
// character.
class StreamDecoder {
 public:
  StreamDecoder(Tokenizer tokenizer, bool skip_special);
  ~StreamDecoder();
  StreamDecoder(StreamDecoder&&) noexcept;
  StreamDecoder& operator=(StreamDecoder&&) noexcept;

  std::string push(int32_t id);  // the text that is now certain; may be empty
  std::string finish();          // the rest; call once, at the end

 private:
  Tokenizer tokenizer_;
  bool skip_special_;
  std::unique_ptr<DecodeRun> run_;
};

}  // namespace hilum
