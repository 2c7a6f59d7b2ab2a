// Any CSV of images with text or labels. Known columns by name (first of each): image|path|image_path|filename|file,
// id|study_id, patient|patient_id|subject_id, split, sex|gender, age (years), view, report|text|caption, findings,
// impression, indication, technique, comparison, labels|label|class|classes|finding (several by | or ;), the 14
// CheXpert names (1, 0, -1, blank), target_NAME (numbers). Any other column that holds 0 and 1 alone (or "todo" and its
// likes) is a class. Pictures are named, not touched: colour stays colour.
#include <array>
#include <map>
#include <set>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/readers.h"
#include "datasets/report_sections.h"

namespace hilum {
namespace {

fs::path only_csv(Collector& out) {
  if (fs::is_regular_file(out.root())) return out.root();
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(out.root()))
    if (const std::string name = entry.path().filename().string(); name.ends_with(".csv") || name.ends_with(".csv.gz"))
      files.push_back(entry.path());
  check(files.size() == 1, out.root().c_str(), "holds " + std::to_string(files.size()) + " .csv files",
      "Name the file itself.");
  return files[0];
}

// Columns not known by name whose cells are all 0, 1 or blank, with a 1 among them.
std::set<size_t> class_columns(const fs::path& file, const std::set<size_t>& known) {
  Dataset ignored;
  const DatasetOptions options;
  Collector quiet(file, options, ignored);
  CsvTable table(file, quiet);
  std::map<size_t, bool> has_one;
  for (size_t i = 0; i < table.header().size(); ++i)
    if (!known.contains(i) && !table.header()[i].empty()) has_one[i] = false;
  while (table.next())
    for (auto column = has_one.begin(); column != has_one.end();) {
      const std::string_view cell = table[column->first];
      const auto value = number_of(cell);
      column->second |= value == 1.0;
      column = cell.empty() || value == 0.0 || value == 1.0 || is_placeholder(cell) ? std::next(column)
                                                                                    : has_one.erase(column);
    }
  std::set<size_t> classes;
  for (const auto& [column, one] : has_one)
    if (one) classes.insert(column);
  return classes;
}

}  // namespace

void read_csv_images(Collector& out) {
  const fs::path file = only_csv(out);
  CsvTable table(file, out);
  std::set<size_t> known;
  const auto named = [&](std::initializer_list<std::string_view> names) {
    const auto column = table.find(names);
    if (column) known.insert(*column);
    return column;
  };
  const auto image = named({"image", "path", "image_path", "filename", "file"}), id = named({"study_id", "id"}),
             patient = named({"patient_id", "patient", "subject_id"});
  const auto split = named({"split"}), sex = named({"sex", "gender"}), age = named({"age"}), view = named({"view"});
  const auto report = named({"report", "text", "caption"}), findings = named({"findings"}),
             impression = named({"impression"});
  const auto indication = named({"indication"}), technique = named({"technique"}), comparison = named({"comparison"});
  const auto labels = named({"labels", "label", "classes", "class", "finding"});
  std::vector<std::pair<std::string, size_t>> chexpert, targets;
  for (const std::string& name : kChexpertLabels)
    if (const auto column = named({name})) chexpert.emplace_back(name, *column);
  for (size_t i = 0; i < table.header().size(); ++i)
    if (const std::string& name = table.header()[i]; lower_ascii(name).starts_with("target_") && name.size() > 7) {
      targets.emplace_back(name.substr(7), i);
      known.insert(i);
    }
  check(image || report || findings || impression, file.c_str(), "has neither a column of images nor one of texts",
      "Name a column image (or path, filename), or report (or text, caption, findings, impression).");
  const std::set<size_t> classes = class_columns(file, known);

  while (table.next()) {
    Study study;
    const std::string picture(table[image]);
    study.study_id = !table[id].empty() ? std::string(table[id])
                     : !picture.empty() ? picture
                                        : "row" + std::to_string(table.line());
    study.patient_id = table[patient];
    study.split = table[split];
    study.sex = sex_of(table[sex]);
    study.age_months = months_of_age(table[age]);
    if (!table[age].empty() && !study.age_months)
      out.remark(file, table.line(), study.study_id, "the age is no age in years; it is left away");
    study.report = section_text(table[report]);
    study.impression = section_text(table[impression]).value_or("");
    set_findings(study, table[findings]);
    study.indication = section_text(table[indication]);
    study.technique = section_text(table[technique]);
    study.comparison = section_text(table[comparison]);
    for (const auto& [name, column] : chexpert) {
      const auto value = number_of(table[column]);
      if (value == 1.0 || value == 0.0 || value == -1.0) study.labels[name] = static_cast<int>(*value);
      else if (!table[column].empty())
        out.remark(file, table.line(), study.study_id,
            "the label " + name + " is neither 1, 0, -1 nor blank; it counts as not mentioned");
    }
    for (const auto& [name, column] : targets) {
      if (const auto value = number_of(table[column])) study.targets[name] = *value;
      else if (!table[column].empty())
        out.remark(file, table.line(), study.study_id, "the target " + name + " is no number; it is left away");
    }
    std::string list(table[labels]);
    for (char& c : list) c = c == ';' ? '|' : c;
    for (const std::string& name : split_list(list, '|')) out.add_label(study, name, file, table.line());
    for (const size_t column : classes) {
      if (number_of(table[column]) == 1.0) add_class(study, table.header()[column]);
      if (is_placeholder(table[column])) out.add_label(study, std::string(table[column]), file, table.line());
    }
    if (labels || !classes.empty()) study.class_set = file.stem().string();
    const std::string seen = table[view].empty() ? "frontal" : view_of(table[view]);
    if (!picture.empty())
      out.add_image(
          study, {file.parent_path() / picture, file.parent_path() / "images" / picture}, seen, file, table.line());
    out.add(std::move(study), file, table.line());
  }
}

void read_manifest(Collector& out) {
  const fs::path file = fs::is_regular_file(out.root()) ? out.root() : out.need({"studies.jsonl"});
  const std::string text = read_file(file);
  size_t row = 0;
  for (const std::string_view line : split_lines(text)) {
    ++row;
    if (is_blank(line)) continue;
    out.count("lines");
    try {
      Study study = study_from_json(std::string(line), file.string() + ":" + std::to_string(row));
      std::vector<StudyImage> images;
      images.swap(study.images);
      for (const StudyImage& image : images)
        out.add_image(
            study, {image.path.is_absolute() ? image.path : file.parent_path() / image.path}, image.view, file, row);
      out.add(std::move(study), file, row);
    } catch (const Error& e) {
      out.left_out(file, row, "", e.problem());
    }
  }
}

}  // namespace hilum
