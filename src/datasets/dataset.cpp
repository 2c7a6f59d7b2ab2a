#include "datasets/dataset.h"

#include "data/csv.h"

namespace hilum {

std::string problems_csv(const std::vector<DatasetProblem>& problems) {
  std::string out = "file,row,study_id,outcome,reason\n";
  for (const DatasetProblem& p : problems)
    out += csv_field(p.file) + "," + (p.row ? std::to_string(p.row) : "") + "," + csv_field(p.study_id) + "," +
           (p.kept ? "kept" : "left out") + "," + csv_field(p.reason) + "\n";
  return out;
}

}  // namespace hilum
