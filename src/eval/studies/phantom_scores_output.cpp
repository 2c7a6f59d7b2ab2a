// Presents phantom scores: everything they show, as a table, as JSON and as a plot, is decided here.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "eval/studies/phantom_scores.h"
#include "eval/text_table.h"

namespace hilum {
namespace {

std::string interval(const Interval& i) {
  return std::isfinite(i.value) ? fmt::format("{:.3f} [{:.3f}, {:.3f}]", i.value, i.low, i.high) : "-";
}
Json json_of(const Interval& i) {
  return {{"value", json_number(i.value)}, {"low", json_number(i.low)}, {"high", json_number(i.high)}};
}

}  // namespace

std::string phantom_scores_table(const PhantomScores& s) {
  std::string out = fmt::format(
      "{} studies, {} with a prior; {} without a report count as empty\n\n", s.studies, s.with_prior, s.missing);
  out += fmt::format("{:<18}{:>9}{:>9}{:>11}{:>9}{:>9}{:>12}{:>12}\n", "finding", "positive", "stated", "precision",
      "recall", "F1", "box prec.", "box recall");
  for (const KindScore& k : s.kinds)
    out += fmt::format("{:<18}{:>9}{:>9}{:>11}{:>9}{:>9}{:>12}{:>12}\n", k.kind, k.positives, k.stated,
        number_text(k.precision), number_text(k.recall), number_text(k.f1), number_text(k.box_precision),
        number_text(k.box_recall));
  out += fmt::format("\nchange words right, studies with a prior        {}\n", interval(s.change_right));
  out += fmt::format("findings stated with the right change word      {}\n", interval(s.change_found));
  out += fmt::format("\n{:<18}{:>9}", "change", "findings");
  for (const ChangeRow& column : s.changes) out += fmt::format("{:>11}", column.change);
  out += fmt::format("{:>11}{:>11}\n", "no word", "not stated");
  for (const ChangeRow& row : s.changes) {
    out += fmt::format("{:<18}{:>9}", row.change, row.findings);
    int64_t left = row.findings;
    const auto cell = [&](const std::string& word) {
      const auto at = row.stated.find(word);
      const int64_t count = at == row.stated.end() ? 0 : at->second;
      left -= count;
      out += fmt::format("{:>11}", count);
    };
    for (const ChangeRow& column : s.changes) cell(column.change);
    cell("");
    out += fmt::format("{:>11}\n", left);
  }
  out += fmt::format("\nchange words in studies without a prior         {}\n", s.change_words_without_prior);
  out +=
      fmt::format("side word agrees with the boxes ({:>4} sentences) {}\n", s.side_sentences, interval(s.side_right));
  out += fmt::format(
      "seen on the lateral alone, stated ({:>3} findings) {}\n", s.lateral_only, interval(s.lateral_only_found));
  return out;
}

Json phantom_scores_json(const PhantomScores& s) {
  Json json{{"schema", "hilum.eval.phantoms/1"}, {"studies", s.studies}, {"with_prior", s.with_prior},
      {"missing", s.missing}, {"change_right", json_of(s.change_right)}, {"change_found", json_of(s.change_found)},
      {"change_words_without_prior", s.change_words_without_prior}, {"side_right", json_of(s.side_right)},
      {"side_sentences", s.side_sentences}, {"lateral_only_found", json_of(s.lateral_only_found)},
      {"lateral_only", s.lateral_only}, {"changes", Json::array()}, {"kinds", Json::array()}};
  for (const ChangeRow& row : s.changes)
    json["changes"].push_back({{"change", row.change}, {"findings", row.findings}, {"stated", row.stated}});
  for (const KindScore& k : s.kinds) {
    Json bins = Json::array();
    for (const ContrastBin& b : k.bins)
      bins.push_back({{"contrast_to_noise", b.contrast}, {"findings", b.findings}, {"recall", b.recall},
          {"f1", json_number(b.f1)}, {"box_recall", json_number(b.box_recall)}});
    json["kinds"].push_back({{"kind", k.kind}, {"positives", k.positives}, {"stated", k.stated}, {"right", k.right},
        {"precision", json_number(k.precision)}, {"recall", json_number(k.recall)}, {"f1", json_number(k.f1)},
        {"box_precision", json_number(k.box_precision)}, {"box_recall", json_number(k.box_recall)},
        {"by_contrast", bins}});
  }
  return json;
}

std::vector<LinePlot> contrast_plots(const PhantomScores& scores) {
  std::vector<LinePlot> plots;
  for (const KindScore& kind : scores.kinds) {
    if (kind.bins.empty()) continue;
    PlotLine f1{.name = "F1", .x = {}, .y = {}}, box_recall{.name = "box recall", .x = {}, .y = {}};
    for (const ContrastBin& bin : kind.bins) {
      f1.x.push_back(bin.contrast);
      f1.y.push_back(bin.f1);
      box_recall.x.push_back(bin.contrast);
      box_recall.y.push_back(bin.box_recall);
    }
    const auto is_number = [](double value) { return std::isfinite(value); };
    if (std::none_of(f1.y.begin(), f1.y.end(), is_number) &&
        std::none_of(box_recall.y.begin(), box_recall.y.end(), is_number))
      continue;  // a panel without a point says nothing
    plots.push_back({.title = fmt::format("{} ({})", kind.kind, kind.positives),
        .x_label = "contrast to noise",
        .y_label = "",
        .lines = {std::move(f1), std::move(box_recall)},
        .width_px = 380,
        .height_px = 300,
        .y_range = {{0, 1}}});
  }
  return plots;
}

}  // namespace hilum
