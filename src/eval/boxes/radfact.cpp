#include "eval/boxes/radfact.h"

#include <algorithm>

#include "base/error.h"
#include "base/replace_all.h"
#include "eval/boxes/box_scores.h"
#include "eval/report_text.h"
#include "eval/stats/undefined.h"

namespace hilum {
namespace {

bool is_spatial(const JudgedPhrase& phrase, std::span<const JudgedPhrase> other) {
  std::vector<BoxNorm> evidence;
  for (const size_t i : phrase.evidence)
    if (other[i].boxes) evidence.insert(evidence.end(), other[i].boxes->begin(), other[i].boxes->end());
  const auto precision = box_overlap(*phrase.boxes, evidence).precision();
  return precision && *precision > 0.5;
}

size_t longest_common_substring(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1), row(b.size() + 1);
  size_t longest = 0;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j)
      longest = std::max(longest, row[j] = a[i - 1] == b[j - 1] ? before[j - 1] + 1 : 0);
    std::swap(before, row);
  }
  return longest;
}

struct RunningMean {
  double sum = 0;
  int64_t count = 0;
  void add(std::optional<double> value) {
    if (value) {
      sum += *value;
      ++count;
    }
  }
  double value() const { return count > 0 ? sum / static_cast<double>(count) : kUndefined; }
};

RadFactPair pair_of(const RunningMean& precision, const RunningMean& recall) {
  const double p = precision.value(), r = recall.value();
  return {p, r, p + r > 0 ? 2 * p * r / (p + r) : p + r == 0 ? 0 : kUndefined};
}

void judge_exactly(std::vector<JudgedPhrase>& phrases, const std::vector<JudgedPhrase>& other) {
  std::vector<std::string> normal;
  for (const JudgedPhrase& one : other) normal.push_back(radfact_normal(one.text));
  for (JudgedPhrase& phrase : phrases) {
    const std::string text = radfact_normal(phrase.text);
    for (size_t i = 0; i < normal.size(); ++i)
      if (normal[i] == text) phrase.evidence.push_back(i);
    phrase.entailed = !phrase.evidence.empty();
  }
}

}  // namespace

std::vector<JudgedPhrase> radfact_phrases(std::span<const Finding> findings) {
  std::vector<JudgedPhrase> phrases;
  for (const Finding& finding : findings) {
    JudgedPhrase phrase{finding.text, std::nullopt};
    if (finding.boxes)
      if (auto boxes = boxes_of({finding}).boxes; !boxes.empty()) phrase.boxes = std::move(boxes);
    phrases.push_back(std::move(phrase));
  }
  return phrases;
}

std::optional<double> RadFactOneWay::logical() const { return ratio(entailed, phrases); }
std::optional<double> RadFactOneWay::spatially() const { return ratio(spatial, boxed); }
std::optional<double> RadFactOneWay::grounding() const { return ratio(spatial, entailed_boxed); }

RadFactOneWay radfact_one_way(std::span<const JudgedPhrase> phrases, std::span<const JudgedPhrase> other) {
  RadFactOneWay way;
  for (const JudgedPhrase& phrase : phrases) {
    check(!phrase.entailed || !phrase.evidence.empty(), "RadFact",
        "\"" + phrase.text + "\" is entailed without evidence");
    for (const size_t i : phrase.evidence)
      check(i < other.size(), "RadFact", "evidence that the other report does not have");
    ++way.phrases;
    way.entailed += phrase.entailed;
    if (!phrase.boxes) continue;
    ++way.boxed;
    way.entailed_boxed += phrase.entailed;
    way.spatial += phrase.entailed && is_spatial(phrase, other);
  }
  return way;
}

RadFactScores radfact_scores(std::span<const RadFactStudy> studies, std::span<const uint32_t> which) {
  RunningMean logical[2], spatial[2], grounding[2];
  for (const uint32_t i : which)
    for (const bool recall : {false, true}) {
      const RadFactOneWay& way = recall ? studies[i].reference : studies[i].candidate;
      logical[recall].add(way.logical());
      spatial[recall].add(way.spatially());
      grounding[recall].add(way.grounding());
    }
  return {pair_of(logical[0], logical[1]), pair_of(spatial[0], spatial[1]), pair_of(grounding[0], grounding[1])};
}

std::string radfact_normal(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
    if (blank && (out.empty() || out.back() == ' ')) continue;
    out += blank ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  if (out.ends_with(' ')) out.pop_back();
  for (const char* dash : {"-", "\xe2\x80\x93", "\xe2\x80\x94"}) replace_all(out, dash, "");
  if (!out.empty() && std::string_view(".:!?").find(out.back()) != std::string_view::npos) out.pop_back();
  return out;
}

std::optional<size_t> radfact_evidence(std::string_view evidence, std::span<const std::string> phrases) {
  const std::string wanted = radfact_normal(evidence);
  std::optional<size_t> best;
  size_t longest = 0;
  for (size_t i = 0; i < phrases.size(); ++i) {
    const std::string phrase = radfact_normal(phrases[i]);
    if (phrase == wanted) return i;
    if (const size_t common = longest_common_substring(wanted, phrase); !best || common > longest) {
      best = i;
      longest = common;
    }
  }
  return best;
}

RadFactStudy radfact_exact(std::span<const Finding> candidate, std::span<const Finding> reference) {
  std::vector<JudgedPhrase> said = radfact_phrases(candidate), wanted = radfact_phrases(reference);
  judge_exactly(said, wanted);
  judge_exactly(wanted, said);
  return {radfact_one_way(said, wanted), radfact_one_way(wanted, said)};
}

}  // namespace hilum
