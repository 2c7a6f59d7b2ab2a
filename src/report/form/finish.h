// How an answer ended, and the words that stand for it in every output.
#pragma once

#include <optional>
#include <string_view>

namespace hilum {

enum class Finish {
  kStop,     // the model ended it, or a stop text did
  kLength,   // the limit of new tokens was reached: the answer is incomplete
  kStopped,  // whoever listened ended it
};

constexpr std::string_view finish_word(Finish finish) {
  switch (finish) {
    case Finish::kStop: return "stop";
    case Finish::kLength: return "length";
    case Finish::kStopped: return "stopped";
  }
  return "stop";
}

// No value: none of the words.
constexpr std::optional<Finish> finish_from_word(std::string_view word) {
  for (const Finish finish : {Finish::kStop, Finish::kLength, Finish::kStopped})
    if (word == finish_word(finish)) return finish;
  return std::nullopt;
}

}  // namespace hilum
