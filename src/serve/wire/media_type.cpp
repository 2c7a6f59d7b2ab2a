#include "serve/wire/media_type.h"

#include <charconv>
#include <vector>

#include "base/ascii.h"

namespace hilum {
namespace {

constexpr std::string_view kBlanks = " \t";  // OWS of RFC 9110

// Pieces between `mark`s, none of them inside quotes.
std::vector<std::string_view> split_outside_quotes(std::string_view text, char mark) {
  std::vector<std::string_view> pieces;
  bool is_quoted = false;
  size_t begin = 0;
  for (size_t i = 0; i <= text.size(); ++i) {
    if (i < text.size() && text[i] == '"') is_quoted = !is_quoted;
    if (i < text.size() && (is_quoted || text[i] != mark)) continue;
    pieces.push_back(trim_ascii(text.substr(begin, i - begin), kBlanks));
    begin = i + 1;
  }
  return pieces;
}

// The value of a parameter such as charset or q, without quotes; "" where it is not there.
std::string parameter(std::span<const std::string_view> pieces, std::string_view name) {
  for (const std::string_view piece : pieces) {
    const size_t equals = piece.find('=');
    if (equals == std::string_view::npos || lower_ascii(trim_ascii(piece.substr(0, equals), kBlanks)) != name) continue;
    std::string_view value = trim_ascii(piece.substr(equals + 1), kBlanks);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return lower_ascii(value);
  }
  return "";
}

// 3: the type itself, 2: its family ("image/*"), 1: anything, 0: does not fit.
int fit(const std::string& range, std::string_view type) {
  if (range == type) return 3;
  if (range == "*/*") return 1;
  return range.ends_with("/*") && type.starts_with(std::string_view(range).substr(0, range.size() - 1)) ? 2 : 0;
}

}  // namespace

MediaType read_media_type(std::string_view header) {
  const auto pieces = split_outside_quotes(header, ';');
  return {lower_ascii(pieces.front()), parameter(std::span(pieces).subspan(1), "charset")};
}

std::optional<size_t> accepted_type(std::string_view header, std::span<const std::string_view> offered) {
  if (is_blank(header, kBlanks)) return 0;
  std::vector<std::pair<int, double>> best(offered.size(), {0, 0.0});  // how well the range fits, its q
  for (const std::string_view range : split_outside_quotes(header, ',')) {
    const auto pieces = split_outside_quotes(range, ';');
    const std::string type = lower_ascii(pieces.front());
    const std::string quality = parameter(std::span(pieces).subspan(1), "q");
    double q = 1;
    if (!quality.empty() && std::from_chars(quality.data(), quality.data() + quality.size(), q).ec != std::errc())
      q = 0;
    for (size_t i = 0; i < offered.size(); ++i)
      if (const int fits = fit(type, offered[i]); fits > best[i].first) best[i] = {fits, q};
  }
  std::optional<size_t> chosen;
  for (size_t i = 0; i < offered.size(); ++i)
    if (best[i].second > 0 && (!chosen || best[i].second > best[*chosen].second)) chosen = i;
  return chosen;
}

}  // namespace hilum
