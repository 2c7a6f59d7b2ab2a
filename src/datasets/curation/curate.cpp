#include "datasets/curation/curate.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/nearest.h"
#include "base/progress.h"
#include "data/label_caption.h"
#include "datasets/collector.h"
#include "datasets/curation/dialogues.h"
#include "datasets/curation/radiology_terms.h"
#include "datasets/curation/rewrite_answer.h"
#include "datasets/curation/splits.h"
#include "datasets/report_sections.h"
#include "datasets/sentences.h"

namespace hilum {

const std::vector<CurationRules>& curation_rules() {
  using Step = CurationStep;
  static const std::vector<CurationRules> kRules = {
      {"none", "every study as read", {}},
      {"xraygpt",
          "XrayGPT section 4; its rewriting by a language model is done by rules, or on demand by a model with a "
          "prompt of ours",
          {{Step::kSummarise, ""}}},
      {"maira",
          "MAIRA-2: adults, a frontal, a findings section; the study before is the prior. The published selection "
          "beyond that is not known",
          {{Step::kNeedsFindings, "no_findings"}, {Step::kNeedsFrontal, "no_frontal"}, {Step::kNeedsAdult, "under_18"},
              {Step::kAttachPrior, ""}, {Step::kOneFrontal, ""}}},
      {"cxr-llava",
          "CXR-LLaVA: frontals with report or labels; questions and answers by template, or on demand by a model with "
          "a prompt of ours",
          {{Step::kNeedsTextOrLabels, "no_text_or_label"}, {Step::kNeedsFrontal, "no_frontal"}, {Step::kOneFrontal, ""},
              {Step::kDialogues, ""}, {Step::kCaptionFromLabels, ""}}},
      {"radiology-dialogues",
          "XrayGPT's second tuning of its language model: dialogues that name radiology. Its search terms were never "
          "published; these are ours",
          {{Step::kNeedsRadiologyTerm, "no_radiology_term"}}},
  };
  return kRules;
}

const CurationRules& curation_rules(const std::string& name) {
  std::vector<std::string> names;
  for (const CurationRules& rules : curation_rules()) {
    if (name == rules.name) return rules;
    names.push_back(rules.name);
  }
  throw Error("--rules", "'" + name + "' is no rule set", fmt::format("Rule sets are {}.", fmt::join(names, ", ")));
}

namespace {

// All that the dialogues of a study say.
std::string dialogue_text(const Study& study) {
  std::string text;
  for (const Dialogue& dialogue : study.dialogues)
    for (const Dialogue::Turn& turn : dialogue.turns) text += turn.question + "\n" + turn.answer + "\n";
  return text;
}

bool speaks_of_radiology(const Study& study) {
  for (const Dialogue& dialogue : study.dialogues)
    for (const Dialogue::Turn& turn : dialogue.turns)
      if (names_radiology(turn.question) || names_radiology(turn.answer)) return true;
  return false;
}

bool passes(const Study& study, CurationStep step) {
  switch (step) {
    case CurationStep::kNeedsFindings: return !study.findings.empty();
    case CurationStep::kNeedsText: return has_text(study);
    case CurationStep::kNeedsTextOrLabels: return has_text(study) || !study.labels.empty() || !study.classes.empty();
    case CurationStep::kNeedsAdult: return !study.age_months || *study.age_months >= 18 * 12;
    case CurationStep::kNeedsRadiologyTerm: return speaks_of_radiology(study);
    case CurationStep::kNeedsFrontal:
      return study.image("frontal") || std::all_of(study.images.begin(), study.images.end(),
                                           [](const StudyImage& image) { return image.view == "other"; });
    default: return true;
  }
}

// The current images but the first of each view go; priors stay.
void keep_first_views(Study& study) {
  std::unordered_set<std::string> seen;
  std::erase_if(
      study.images, [&](const StudyImage& image) { return image.view != "other" && !seen.insert(image.view).second; });
}

// The report of a study as a later one quotes it.
std::string quoted(const Study& study) {
  std::string text = findings_text(study);
  if (text.empty()) text = study.report.value_or("");
  if (!study.impression.empty()) text += (text.empty() ? "" : " ") + study.impression;
  return text;
}

// By patient and time; studies without time get no prior, nor do the first ones. `pool` holds all studies read: the
// prior may itself be dropped.
void attach_priors(std::vector<SourceStudy>& studies, const std::vector<SourceStudy>& pool) {
  std::unordered_map<std::string, std::vector<const SourceStudy*>> of_patient;
  for (const SourceStudy& s : pool)
    if (!s.when.empty() && !s.study.patient_id.empty()) of_patient[s.study.patient_id].push_back(&s);
  for (auto& [patient, all] : of_patient)
    std::sort(all.begin(), all.end(), [](const SourceStudy* a, const SourceStudy* b) { return a->when < b->when; });
  for (SourceStudy& s : studies) {
    if (s.when.empty() || s.study.image("prior_frontal")) continue;
    const auto found = of_patient.find(s.study.patient_id);
    if (found == of_patient.end()) continue;
    const SourceStudy* prior = nullptr;
    for (const SourceStudy* earlier : found->second)
      if (earlier->when < s.when && earlier->study.image("frontal")) prior = earlier;
    if (!prior) continue;
    s.study.images.push_back({prior->study.image("frontal")->path, "prior_frontal"});
    if (const std::string text = quoted(prior->study); !text.empty()) s.study.prior_report = text;
  }
}

void take_answer(Study& study, RewriteInto into, const std::string& answer) {
  if (into == RewriteInto::kDialogue) {
    study.dialogues = {read_dialogue(answer)};
  } else {
    study.report = answer;
    study.findings.clear();
    study.impression.clear();
  }
}

// What counts as the same text.
std::string text_key(const Study& study) {
  const std::string text = study.report && study.findings.empty() ? *study.report : quoted(study);
  return lower_ascii(single_spaced(text.empty() ? dialogue_text(study) : text));
}

class Pipeline {
 public:
  Pipeline(std::vector<SourceStudy> studies, const CurateOptions& options) : options_(options) {
    out_.studies = std::move(studies);
    note("read", 0);
  }

