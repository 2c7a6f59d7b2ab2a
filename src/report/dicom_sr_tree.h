// The content tree of report/dicom_sr.h.
#pragma once

#include <functional>
#include <string>

#include "image/dicom_reference.h"
#include "report/finding_codes.h"
#include "report/report.h"

class DSRDocumentTree;

namespace hilum {

struct SrTreeInput {
  const Report& report;
  const StudyReferences& images;
  const FindingCoder& coder;
  std::string device_uid;
  std::function<std::string()> new_uid;
};

// Fills an empty tree. Throws Error for a box that is not finite.
void build_sr_tree(DSRDocumentTree& tree, const SrTreeInput& input);

}  // namespace hilum
