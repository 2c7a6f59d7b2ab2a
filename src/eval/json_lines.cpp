#include "eval/json_lines.h"

#include <filesystem>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/json.h"
#include "base/utf8.h"

namespace hilum {
namespace {

// The study's id, as far as a line that could not be read tells it.
std::string study_id_in(const std::string& line) {
  try {
    const Json row = parse_json(line, "");
    if (row.is_object() && row.contains("study_id") && row["study_id"].is_string())
      return row["study_id"].get<std::string>();
  } catch (const Error&) {
  }
  return "";
}

}  // namespace

void for_json_lines(std::string_view text, const std::string& path, std::vector<Problem>* problems,
    const std::function<void(const std::string& line, const std::string& where)>& read) {
  int64_t number = 0;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  for (const std::string_view bytes : split_lines(text)) {
    ++number;
    if (is_blank(bytes, " \r")) continue;
    const std::string line(bytes);
    try {
      const std::string where = path + ": line " + std::to_string(number);
      if (!is_utf8(line)) throw Error(where, "holds bytes that are not UTF-8", "Save the file as UTF-8.");
      read(line, where);
    } catch (const Error& error) {
      if (!problems) throw;
      const std::string place = error.where().substr(0, path.size()) == path ? "" : error.where() + ": ";
      const std::string file = std::filesystem::path(path).filename().string();
      problems->push_back({file, study_id_in(line), place + error.problem() + ", left out", number});
    }
  }
}

}  // namespace hilum
