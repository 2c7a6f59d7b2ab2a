// `hilum eval embeddings`: how well embeddings find what is alike. Image to image by label, image to its own report and
// back, and images by a label's text. Cosine; a query never finds itself.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/problems.h"
#include "eval/stats/bootstrap.h"

namespace hilum {

// Row-major [rows, width] of someone else's memory.
struct Vectors {
  std::span<const float> values;
  size_t width = 0;
  size_t rows() const { return width > 0 ? values.size() / width : 0; }
};

struct RetrievalStudy {
  std::string study_id, patient_id;
  std::vector<std::string> labels;  // what it is, e.g. its classes
};

struct RetrievalOptions {
  std::vector<int> ks = {1, 3, 5, 10};
  bool other_patients = false;  // studies of the query's patient are not in what is searched
  int rounds = 1000;
  uint64_t seed = 0;
  bool strict = false;
};

struct RetrievalRow {
  std::string group, name;  // the variant, and e.g. "precision@5"
  Interval value;
};

struct RetrievalResult {
  RetrievalOptions options;
  int64_t num_studies = 0, num_rows = 0;  // scored, of the file
  std::vector<RetrievalRow> rows;
  std::vector<std::pair<std::string, std::string>> excluded;  // label, why
  std::vector<Problem> problems;
};

// A text per label.
struct LabelQueries {
  std::vector<std::string> labels;
  Vectors texts;
};

// precision@k: share of the k nearest that have the query's label; mean over the label's queries, then over labels (as
// the MedImageInsight
//   examples do). recall@k by label: share of queries with at least one of their label among the k nearest, likewise
//   averaged.
// `texts` (of the studies' reports, row by row; empty: none): recall@k = share of queries whose own partner is among
// the k nearest; what is
//   exactly as near as the partner counts as nearer, so that embeddings that are all alike find nothing.
// `queries`: per label, the AUROC of the cosine to its text over all images; the mean over labels is the text search
// AUC. Rows that are not finite or zero are problems and left out. Throws Error for unequal numbers of rows or widths,
// fewer than 2 rows left, k below 1, nothing that can be scored, and when strict for any problem.
RetrievalResult evaluate_retrieval(const std::vector<RetrievalStudy>& studies, const Vectors& images,
    const Vectors& texts, const LabelQueries& queries, const RetrievalOptions& options = {});

std::string retrieval_table(const RetrievalResult& result);
Json retrieval_json(const RetrievalResult& result);  // schema "hilum.eval.embeddings/1"

}  // namespace hilum
