#include "text/bpe.h"

#include <algorithm>
#include <queue>

#include <fmt/core.h>

#include "base/error.h"
#include "text/unicode.h"

namespace hilum {

Bpe::Bpe(const TokenizerFile& file, BpeOptions options, const std::string& where)
    : WordModel(file), merges_(file.merges.size()), options_(std::move(options)) {
  std::string joined;
  for (size_t rank = 0; rank < file.merges.size(); ++rank) {
    const auto& [left, right] = file.merges[rank];
    const auto find = [&](const std::string& piece) {
      const auto found = ids_.find(piece);
      if (!found)
        throw Error(fmt::format("{}: model.merges[{}]", where, rank),
            fmt::format(
                "merge of \"{}\" and \"{}\" needs the piece \"{}\", which the vocabulary lacks", left, right, piece));
      return *found;
    };
    const int32_t left_id = find(left), right_id = find(right), made = find(joined.assign(left).append(right));
    if (!is_barred(made))
      merges_.set(
          left_id, right_id, {file.merge_ranks.empty() ? static_cast<uint32_t>(rank) : file.merge_ranks[rank], made});
  }

  byte_ids_.assign(256, -1);
  for (int byte = 0; byte < 256; ++byte)
    if (const auto found = ids_.find(fmt::format("<0x{:02X}>", byte))) byte_ids_[byte] = *found;
  if (options_.unk_token) {
    unk_id_ = ids_.find(*options_.unk_token);
    if (!unk_id_) throw Error(where + ": model.unk_token", "\"" + *options_.unk_token + "\" is not in the vocabulary");
  }
}

void Bpe::characters(std::string_view word, std::vector<int32_t>& out) const {
  bool after_unk = false;
  while (!word.empty()) {
    const std::string_view character = word.substr(0, decode_utf8(word).length);
    word.remove_prefix(character.size());
    const bool has_suffix = word.empty() && !options_.word_suffix.empty();
    if (const auto found =
            has_suffix ? ids_.find(std::string(character) + options_.word_suffix) : ids_.find(character)) {
      out.push_back(*found);
      after_unk = false;
      continue;
    }
    const auto byte_id = [&](char c) { return byte_ids_[static_cast<uint8_t>(c)]; };
    if (options_.byte_fallback &&
        std::all_of(character.begin(), character.end(), [&](char c) { return byte_id(c) >= 0; })) {
      for (const char c : character) out.push_back(byte_id(c));
      after_unk = false;
    } else if (unk_id_) {
      if (!(after_unk && options_.fuse_unk)) out.push_back(*unk_id_);
      after_unk = true;
    }
  }
}

// Symbols form a doubly linked list; a queue holds every possible merge, lowest rank first, leftmost among equals. A
// merge whose symbols have changed since it was queued is recognised and skipped.
void Bpe::merge(std::vector<int32_t>& symbols) const {
  const int count = static_cast<int>(symbols.size());
  std::vector<int> previous(count), next(count);
  for (int i = 0; i < count; ++i) {
    previous[i] = i - 1;
    next[i] = i + 1 < count ? i + 1 : -1;
  }

  struct Candidate {
    uint32_t rank;
    int position;
    int32_t id;
    bool operator>(const Candidate& other) const {
      return rank != other.rank ? rank > other.rank : position > other.position;
    }
  };
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto find = [&](int left) {
    return left < 0 || next[left] < 0 ? nullptr : merges_.find(symbols[left], symbols[next[left]]);
  };
  const auto offer = [&](int left) {
    if (const MergeTable::Merge* merge = find(left)) queue.push({merge->rank, left, merge->id});
  };
  for (int i = 0; i + 1 < count; ++i) offer(i);

  constexpr int32_t kGone = -1;
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    const int left = best.position;
    if (symbols[left] == kGone) continue;
    const MergeTable::Merge* now = find(left);
    if (!now || now->id != best.id) continue;
    const int right = next[left];
    symbols[left] = best.id;
    symbols[right] = kGone;
    next[left] = next[right];
    if (next[left] >= 0) previous[next[left]] = left;
    offer(previous[left]);
    offer(left);
  }
  std::erase(symbols, kGone);
}

void Bpe::encode(std::string_view word, std::vector<int32_t>& out) const {
  if (word.empty()) return;
  if (options_.ignore_merges)
    if (const auto found = ids_.find(word); found && !is_barred(*found)) {
      out.push_back(*found);
      return;
    }
  std::vector<int32_t> symbols;
  characters(word, symbols);
  if (symbols.size() > 1) merge(symbols);
  out.insert(out.end(), symbols.begin(), symbols.end());
}

}  // namespace hilum
