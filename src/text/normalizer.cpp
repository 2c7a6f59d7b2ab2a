#include "text/normalizer.h"

#include <algorithm>
#include <cstdlib>
#include <memory>

#include <nlohmann/json.hpp>
#include <utf8proc.h>

#include "base/error.h"
#include "text/json_fields.h"

namespace hilum {
namespace {

std::string unicode_form(const std::string& text, int options) {
  utf8proc_uint8_t* mapped = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()), static_cast<utf8proc_ssize_t>(text.size()), &mapped,
                                 static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, std::free);
  invariant(size >= 0, "utf8proc refuses text that was made valid UTF-8");
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<size_t>(size));
}

std::function<void(MaskedText&)> unicode_step(int options) {
  return [options](MaskedText& masked) {
    const bool any_literal = !masked.literal.empty() && std::find(masked.literal.begin(), masked.literal.end(), true) != masked.literal.end();
    masked.text = unicode_form(masked.text, options);
    masked.literal.assign(any_literal ? masked.text.size() : 0, true);
  };
}

void prepend(MaskedText& masked, const std::string& what) {
  if (masked.text.empty()) return;
  masked.text.insert(0, what);
  // Our own mark takes the character's side that it stands before, so that no token forms across the edge.
  if (!masked.literal.empty()) masked.literal.insert(masked.literal.begin(), what.size(), masked.literal.front());
}

void replace(MaskedText& masked, const std::string& pattern, const std::string& content) {
  MaskedText out;
  for (size_t at = 0; at < masked.text.size();) {
    const bool hit = masked.text.compare(at, pattern.size(), pattern) == 0;
    const std::string_view piece = hit ? std::string_view(content) : std::string_view(masked.text).substr(at, 1);
    const size_t taken = hit ? pattern.size() : 1;
    out.text += piece;
    if (!masked.literal.empty()) {
      bool literal = false;
      for (size_t i = at; i < at + taken; ++i) literal = literal || masked.literal[i];
      out.literal.insert(out.literal.end(), piece.size(), literal);
    }
    at += taken;
  }
  masked = std::move(out);
}

}  // namespace

void Normalizer::add(const Json& spec, const std::string& where, int depth) {
  if (spec.is_null()) return;
  check(depth < 8, where.c_str(), "normalizers nested too deep");
  const JsonFields fields(spec, where);
  const std::string type = fields.string("type");
  constexpr int kForm = UTF8PROC_STABLE;
  if (type == "Sequence") {
    const Json& list = fields.member("normalizers");
    check(list.is_array(), fields.place("normalizers").c_str(), "is not a list");
    for (size_t i = 0; i < list.size(); ++i) add(list[i], where + ": normalizers[" + std::to_string(i) + "]", depth + 1);
  } else if (type == "Prepend") {
    steps_.push_back([what = fields.string("prepend")](MaskedText& text) { prepend(text, what); });
  } else if (type == "Replace") {
    const JsonFields pattern(fields.member("pattern"), fields.place("pattern"));
    check(pattern.has("String"), pattern.where().c_str(), "only a plain string can be replaced, this is no \"String\" pattern");
    const std::string from = pattern.string("String");
    check(!from.empty(), pattern.where().c_str(), "is empty");
    steps_.push_back([from, to = fields.string("content")](MaskedText& text) { replace(text, from, to); });
  } else if (type == "NFC") {
    steps_.push_back(unicode_step(kForm | UTF8PROC_COMPOSE));
  } else if (type == "NFD") {
    steps_.push_back(unicode_step(kForm | UTF8PROC_DECOMPOSE));
  } else if (type == "NFKC") {
    steps_.push_back(unicode_step(kForm | UTF8PROC_COMPOSE | UTF8PROC_COMPAT));
  } else if (type == "NFKD") {
    steps_.push_back(unicode_step(kForm | UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT));
  } else {
    throw Error(where, "the normalizer \"" + type + "\" is not supported", "Supported: Sequence, Prepend, Replace, NFC, NFD, NFKC, NFKD.");
  }
}

}  // namespace hilum
