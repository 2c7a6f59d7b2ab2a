#include "eval/studies/phantom_sentences.h"

#include <array>

#include "base/ascii.h"

namespace hilum {
namespace {

struct Words {
  const char* words;  // as they stand in a sentence in lower case
  const char* meaning;
};

// The first that fits counts, so the longer names stand first.
constexpr Words kKinds[] = {{"pleural effusion", "effusion"}, {"pneumothorax", "pneumothorax"},
    {"consolidation", "consolidation"}, {"atelectasis", "atelectasis"}, {"cardiomegaly", "cardiomegaly"},
    {"heart is", "cardiomegaly"}, {"nodule", "nodule"}, {"mass", "mass"}, {"edema", "edema"},
    {"rib fracture", "fracture"}, {"pacemaker", "pacemaker"}, {"endotracheal tube", "endotracheal tube"},
    {"central venous catheter", "central line"}, {"chest tube", "chest tube"},
    {"nasogastric tube", "nasogastric tube"}};
constexpr Words kChanges[] = {{"unchanged", "unchanged"}, {"resolved", "resolved"}, {"increased", "larger"},
    {"larger", "larger"}, {"decreased", "smaller"}, {"smaller", "smaller"}, {"new", "new"}};
constexpr Words kSides[] = {
    {"bilateral", "bilateral"}, {"both sides", "bilateral"}, {"right", "right"}, {"left", "left"}};

// The words stand in the text, not inside longer ones; a plural s may follow.
bool holds(const std::string& text, std::string_view words) {
  for (size_t at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) {
    const bool starts = at == 0 || !is_ascii_letter(text[at - 1]);
    size_t end = at + words.size();
    if (end < text.size() && text[end] == 's') ++end;
    if (starts && (end == text.size() || !is_ascii_letter(text[end]))) return true;
  }
  return false;
}

template <size_t N>
std::string first_of(const std::string& text, const Words (&table)[N]) {
  for (const Words& row : table)
    if (holds(text, row.words)) return row.meaning;
  return {};
}

}  // namespace

const std::vector<std::string>& phantom_kinds() {
  static const std::vector<std::string> kinds = {"effusion", "consolidation", "atelectasis", "pneumothorax",
      "cardiomegaly", "nodule", "mass", "edema", "fracture", "pacemaker", "endotracheal tube", "central line",
      "chest tube", "nasogastric tube"};
  return kinds;
}

PhantomStatement read_phantom_sentence(std::string_view sentence) {
  const std::string text = lower_ascii(sentence);
  if (holds(text, "no") || holds(text, "normal")) return {};
  PhantomStatement out{first_of(text, kKinds), first_of(text, kSides), first_of(text, kChanges)};
  if (out.kind == "cardiomegaly" && holds(text, "heart is") && !holds(text, "enlarged")) return {};
  if (out.kind.empty()) return {};
  return out;
}

}  // namespace hilum
