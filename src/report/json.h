// The report as JSON (DESIGN section 6, "hilum.report/1"), as plain text, and in the form of the Azure service.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "report/crop_finding.h"
#include "report/report.h"

namespace hilum {

inline constexpr const char* kReportSchema = "hilum.report/1";
inline constexpr const char* kDemoNotice = "Hilum demo model: knows synthetic phantoms only";

// Keys in the order of DESIGN section 6. Coordinates and probabilities are rounded to 6 decimals, times to 3; a
// token_probability that is not known (0) is null, as is a number that is not finite. Far from the phantoms, `warnings`
// and `report` (where there is one) begin with kDemoWarning.
Json to_json(const Report& report);
// The same as text, UTF-8 (bytes that are not become U+FFFD). indent < 0: one line.
std::string to_json_text(const Report& report, int indent = 2);
// The inverse. Fields that are missing keep their defaults, except schema, task and findings. Throws Error(where, ...)
// naming the field.
Report report_from_json(const Json& json, const std::string& where);

// For people: kDemoWarning where it must be, the notice, numbered findings with their boxes, the plain report,
// warnings.
std::string to_text(const Report& report);

// The inner value of the Azure service's `output` column (sheet 6.2): [["text", null], ["text", [[x_min, y_min, x_max,
// y_max]]]], boxes of the model's crop as the service gives them. Written as Python's
// json.dumps does: blanks after commas, ASCII only, numbers in their shortest form that reads back the same. Throws
// Error for a coordinate that is not finite.
std::string to_azure(const std::vector<CropFinding>& findings);

// A double as Python's repr() writes it: 0.415, 1.0, 1e-05.
std::string shortest_number(double value);

}  // namespace hilum
