// N-gram metrics of a comparison, in the variants that papers report (evaluation sheet 4).
#include <memory>

#include <fmt/format.h>

#include "base/progress.h"
#include "eval/compare/compare_metrics.h"
#include "eval/text/bleu.h"
#include "eval/text/ngrams.h"
#include "eval/text/rouge.h"

namespace hilum {
namespace {

struct TextScores {
  PerSystem rouge[2][3], coco_rouge;                        // [stemmed][1, 2, L]
  std::vector<std::vector<BleuCounts>> coco, words_of_13a;  // [system][study]
};

TextScores score_texts(const CompareInput& input) {
  const size_t num_systems = input.reports.size();
  TextScores scores;
  for (auto& kind : scores.rouge)
    for (PerSystem& values : kind) values.resize(num_systems);
  scores.coco_rouge.resize(num_systems), scores.coco.resize(num_systems), scores.words_of_13a.resize(num_systems);
  Progress progress("text metrics", static_cast<int64_t>(num_systems * input.studies.size()), "reports");
  for (size_t s = 0; s < num_systems; ++s)
    for (size_t i = 0; i < input.studies.size(); ++i) {
      const std::string &reference = input.reference_texts[i], &text = input.texts[s][i];
      for (const bool stem : {false, true}) {
        const RougeScores rouge_scores = rouge(reference, text, stem);
        scores.rouge[stem][0][s].push_back(rouge_scores.rouge1.f1);
        scores.rouge[stem][1][s].push_back(rouge_scores.rouge2.f1);
        scores.rouge[stem][2][s].push_back(rouge_scores.rouge_l.f1);
      }
      const std::string cleaned_reference = clean_r2gen(reference), cleaned = clean_r2gen(text);
      scores.coco_rouge[s].push_back(coco_rouge_l(cleaned_reference, cleaned));
      scores.coco[s].push_back(bleu_counts(split_words(cleaned_reference), split_words(cleaned)));
      scores.words_of_13a[s].push_back(bleu_counts(words_13a(reference), words_13a(text)));
      progress.update(static_cast<int64_t>(s * input.studies.size() + i) + 1);
    }
  return scores;
}

BleuCounts sum(const std::vector<BleuCounts>& counts, std::span<const uint32_t> which) {
  BleuCounts total;
  for (const uint32_t i : which) total += counts[i];
  return total;
}

}  // namespace

void add_text_metrics(std::vector<Metric>& metrics, const CompareInput& input) {
  const auto scores = std::make_shared<TextScores>(score_texts(input));
  const char* names[] = {"ROUGE-1", "ROUGE-2", "ROUGE-L"};
  for (const bool stem : {false, true})
    for (size_t i = 0; i < 3; ++i)
      metrics.push_back(mean_metric(stem ? kRougeStemName : kRougeName, names[i], std::move(scores->rouge[stem][i])));
  metrics.push_back(mean_metric(kRougeCocoName, "ROUGE-L", std::move(scores->coco_rouge)));
  for (size_t n = 0; n < 4; ++n)
    metrics.push_back(
        {kBleuCocoName, fmt::format("BLEU-{}", n + 1), [scores, n](size_t system, std::span<const uint32_t> which) {
           return bleu_coco(sum(scores->coco[system], which))[n];
         }});
  metrics.push_back({kBleuSacreName, "BLEU-4", [scores](size_t system, std::span<const uint32_t> which) {
                       return bleu_sacre(sum(scores->words_of_13a[system], which)).score;
                     }});
  metrics.push_back({kBleuHfName, "BLEU-4", [scores](size_t system, std::span<const uint32_t> which) {
                       return bleu_hf(sum(scores->words_of_13a[system], which));
                     }});
}

}  // namespace hilum
