#include "base/stand_in.h"

#include <algorithm>
#include <array>
#include <fstream>

#include "base/ascii.h"
#include "base/error.h"

namespace hilum {
namespace {

namespace fs = std::filesystem;

bool among(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

// What a shell takes as one word.
std::string quoted(const std::string& word) {
  const auto plain = [](char c) { return is_ascii_alnum(c) || among(c, "/._-+=:,@%"); };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path().string() : "."; }

// "git -C FOLDER WORDS NAME"
std::string git(const fs::path& path, const std::string& words) {
  if (path.empty()) return "git " + words + "FILE";
  return "git -C " + quoted(folder_of(path)) + " " + words + quoted(path.filename().string());
}

std::string download(const fs::path& path) {
  const std::string file = path.empty() ? "FILE" : quoted(path.string());
  return "`curl -fL -o " + file + " URL` (-f writes no error page in the file's place)";
}

std::string_view line_after(std::string_view text, std::string_view key) {
  const size_t at = text.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + key.size());
  return trim_ascii(rest.substr(0, rest.find('\n')));
}

StandIn lfs_pointer(std::string_view head, const fs::path& path) {
  const std::string_view size = line_after(head, "\nsize ");
  return {"is a Git LFS pointer, not the file " +
              (is_ascii_number(size) ? "of " + std::string(size) + " bytes " : std::string()) + "that it stands for",
      "Fetch the file: `git lfs install`, then `" + git(path, "lfs pull --include ") + "`."};
}

StandIn annex_pointer(const fs::path& path) {
  return {"is a git-annex pointer, not the file that it stands for",
      "Fetch the file: `" + git(path, "annex get ") + "` (or `datalad get`)."};
}

// The text of the element <name>, in one line and short; empty where there is none. `lower` is `head` in lower case.
std::string element_text(std::string_view head, std::string_view lower, const std::string& name) {
  const size_t open = lower.find("<" + name);
  const size_t begin = open == std::string_view::npos ? open : head.find('>', open);
  if (begin == std::string_view::npos) return "";
  std::string text(trim_ascii(head.substr(begin + 1, std::min(head.find('<', begin), head.size()) - begin - 1)));
  std::replace_if(text.begin(), text.end(), [](char c) { return static_cast<uint8_t>(c) < ' '; }, ' ');
  return text.size() > 120 ? "" : text;
}

// What comes before a document's first element: a byte order mark, blanks, declarations, comments.
std::string_view first_element(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  while (true) {
    text = trim_ascii(text);
    std::string_view end;
    if (text.starts_with("<!--")) end = "-->";
    else if (text.starts_with("<?")) end = "?>";
    else return text;
    const size_t at = text.find(end);
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + end.size());
  }
}

bool opens(std::string_view lower, std::string_view name) {
  if (!lower.starts_with(name)) return false;
  return lower.size() == name.size() || among(lower[name.size()], " \t\r\n>/:");
}

StandIn web_page(std::string_view head, std::string_view lower, const fs::path& path) {
  const std::string title = element_text(head, lower, "title");
  return {"is a web page (HTML" + (title.empty() ? "" : ": \"" + title + "\"") + "), not the file",
      "Download the file itself: " + download(path) +
          ", with the URL of the file and not of the page that shows it (a model hub's has /resolve/ for /blob/), and "
          "the token that a gated file wants."};
}

StandIn store_error(std::string_view head, std::string_view lower, const fs::path& path) {
  const std::string code = element_text(head, lower, "code");
  return {"is the error message of a store (XML" + (code.empty() ? "" : ": " + code) + "), not the file",
      "Download the file again: " + download(path) + ", with a new link where a signed one has expired."};
}

// Bodies of answers in plain words, whole.
constexpr std::array kHubAnswers{"Entry not found", "Repository not found", "Invalid username or password.",
    "404: Not Found", "Not Found", "404 page not found"};

}  // namespace

std::optional<StandIn> stand_in(std::string_view head, const fs::path& path) {
  const std::string_view text = head.substr(0, kStandInHead);
  if (text.starts_with("version https://git-lfs") || text.starts_with("version https://hawser"))
    return lfs_pointer(text, path);
  if (text.starts_with("/annex/objects/")) return annex_pointer(path);
  for (const std::string_view answer : kHubAnswers)
    if (head.size() < 64 && trim_ascii(head) == answer)
      return StandIn{"is a server's answer (\"" + std::string(answer) + "\"), not the file",
          "Download the file again: " + download(path) + ", with a name and a version that are there."};
  const std::string_view document = first_element(text);
  if (!document.starts_with('<')) return std::nullopt;
  const std::string lower = lower_ascii(document);
  if (opens(lower, "<!doctype html") || opens(lower, "<html") || opens(lower, "<head") || opens(lower, "<body"))
    return web_page(document, lower, path);
  for (const char* name : {"<error", "<errorresponse", "<listbucketresult", "<fault", "<soap:envelope"})
    if (opens(lower, name)) return store_error(document, lower, path);
  return std::nullopt;
}

void refuse_stand_in(std::string_view head, const std::string& where, const fs::path& path) {
  if (const auto found = stand_in(head, path)) throw Error(where, found->problem, found->mend);
}

bool is_stand_in(const fs::path& path) {
  std::string head(kStandInHead, '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(head.data(), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<size_t>(in.gcount()));
  return stand_in(head, path).has_value();
}

}  // namespace hilum
