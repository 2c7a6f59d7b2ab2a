// Metrics of what the reports say: n-grams in the variants that papers report (evaluation sheet 4), graphs, and form.
#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "base/progress.h"
#include "eval/compare/compare_metrics.h"
#include "eval/text/bleu.h"
#include "eval/text/ngrams.h"
#include "eval/text/rouge.h"

namespace hilum {
namespace {

// A text as the n-gram metrics take it.
struct Words {
  std::vector<std::string> rouge, rouge_stems;
  std::string r2gen;  // cleaned
  std::vector<std::string> r2gen_words, words_13a;
};

Words words_of(const Annotation& one) {
  const std::string& text = one.text;
  Words words;
  words.rouge = rouge_words(text, /*stem=*/false);
  words.rouge_stems = rouge_words(text, /*stem=*/true);
  words.r2gen = clean_r2gen(text);
  // The original cleans references alone: the stop that it puts behind everything is no word of an empty answer.
  if (words.r2gen.find_first_not_of(" .") == std::string::npos) words.r2gen.clear();
  words.r2gen_words = split_words(words.r2gen);
  words.words_13a = words_13a(one.lines);
  return words;
}

// A number of each pair of texts; the metric is its mean over studies.
struct MeanOfPairs {
  const char *group, *name;
  double (*value)(const Words& reference, const Words& said);
};

constexpr MeanOfPairs kMeans[] = {
    {kRougeName, "ROUGE-1", [](const Words& r, const Words& s) { return rouge_n(r.rouge, s.rouge, 1).f1; }},
    {kRougeName, "ROUGE-2", [](const Words& r, const Words& s) { return rouge_n(r.rouge, s.rouge, 2).f1; }},
    {kRougeName, "ROUGE-L", [](const Words& r, const Words& s) { return rouge_l(r.rouge, s.rouge).f1; }},
    {kRougeStemName, "ROUGE-1",
        [](const Words& r, const Words& s) { return rouge_n(r.rouge_stems, s.rouge_stems, 1).f1; }},
    {kRougeStemName, "ROUGE-2",
        [](const Words& r, const Words& s) { return rouge_n(r.rouge_stems, s.rouge_stems, 2).f1; }},
    {kRougeStemName, "ROUGE-L",
        [](const Words& r, const Words& s) { return rouge_l(r.rouge_stems, s.rouge_stems).f1; }},
    {kRougeCocoName, "ROUGE-L", [](const Words& r, const Words& s) { return coco_rouge_l(r.r2gen, s.r2gen); }},
};

// BLEU of the whole corpus: the counts of all studies, added.
struct CorpusBleu {
  const char *group, *name;
  std::vector<std::string> Words::* words;
  double (*value)(const BleuCounts& total);
  double highest = 1;
};

constexpr CorpusBleu kBleus[] = {
    {kBleuCocoName, "BLEU-1", &Words::r2gen_words, [](const BleuCounts& total) { return bleu_coco(total)[0]; }},
    {kBleuCocoName, "BLEU-2", &Words::r2gen_words, [](const BleuCounts& total) { return bleu_coco(total)[1]; }},
    {kBleuCocoName, "BLEU-3", &Words::r2gen_words, [](const BleuCounts& total) { return bleu_coco(total)[2]; }},
    {kBleuCocoName, "BLEU-4", &Words::r2gen_words, [](const BleuCounts& total) { return bleu_coco(total)[3]; }},
    {kBleuSacreName, "BLEU-4", &Words::words_13a, [](const BleuCounts& total) { return bleu_sacre(total).score; }, 100},
    {kBleuHfName, "BLEU-4", &Words::words_13a, bleu_hf},
};

}  // namespace

void add_text_metrics(std::vector<Metric>& metrics, const MetricInput& input) {
  std::vector<Words> words;
  for (const Annotation& one : input.annotated.texts) words.push_back(words_of(one));
  Progress progress("text metrics", static_cast<int64_t>(std::size(kMeans) + std::size(kBleus)), "metrics");
  int64_t done = 0;
  for (const MeanOfPairs& mean : kMeans) {
    metrics.push_back(mean_metric(mean.group, mean.name, each_pair(input.annotated, [&](size_t reference, size_t said) {
      return mean.value(words[reference], words[said]);
    })));
    progress.update(++done);
  }
  std::vector<std::string> Words::* counted = nullptr;
  std::shared_ptr<const PerReport<BleuCounts>> counts;  // shared by the metrics of equal words, which are neighbours
  for (const CorpusBleu& bleu : kBleus) {
    if (bleu.words != counted)
      counts =
          std::make_shared<const PerReport<BleuCounts>>(each_pair(input.annotated, [&](size_t reference, size_t said) {
            return bleu_counts(words[reference].*bleu.words, words[said].*bleu.words);
          }));
    counted = bleu.words;
    metrics.push_back(pooled_metric(bleu.group, bleu.name, counts, bleu.value));
    metrics.back().highest = bleu.highest;
    progress.update(++done);
  }
}

void add_graph_metrics(std::vector<Metric>& metrics, const MetricInput& input) {
  if (!input.options.models.graph) return;
  const std::vector<Annotation>& texts = input.annotated.texts;
  const PerReport<RadGraphScores> scores = each_pair(input.annotated,
      [&](size_t reference, size_t said) { return radgraph_scores(texts[said].graph, texts[reference].graph); });
  const auto add = [&](const char* name, double (*value)(const RadGraphScores&)) {
    PerReport<double> values(scores.size());
    for (size_t s = 0; s < scores.size(); ++s)
      for (const RadGraphScores& one : scores[s]) values[s].push_back(value(one));
    metrics.push_back(
        mean_metric(fmt::format("RadGraph-F1, graphs by {}, mean over studies", input.options.models.grapher), name,
            std::move(values)));
  };
  add("simple (RG_E)", [](const RadGraphScores& s) { return s.simple; });
  add("partial (RG_ER)", [](const RadGraphScores& s) { return s.partial; });
  add("complete (RG_bar_ER)", [](const RadGraphScores& s) { return s.complete; });
  add("RadGraph F1 of Yu et al.", [](const RadGraphScores& s) { return s.yu(); });
}

void add_form_metrics(std::vector<Metric>& metrics, const MetricInput& input) {
  metrics.push_back(mean_metric("form", "well-formed reports (share)",
      each_report(input.annotated, [](const AnnotatedStudy&, const AnnotatedReport& report) {
        return report.not_well_formed.empty() ? 1.0 : 0.0;
      })));
  // Texts that differ in white space alone are one.
  std::vector<size_t> same;
  std::unordered_map<std::string_view, size_t> first;
  for (const Annotation& one : input.annotated.texts)
    same.push_back(first.emplace(one.text, same.size()).first->second);
  metrics.push_back(mean_metric("form", "reports equal to the reference (share)",
      each_pair(input.annotated,
          [same](size_t reference, size_t said) { return same[said] == same[reference] ? 1.0 : 0.0; })));
  metrics.push_back({"form", "distinct reports (share)",
      [texts = each_pair(input.annotated, [same](size_t, size_t said) { return same[said]; })](
          size_t system, std::span<const uint32_t> which) {
        std::vector<size_t> seen;
        for (const uint32_t i : which) seen.push_back(texts[system][i]);
        std::sort(seen.begin(), seen.end());
        const auto distinct = std::unique(seen.begin(), seen.end()) - seen.begin();
        return static_cast<double>(distinct) / static_cast<double>(which.size());
      }});
  metrics.back().resampled = false;
}

}  // namespace hilum
