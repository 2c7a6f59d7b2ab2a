#include "phantom/report_grammar.h"

#include <algorithm>

#include "phantom/wording.h"

namespace hilum::phantom {
namespace {

using K = FindingKind;

// Where a finding's sentence stands.
int place_in_report(K kind) {
  switch (kind) {
    case K::kEndotrachealTube: return 0;
    case K::kCentralLine: return 1;
    case K::kPacemaker: return 2;
    case K::kNasogastric: return 3;
    case K::kChestTube: return 4;
    case K::kCardiomegaly: return 10;
    case K::kEdema: return 30;
    case K::kConsolidation: return 40;
    case K::kAtelectasis: return 41;
    case K::kNodule: return 42;
    case K::kMass: return 43;
    case K::kEffusion: return 50;
    case K::kPneumothorax: return 51;
    case K::kFracture: return 60;
  }
  return 99;
}

struct Sentence {
  int place;
  bool needed;  // optional ones go first when the report is long
  std::string text;
  std::vector<BoxNorm> boxes;
  std::vector<std::pair<std::string, int>> labels;
};

class Writer {
 public:
  Writer(const ReportInput& input, Rng& rng) : in_(input), rng_(rng) {}

  WrittenReport run() {
    for (size_t i = 0; i < in_.specs.size(); ++i) {
      const FindingSpec& s = in_.specs[i];
      const int value = s.change == Change::kResolved ? 0 : 1;
      add({place_in_report(s.kind), true, wording_of(s, in_.has_prior, rng_), in_.boxes[i],
          {{finding_label(s.kind), value}}});
    }
    negatives();
    std::stable_sort(
        sentences_.begin(), sentences_.end(), [](const Sentence& a, const Sentence& b) { return a.place < b.place; });
    for (size_t i = sentences_.size(); i-- > 0 && sentences_.size() > 8;)
      if (!sentences_[i].needed) sentences_.erase(sentences_.begin() + static_cast<std::ptrdiff_t>(i));
    if (sentences_.size() > 8) sentences_.resize(8);
    return finish();
  }

 private:
  void add(Sentence s) { sentences_.push_back(std::move(s)); }
  bool mentioned(K kind) const {
    return std::any_of(in_.specs.begin(), in_.specs.end(), [&](const FindingSpec& s) { return s.kind == kind; });
  }
  bool present(K kind) const {
    return std::any_of(in_.specs.begin(), in_.specs.end(),
        [&](const FindingSpec& s) { return s.kind == kind && s.change != Change::kResolved; });
  }

  void negatives() {
    if (!mentioned(K::kCardiomegaly))
      add({10, true,
          pick(rng_,
              {"The heart size is normal.", "Heart size is within normal limits.", "The heart is normal in size."}),
          {}, {{"Cardiomegaly", 0}}});
    if (rng_.chance(0.45))
      add({20, false, pick(rng_, {"The mediastinal contours are normal.", "Mediastinal contours are unremarkable."}),
          {}, {{"Enlarged Cardiomediastinum", 0}}});
    if (!mentioned(K::kEdema) && rng_.chance(0.35))
      add({30, false, pick(rng_, {"No pulmonary edema.", "There is no pulmonary edema."}), {}, {{"Edema", 0}}});
    const bool lungs = mentioned(K::kConsolidation) || mentioned(K::kAtelectasis) || mentioned(K::kNodule) ||
                       mentioned(K::kMass) || mentioned(K::kEdema);
    if (!lungs) {
      if (rng_.chance(0.25))
        add({40, true, pick(rng_, {"No focal consolidation.", "There is no focal consolidation."}), {},
            {{"Consolidation", 0}}});
      else add({40, true, pick(rng_, {"The lungs are clear.", "Both lungs are clear."}), {}, {}});
    } else if (!mentioned(K::kConsolidation) && rng_.chance(0.25)) {
      add({44, false, pick(rng_, {"No focal consolidation.", "There is no focal consolidation."}), {},
          {{"Consolidation", 0}}});
    }
    const bool effusion = mentioned(K::kEffusion), air = mentioned(K::kPneumothorax);
    if (!effusion && !air && rng_.chance(0.3)) {
      add({52, true,
          pick(rng_, {"No pleural effusion or pneumothorax.", "There is no pleural effusion or pneumothorax."}), {},
          {{"Pleural Effusion", 0}, {"Pneumothorax", 0}}});
    } else {
      if (!effusion)
        add({50, true,
            pick(rng_, {"No pleural effusion.", "There is no pleural effusion.", "No pleural effusion is seen."}), {},
            {{"Pleural Effusion", 0}}});
      if (!air)
        add({51, true, pick(rng_, {"No pneumothorax.", "There is no pneumothorax.", "No pneumothorax is seen."}), {},
            {{"Pneumothorax", 0}}});
    }
    if (!mentioned(K::kFracture)) {
      const bool fill = sentences_.size() < 4;
      if (fill || rng_.chance(0.3)) {
        if (rng_.chance(0.5))
          add({60, fill, pick(rng_, {"No fracture is seen.", "There is no rib fracture."}), {}, {{"Fracture", 0}}});
        else add({60, fill, pick(rng_, {"The bones are intact.", "No acute bony abnormality."}), {}, {}});
      }
    }
  }

