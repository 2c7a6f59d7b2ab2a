#include "datasets/readers/run_lengths.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>

#include "base/ascii.h"
#include "base/error.h"

namespace hilum {
namespace {

// Rows [begin, end) of one column.
struct Segment {
  int column, begin, end;
};

// The runs cut at the ends of columns; what overlaps or touches within a column is one.
std::vector<Segment> segments_of(const std::vector<PixelRun>& runs, int width, int height) {
  std::vector<Segment> cut;
  for (const PixelRun& run : runs) {
    const int64_t end = run.start + run.length;
    invariant(run.start >= 0 && run.length > 0 && end <= int64_t{width} * height, "a run lies within its frame");
    for (int64_t at = run.start; at < end;) {
      const int64_t column = at / height, stop = std::min(end, (column + 1) * height);
      cut.push_back(
          {static_cast<int>(column), static_cast<int>(at % height), static_cast<int>(stop - column * height)});
      at = stop;
    }
  }
  std::sort(cut.begin(), cut.end(), [](const Segment& a, const Segment& b) {
    return a.column != b.column ? a.column < b.column : a.begin < b.begin;
  });
  std::vector<Segment> joined;
  for (const Segment& s : cut)
    if (!joined.empty() && joined.back().column == s.column && s.begin <= joined.back().end)
      joined.back().end = std::max(joined.back().end, s.end);
    else joined.push_back(s);
  return joined;
}

size_t root_of(std::vector<size_t>& parent, size_t i) {
  while (parent[i] != i) {
    parent[i] = parent[parent[i]];
    i = parent[i];
  }
  return i;
}

}  // namespace

std::optional<std::vector<PixelRun>> parse_run_lengths(std::string_view text) {
  std::vector<int64_t> numbers;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (true) {
    while (at != end && (*at == ' ' || *at == '\t')) ++at;
    if (at == end) break;
    uint32_t value = 0;
    const auto [stop, code] = std::from_chars(at, end, value);
    if (code != std::errc() || (stop != end && *stop != ' ' && *stop != '\t')) return std::nullopt;
    numbers.push_back(value);
    at = stop;
  }
  if (numbers.empty() || numbers.size() % 2 != 0) return std::nullopt;
  std::vector<PixelRun> runs;
  for (size_t i = 0; i < numbers.size(); i += 2) {
    if (numbers[i + 1] < 1) return std::nullopt;
    runs.push_back({numbers[i], numbers[i + 1]});
  }
  return runs;
}

bool starts_grow(const std::vector<PixelRun>& runs) {
  for (size_t i = 1; i < runs.size(); ++i)
    if (runs[i].start < runs[i - 1].start + runs[i - 1].length) return false;
  return true;
}

std::optional<std::vector<PixelRun>> from_relative_starts(const std::vector<PixelRun>& runs, int64_t pixels) {
  std::vector<PixelRun> placed;
  int64_t at = 0;
  for (const PixelRun& run : runs) {
    placed.push_back({at + run.start, run.length});
    at += run.start + run.length;
    if (at > pixels) return std::nullopt;
  }
  return placed;
}

std::vector<PixelRectangle> boxes_of_runs(const std::vector<PixelRun>& runs, int width, int height) {
  const std::vector<Segment> segments = segments_of(runs, width, height);
  std::vector<size_t> parent(segments.size());
  std::iota(parent.begin(), parent.end(), size_t{0});
  size_t left = 0;  // the first segment of the column before that may still touch
  for (size_t i = 0; i < segments.size(); ++i) {
    const Segment& s = segments[i];
    while (left < i && (segments[left].column < s.column - 1 ||
                           (segments[left].column == s.column - 1 && segments[left].end < s.begin)))
      ++left;
    for (size_t j = left; j < i && segments[j].column == s.column - 1 && segments[j].begin <= s.end; ++j)
      parent[root_of(parent, i)] = root_of(parent, j);
  }
  std::map<size_t, PixelRectangle> parts;
  for (size_t i = 0; i < segments.size(); ++i) {
    const Segment& s = segments[i];
    const PixelRectangle own{s.column, s.begin, s.column + 1, s.end};
    const auto [at, is_new] = parts.try_emplace(root_of(parent, i), own);
    PixelRectangle& box = at->second;
    box = {std::min(box.x_min, own.x_min), std::min(box.y_min, own.y_min), std::max(box.x_max, own.x_max),
        std::max(box.y_max, own.y_max)};
  }
  std::vector<PixelRectangle> boxes;
  for (const auto& [root, box] : parts) boxes.push_back(box);
  std::sort(boxes.begin(), boxes.end(), [](const PixelRectangle& a, const PixelRectangle& b) {
    return a.x_min != b.x_min ? a.x_min < b.x_min : a.y_min < b.y_min;
  });
  return boxes;
}

}  // namespace hilum