  void filter(const char* reason, const std::function<bool(const SourceStudy&)>& keep) {
    const size_t before = out_.studies.size();
    std::erase_if(out_.studies, [&](const SourceStudy& s) {
      if (keep(s)) return false;
      out_.dropped.push_back({s.study.study_id, reason, "", ""});
      return true;
    });
    note(reason, static_cast<int64_t>(before - out_.studies.size()));
  }

  void summarise_all() {
    std::unordered_map<std::string, std::string> why;
    Progress progress("curate", static_cast<int64_t>(out_.studies.size()), "reports");
    int64_t done = 0;
    for (SourceStudy& s : out_.studies) {
      progress.update(done++);
      try {
        Summary summary = summarise(findings_text(s.study), s.study.impression, options_.mode, options_.limits);
        for (const DroppedSentence& d : summary.dropped)
          out_.dropped.push_back({s.study.study_id, "sentence", d.rule, d.sentence});
        if (!summary.why.empty()) why[s.study.study_id] = summary.why;
        s.study.report = std::move(summary.text);
        s.study.findings.clear();
        s.study.impression.clear();
      } catch (const Error& e) {
        why[s.study.study_id] = "rule_failed";
        out_.problems.push_back(
            {"", 0, s.study.study_id, false, "a rule cannot be applied to the report: " + e.problem()});
      }
    }
    for (const char* reason :
        {"missing_section", "findings_short", "impression_short", "empty_after_clean", "rule_failed"})
      filter(reason, [&](const SourceStudy& s) {
        const auto found = why.find(s.study.study_id);
        return found == why.end() || found->second != reason;
      });
    if (out_.stages.back().dropped == 0) out_.stages.pop_back();  // rule_failed, which does not happen
  }

  // What summarise_all() drops for want of words, and no sentence.
  void drop_too_little() {
    for (const std::string reason : {"missing_section", "findings_short", "impression_short"})
      filter(reason.c_str(), [&](const SourceStudy& s) {
        return too_little(findings_text(s.study), s.study.impression, options_.limits) != reason;
      });
  }

