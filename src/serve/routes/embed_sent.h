// The pictures of one request through a model's embedder: decoded a group at a time, embedded a group in a pass.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "serve/service.h"

namespace hilum {

struct SentPicture {
  size_t row;
  const std::string* bytes;  // of its file
};

// told(row, embedding) for each, in order. `where` names a picture in errors; `at_row(row, act)` runs act() and gives
// what it throws the name of the row. Memory is bounded by a pass, however many pictures there are.
void embed_sent(Service& service, LiveModel& model, std::span<const SentPicture> pictures, const std::string& where,
    const std::function<void(size_t row, const std::function<void()>& act)>& at_row,
    const std::function<void(size_t row, std::vector<float> embedding)>& told);

}  // namespace hilum