  WrittenReport finish() {
    WrittenReport out;
    bool positive = false;
    for (const Sentence& s : sentences_) {
      Finding finding;
      finding.text = s.text;
      if (!s.boxes.empty()) finding.boxes = s.boxes;
      out.findings.push_back(finding);
      for (const auto& [label, value] : s.labels) {
        int& slot = out.labels.try_emplace(label, 0).first->second;
        slot = std::max(slot, value);
        positive = positive || (value == 1 && label != "Support Devices");
      }
    }
    if (!positive) out.labels["No Finding"] = 1;
    impression(out, positive);
    dialogue(out);
    return out;
  }

  void impression(WrittenReport& out, bool positive) {
    std::vector<const FindingSpec*> order;
    for (const FindingSpec& s : in_.specs)
      if (!is_device(s.kind) && s.change != Change::kResolved) order.push_back(&s);
    std::stable_sort(order.begin(), order.end(),
        [](const FindingSpec* a, const FindingSpec* b) { return place_in_report(a->kind) < place_in_report(b->kind); });
    if (!positive) out.impression = pick(rng_, {"No acute cardiopulmonary abnormality.", "No acute disease."});
    for (const FindingSpec* s : order) {
      if (!out.impression.empty()) out.impression += ' ';
      out.impression += capital(short_name(*s));
      out.impression += '.';
    }
  }

  void dialogue(WrittenReport& out) {
    struct Asked {
      K kind;
      const char* question;
    };
    constexpr Asked kAsked[] = {{K::kEffusion, "Is there a pleural effusion?"},
        {K::kPneumothorax, "Is there a pneumothorax?"}, {K::kCardiomegaly, "Is the heart enlarged?"},
        {K::kConsolidation, "Is there a consolidation?"}, {K::kEdema, "Is there pulmonary edema?"},
        {K::kFracture, "Is there a rib fracture?"}};
    Dialogue talk;
    talk.turns.push_back({pick(rng_, {"What is the main finding?", "What does the film show?"}), out.impression});
    // One question about something present, where there is any, and one drawn freely.
    std::vector<Asked> shown;
    for (const Asked& asked : kAsked)
      if (present(asked.kind)) shown.push_back(asked);
    std::vector<Asked> chosen;
    if (!shown.empty()) chosen.push_back(shown[rng_.below(static_cast<uint32_t>(shown.size()))]);
    const Asked& free = kAsked[rng_.below(6)];
    if (chosen.empty() || chosen[0].kind != free.kind) chosen.push_back(free);
    for (const Asked& asked : chosen) {
      std::string answer = "No.";
      for (const FindingSpec& s : in_.specs)
        if (s.kind == asked.kind && s.change != Change::kResolved) answer = "Yes, " + short_name(s) + ".";
      talk.turns.push_back({asked.question, answer});
    }
    out.dialogues.push_back(std::move(talk));
  }

  const ReportInput& in_;
  Rng& rng_;
  std::vector<Sentence> sentences_;
};

}  // namespace

WrittenReport write_report(const ReportInput& input, Rng& rng) { return Writer(input, rng).run(); }

std::string join_findings(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) text += (text.empty() ? "" : " ") + finding.text;
  return text;
}

}  // namespace hilum::phantom
