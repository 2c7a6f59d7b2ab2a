// The content trees of report/dicom_sr.h.
#pragma once

#include <functional>
#include <string>

#include "image/dicom_reference.h"
#include "report/finding_codes.h"
#include "report/report.h"

class DSRDocumentTree;

namespace hilum {

// Where sentences without a box stand in the measurement report.
enum class SrLayout {
  kViewer,  // as text under Qualitative Evaluations: viewers read a place from every measurement group, and one without
            // hides all boxes
  kGroups,  // in a measurement group without region each (TID 1501)
};

inline constexpr const char* kOwnScheme = "99HILUM";  // of the labels of findings that have no code

struct SrTreeInput {
  const Report& report;
  const StudyReferences& images;
  const FindingCoder& coder;
  std::string device_uid;
  std::function<std::string()> new_uid;
  SrLayout layout = SrLayout::kViewer;
};

// Fills an empty tree with TID 1500. Throws Error for a box that is not finite.
void build_sr_tree(DSRDocumentTree& tree, const SrTreeInput& input);
// Fills an empty tree of a text class with TID 2000: the notice, the warnings, and every sentence as text.
void build_sr_text_tree(DSRDocumentTree& tree, const SrTreeInput& input);

// Whether any box has an area inside the image, and so a region. Throws Error for a box that is not finite.
bool has_regions(const Report& report, const DicomReference& frontal);

}  // namespace hilum