  void rewrite_all() {
    Rewriter rewriter(*options_.rewrite, options_.rewrite_record, options_.give_up_after);
    std::unordered_set<std::string> failed;
    Progress progress("rewrite", static_cast<int64_t>(out_.studies.size()), "reports");
    int64_t done = 0;
    for (SourceStudy& s : out_.studies) {
      progress.update(done++);
      if (!has_text(s.study)) continue;
      for (const RewritePrompt& prompt : rewrite_prompts(options_.rules)) {
        if (prompt.into == RewriteInto::kDialogue && options_.questions == 0) continue;
        const std::string before = quoted(s.study);
        const auto messages =
            filled(prompt, {{"findings", findings_text(s.study)}, {"impression", s.study.impression},
                               {"report", before}, {"questions", std::to_string(options_.questions)}});
        const auto use = [&](const std::string& answer) { take_answer(s.study, prompt.into, answer); };
        const std::string why = rewriter.rewrite(s.study.study_id, prompt, messages, before, use);
        if (why.empty()) continue;
        out_.problems.push_back({"", 0, s.study.study_id, false, "not rewritten: " + why});
        failed.insert(s.study.study_id);
        break;
      }
    }
    filter("rewrite_failed", [&](const SourceStudy& s) { return !failed.contains(s.study.study_id); });
    out_.rewrites = {rewriter.asked(), rewriter.used_again(), static_cast<int64_t>(failed.size())};
  }

  void drop_duplicates() {
    std::unordered_set<std::string> texts, images;
    filter("duplicate", [&](const SourceStudy& s) {
      bool is_new = true;
      const std::string text = text_key(s.study);
      if (!text.empty() && options_.duplicates == Duplicates::kSameText) is_new = texts.insert(text).second;
      else if (!text.empty() && s.study.images.empty()) is_new = texts.insert(patient_of(s.study) + "\n" + text).second;
      for (const StudyImage& image : s.study.images)
        if (!image.view.starts_with("prior") && !images.insert(image.path.lexically_normal().string()).second)
          is_new = false;
      return is_new;
    });
  }

  Curation take() {
    note("kept", 0);
    return std::move(out_);
  }

  std::vector<SourceStudy>& studies() { return out_.studies; }

 private:
  void note(const std::string& stage, int64_t dropped) {
    int64_t images = 0;
    for (const SourceStudy& s : out_.studies) images += static_cast<int64_t>(s.study.images.size());
    out_.stages.push_back({stage, dropped, static_cast<int64_t>(out_.studies.size()), images});
  }

  const CurateOptions& options_;
  Curation out_;
};

}  // namespace

void check_options(const CurateOptions& options) {
  curation_rules(options.rules);
  if (!options.rewrite) return;
  check(!rewrite_prompts(options.rules).empty(), "--rewrite",
      "the rules '" + options.rules + "' have nothing written by a language model",
      "Rules with rewriting are xraygpt and cxr-llava.");
  check(options.mode == SummaryMode::kSoft, "--mode",
      "strict is a mode of the sentence rules, which --rewrite replaces", "Leave out one of the two.");
}

Curation curate(std::vector<SourceStudy> studies, const CurateOptions& options) {
  check_options(options);
  const CurationRules& rules = curation_rules(options.rules);
  const bool wants_priors = std::any_of(rules.stages.begin(), rules.stages.end(),
      [](const CurationStage& s) { return s.step == CurationStep::kAttachPrior; });
  const std::vector<SourceStudy> pool = wants_priors ? studies : std::vector<SourceStudy>();
  Pipeline run(std::move(studies), options);
  for (const CurationStage& stage : rules.stages) {
    switch (stage.step) {
      case CurationStep::kSummarise:
        if (options.rewrite) {
          run.drop_too_little();
          run.rewrite_all();
        } else run.summarise_all();
        break;
      case CurationStep::kAttachPrior: attach_priors(run.studies(), pool); break;
      case CurationStep::kOneFrontal:
        for (SourceStudy& s : run.studies()) keep_first_views(s.study);
        break;
      case CurationStep::kDialogues:
        if (options.rewrite) run.rewrite_all();
        for (SourceStudy& s : run.studies())
          if (!options.rewrite || !has_text(s.study))
            s.study.dialogues = make_dialogues(s.study, options.questions, options.seed);
        break;
      case CurationStep::kCaptionFromLabels:
        for (SourceStudy& s : run.studies())
          if (!has_text(s.study))
            if (std::string caption = label_caption(s.study).text; !caption.empty())
              s.study.report = std::move(caption);
        break;
      default: run.filter(stage.reason, [&](const SourceStudy& s) { return passes(s.study, stage.step); });
    }
  }
  if (options.duplicates != Duplicates::kKeep) run.drop_duplicates();
  return run.take();
}

}  // namespace hilum
