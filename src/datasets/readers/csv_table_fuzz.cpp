// Whatever the bytes, each row that is given has the header's fields as UTF-8 without more than the file's lines, and
// reading ends.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/error.h"
#include "data/csv.h"
#include "datasets/readers/csv_table.h"
#include "datasets/readers/python_list.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  hilum::Dataset out;
  const hilum::DatasetOptions options;
  hilum::Collector collector("/data", options, out);
  try {
    hilum::CsvTable table(text, "/data/x.csv", collector);
    size_t line = 0;
    while (table.next()) {
      if (table.line() <= line) std::abort();  // lines grow
      line = table.line();
      hilum::parse_python_list(table[size_t{0}]);
      hilum::number_of(table[size_t{0}]);
      hilum::months_of_age(table[size_t{0}]);
    }
    hilum::problems_csv(out.problems);
  } catch (const hilum::Error&) {
  }
  return 0;
}
