#include "text/stream_decoder.h"

#include "text/tokenizer_tables.h"

namespace hilum {

StreamDecoder::StreamDecoder(Tokenizer tokenizer, bool skip_special)
    : tokenizer_(std::move(tokenizer)),
      skip_special_(skip_special),
      run_(std::make_unique<DecodeRun>(tokenizer_.tables_->decoder.start())) {}
StreamDecoder::~StreamDecoder() = default;
StreamDecoder::StreamDecoder(StreamDecoder&&) noexcept = default;
StreamDecoder& StreamDecoder::operator=(StreamDecoder&&) noexcept = default;

std::string StreamDecoder::push(int32_t id) {
  if (!tokenizer_.has(id) || (skip_special_ && tokenizer_.is_special(id))) return {};
  return run_->push(tokenizer_.token(id));
}

std::string StreamDecoder::finish() { return run_->finish(); }

}  // namespace hilum
