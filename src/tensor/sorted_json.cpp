#include "tensor/sorted_json.h"

#include <set>
#include <vector>

#include "base/error.h"

namespace hilum {

SortedJson parse_sorted_json(std::string_view text, const std::string& where, int max_depth, size_t max_keys) {
  std::vector<std::set<std::string>> keys;  // of the objects now open
  const auto watch = [&](int depth, SortedJson::parse_event_t event, SortedJson& parsed) {
    if (depth > max_depth)
      throw Error(where, "JSON nested deeper than " + std::to_string(max_depth) + " levels", "Is this the right file?");
    switch (event) {
      case SortedJson::parse_event_t::object_start: keys.emplace_back(); break;
      case SortedJson::parse_event_t::object_end: keys.pop_back(); break;
      case SortedJson::parse_event_t::key: {
        const auto& name = parsed.get_ref<const std::string&>();
        if (!keys.back().insert(name).second)
          throw Error(where, "JSON object has the key \"" + name.substr(0, 80) + "\" twice", "Is this the right file?");
        if (keys.back().size() > max_keys)
          throw Error(where, "JSON object has more than " + std::to_string(max_keys) + " keys");
        break;
      }
      default: break;
    }
    return true;
  };
  try {
    return SortedJson::parse(text.begin(), text.end(), watch);
  } catch (const nlohmann::json::exception& e) {
    throw Error(where, std::string("not valid JSON (") + e.what() + ")", "Is the file complete and of this kind?");
  }
}

}  // namespace hilum
