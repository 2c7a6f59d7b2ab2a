// IRMA 2009 (ImageCLEFmed 2009): ImageCLEFmed2009_train_codes.02.csv and ImageCLEFmed2009_test_codes.03.csv (image_id;
// irma_code; the classes of earlier years), <image_id>.png in folders named like the tables. The code is the class, its
// names are the text. A.csv to D.csv (code;name) beside them, where they are, name what Hilum's own table lacks.
#include <tuple>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "data/csv.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/irma_code.h"
#include "datasets/readers/packed_file.h"
#include "datasets/readers/picture_index.h"
#include "datasets/readers/readers.h"

namespace hilum {
namespace {

// Hilum's names, and over them those of the tables at hand, which have no header.
IrmaNames names_at(const fs::path& folder, Collector& out) {
  IrmaNames names = irma_names();
  for (size_t axis = 0; axis < names.size(); ++axis) {
    const fs::path file = folder / (std::string(1, static_cast<char>('A' + axis)) + ".csv");
    if (!fs::is_regular_file(file)) continue;
    const std::string text = read_text_file(file);
    for (CsvReader row(text, csv_separator(text)); row.next();) {
      const bool pair = row.error().empty() && row.fields().size() >= 2 && !is_blank(row.fields()[0]);
      if (pair) names[axis][lower_ascii(trim_ascii(row.fields()[0]))] = trim_ascii(row.fields()[1]);
      else if (row.fields().size() > 1 || !is_blank(row.fields()[0]))
        out.remark(file, row.line(), "", "the row is no pair of code and name; it is passed over");
    }
  }
  return names;
}

std::string view_along(const IrmaCode& code) {
  const char plane = code[static_cast<size_t>(IrmaAxis::kDirectional)][0];
  return plane == '1' ? "frontal" : plane == '2' ? "lateral" : "other";
}

}  // namespace

void read_irma(Collector& out) {
  const fs::path root = folder_of(out);
  const PictureIndex pictures(root);
  const IrmaNames names = names_at(root, out);
  bool any = false;
  for (const auto& [file_name, folder, split] :
      {std::tuple{"ImageCLEFmed2009_train_codes.02.csv", "ImageCLEFmed2009_train.02", "train"},
          {"ImageCLEFmed2009_test_codes.03.csv", "ImageCLEFmed2009_test.03", "test"}}) {
    const fs::path file = out.find({file_name});
    if (file.empty()) continue;
    any = true;
    CsvTable table(file, out);
    const size_t id = table.column({"image_id"}), code_column = table.column({"irma_code"});
    while (table.next()) {
      const std::string name(table[id]);
      const auto code = parse_irma_code(table[code_column]);
      if (name.empty() || (!code && !is_placeholder(table[code_column]) && !table[code_column].empty())) {
        out.left_out(file, table.line(), name, "image_id is empty or irma_code is not TTTT-DDD-AAA-BBB");
        continue;
      }
      Study study;
      study.study_id = "irma-" + name;
      study.split = split;
      if (code) {
        study.class_set = "irma-2009";
        add_class(study, fmt::format("{}", fmt::join(*code, "-")));
        const IrmaText text = irma_text(*code, names);
        if (!text.text.empty()) study.report = text.text;
        out.count(text.whole ? "codes with every name" : "codes of which a part has no name");
      } else if (!table[code_column].empty()) {
        out.add_label(study, std::string(table[code_column]), file, table.line());
      } else {
        out.remark(file, table.line(), study.study_id, "irma_code is empty; the image has no class and no text");
      }
      out.add_image(study, {pictures.find(name, root / folder / (name + ".png"))}, code ? view_along(*code) : "other",
          file, table.line());
      out.add(std::move(study), file, table.line());
    }
  }
  if (!any) out.need({"ImageCLEFmed2009_train_codes.02.csv", "ImageCLEFmed2009_test_codes.03.csv"});
}

}  // namespace hilum
