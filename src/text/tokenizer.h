// Text to token ids and back, from a Hugging Face tokenizer.json of model type BPE (the Llama kind: visible blanks,
// byte fallback; the GPT-2 and CLIP kind: bytes as visible characters) or WordPiece (BERT). Follows the tokenizers
// library (github.com/huggingface/tokenizers), token for token. tokenizer_folder.h reads the older files: vocab.txt,
// vocab.json with merges.txt.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/text_length.h"

namespace hilum {

struct TokenizerFile;

// A stretch of a prompt. In literal text (a user's words) no added token is found: "<image>" typed there is seven
// characters.
struct TextSegment {
  std::string text;
  bool allow_added = true;
};

// Immutable; copies share the tables; all calls may run in parallel.
class Tokenizer {
 public:
  // `add_bos`: puts prefix_ids() in front. Bytes that are not UTF-8 become U+FFFD. The file's truncation and padding
  // are not applied (encode_text does that). Throws Error only where the file's own regular expression fails on the
  // text.
  std::vector<int32_t> encode(std::string_view text, bool add_bos) const;
  // The segments as one text: merges go across their borders, so without added tokens in it the ids are those of the
  // joined text. No added token is found in or across a literal segment.
  std::vector<int32_t> encode_segments(std::span<const TextSegment> segments, bool add_bos) const;

  // One text as a model's text tower takes it: with prefix_ids() and suffix_ids(), cut and padded to `length`. Same
  // errors as encode(), and Error for a length that leaves no room.
  EncodedText encode_text(const TextSegment& text, const TextLength& length) const;
  EncodedText encode_text(std::string_view text) const { return encode_text({std::string(text)}, text_length()); }

  // Ids the vocabulary lacks are left out, as are special tokens when `skip_special`. Always valid UTF-8.
  std::string decode(std::span<const int32_t> ids, bool skip_special) const;

  // Id of a piece of the vocabulary or an added token, as written in the file.
  std::optional<int32_t> id(std::string_view token) const;
  // The piece as written in the file. Throws Error for an id without one.
  const std::string& token(int32_t id) const;
  bool has(int32_t id) const;
  bool is_special(int32_t id) const;
  int vocab_size() const;  // highest id + 1, added tokens included

  // What the post-processor puts before and behind a text ("<s>"); empty where it says nothing.
  const std::vector<int32_t>& prefix_ids() const;
  const std::vector<int32_t>& suffix_ids() const;
  const TextLength& text_length() const;  // the file's truncation and padding; no limit where it says nothing

 private:
  friend class StreamDecoder;
  friend Tokenizer make_tokenizer(const TokenizerFile& file, const std::string& where);
  struct Tables;
  explicit Tokenizer(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}
  std::shared_ptr<const Tables> tables_;
};

// Reads a tokenizer.json (at most 256 MB). Throws Error naming file and place: cut off, wrong types, ids twice or out
// of range, merges of unknown pieces, and, by name, every model type, normalizer, pre-tokenizer, decoder or option that
// is not supported.
Tokenizer load_tokenizer(const std::filesystem::path& path);
// The same from memory; `where` stands for the file's name in errors.
Tokenizer parse_tokenizer(std::string_view json, const std::string& where);
// The same from a file already taken apart.
Tokenizer make_tokenizer(const TokenizerFile& file, const std::string& where);

// Throws Error(where, ...) when a token's id is beyond the model's embedding table of `num_rows` rows. More rows than
// tokens are sound: published tables are padded.
void check_fits(const Tokenizer& tokenizer, int num_rows, const std::string& where);

}  // namespace hilum
