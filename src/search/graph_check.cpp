#include "search/graph_check.h"

#include <cstring>
#include <vector>

#include "base/error.h"

namespace hilum {
namespace {

// The fields in the order of saveIndex; they stand without padding between them.
struct Fields {
  uint64_t offset_level0 = 0, max_elements = 0, count = 0, element_bytes = 0, label_offset = 0, data_offset = 0;
  int32_t max_level = 0;
  uint32_t entry = 0;
  uint64_t max_links = 0, max_links0 = 0, links = 0;
  double level_factor = 0;
  uint64_t build_breadth = 0;
};

class Bytes {
 public:
  Bytes(std::span<const std::byte> bytes, const std::string& where) : bytes_(bytes), where_(where) {}
  template <typename T>
  void take(T& value) {
    std::memcpy(&value, skip(sizeof(T)), sizeof(T));
  }
  const std::byte* skip(uint64_t size) {
    if (size > bytes_.size() - at_) fail("is cut short");
    const std::byte* here = bytes_.data() + at_;
    at_ += size;
    return here;
  }
  bool at_end() const { return at_ == bytes_.size(); }
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(where_, "the search graph " + what, "Build the index again with `hilum search index`.");
  }

 private:
  std::span<const std::byte> bytes_;
  const std::string& where_;
  size_t at_ = 0;
};

uint32_t word(const std::byte* at) {
  uint32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// A list of links: a count in 16 bits (the rest marks deleted nodes: none of ours), then node numbers.
void check_links(const Bytes& in, const std::byte* list, uint64_t limit, uint64_t count) {
  const uint32_t size = word(list);
  if (size > limit || size > 0xffff) in.fail("has a node with " + std::to_string(size) + " links");
  for (size_t i = 0; i < size; ++i)
    if (word(list + 4 + 4 * i) >= count) in.fail("links to a row that is not there");
}

}  // namespace

void check_graph(std::span<const std::byte> file, int64_t rows, const std::string& where) {
  Bytes in(file, where);
  Fields f;
  in.take(f.offset_level0);
  in.take(f.max_elements);
  in.take(f.count);
  in.take(f.element_bytes);
  in.take(f.label_offset);
  in.take(f.data_offset);
  in.take(f.max_level);
  in.take(f.entry);
  in.take(f.max_links);
  in.take(f.max_links0);
  in.take(f.links);
  in.take(f.level_factor);
  in.take(f.build_breadth);
  if (f.count != static_cast<uint64_t>(rows) || f.max_elements != f.count || f.count == 0)
    in.fail("is for " + std::to_string(f.count) + " rows, the index has " + std::to_string(rows));
  if (f.links < 2 || f.links > 1024 || f.max_links != f.links || f.max_links0 != 2 * f.links)
    in.fail("has " + std::to_string(f.links) + " links a node");
  const uint64_t links0_bytes = 4 + 4 * f.max_links0, links_bytes = 4 + 4 * f.max_links;
  if (f.offset_level0 != 0 || f.data_offset != links0_bytes || f.label_offset != links0_bytes + kGraphNodeBytes ||
      f.element_bytes != f.label_offset + 8)
    in.fail("has nodes of another form");
  if (!(f.level_factor > 0 && f.level_factor < 10)) in.fail("has a level factor that makes no sense");
  if (f.entry >= f.count || f.max_level < 0 || f.max_level > 64) in.fail("begins nowhere");

  const std::byte* level0 = in.skip(
      f.element_bytes * f.count <= file.size() && f.count <= file.size() ? f.element_bytes * f.count : ~uint64_t{0});
  std::vector<bool> seen(f.count, false);
  for (uint64_t i = 0; i < f.count; ++i) {
    const std::byte* node = level0 + i * f.element_bytes;
    check_links(in, node, f.max_links0, f.count);
    uint64_t label;
    std::memcpy(&label, node + f.label_offset, sizeof label);
    if (label >= f.count || seen[label] || word(node + f.data_offset) != label)
      in.fail("has a node that stands for no row, or two for one");
    seen[label] = true;
  }
  // The lists above the lowest level, node by node. A link may only lead to a node that has that level itself.
  std::vector<const std::byte*> lists(f.count);
  std::vector<uint32_t> levels(f.count);
  uint32_t top = 0;
  for (uint64_t i = 0; i < f.count; ++i) {
    uint32_t bytes;
    in.take(bytes);
    if (bytes % links_bytes != 0 || bytes / links_bytes > 64) in.fail("has a node whose levels do not fit their size");
    levels[i] = static_cast<uint32_t>(bytes / links_bytes);
    lists[i] = in.skip(bytes);
    top = levels[i] > top ? levels[i] : top;
  }
  if (!in.at_end()) in.fail("goes on after its end");
  if (levels[f.entry] != static_cast<uint32_t>(f.max_level) || top != static_cast<uint32_t>(f.max_level))
    in.fail("begins at a node below its top level");
  for (uint64_t i = 0; i < f.count; ++i)
    for (uint32_t level = 1; level <= levels[i]; ++level) {
      const std::byte* list = lists[i] + (level - 1) * links_bytes;
      check_links(in, list, f.max_links, f.count);
      for (size_t j = 0; j < word(list); ++j)
        if (levels[word(list + 4 + 4 * j)] < level) in.fail("links to a node that does not have that level");
    }
}

}  // namespace hilum
