// The reports of a file that is to be labelled.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hilum {

struct ReportTexts {
  std::vector<std::string> texts;  // a row each; empty where the row says nothing
  int64_t num_empty = 0;
};

// Of CSV: with one field a row, each row is a report, but for a header in front ("report", "text", "impression" ...).
// With more, the first row names the columns, and the report's is found by name (case, blanks, "_" and "-" do not
// count): "report" and its likes; else "findings" and "impression", joined by a blank. Throws Error(where, ...) naming
// the line where that cannot be told: no header, no such column, two of them, a row of another number of fields, a
// stray or open quote.
ReportTexts report_texts_of_csv(std::string_view text, const std::string& where);

// Of JSON lines, studies or reports: the findings' texts joined by blanks, else "report", else "impression". Throws
// Error naming the line for one that is not JSON or has none of the three.
ReportTexts report_texts_of_jsonl(std::string_view text, const std::string& where);

// By content: JSON lines where the text begins with "{" or `where` ends in ".jsonl", else CSV. Throws Error for what is
// no text in UTF-8 (a picture, an archive), naming what it is, and for a file without any report.
ReportTexts report_texts_of_file(std::string_view bytes, const std::string& where);

}  // namespace hilum
