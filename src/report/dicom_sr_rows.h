// Rows of a structured report's content tree, added one after the other.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmsr/dsrdoctr.h>

#include "report/dicom_sr_tree.h"

namespace hilum {

inline constexpr auto kContains = DSRTypes::RT_contains, kObsContext = DSRTypes::RT_hasObsContext,
                      kConceptMod = DSRTypes::RT_hasConceptMod;
inline constexpr CodedConcept kComment{"121106", "DCM", "Comment"}, kFindingConcept{"121071", "DCM", "Finding"};

// Adds rows below the container that is open. Leaves leave the cursor on it.
class SrRows {
 public:
  explicit SrRows(DSRDocumentTree& tree) : tree_(tree) {}

  void open(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const char* template_id = nullptr);
  void close() { tree_.goUp(); }
  void code(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const CodedConcept& value);
  void open_code(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const CodedConcept& value);
  // `value` is clean UTF-8, not checked again: DCMTK would hold it against the default character set. Empty: the row
  // stays out.
  void text(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const std::string& value);
  void uid(DSRTypes::E_RelationshipType relation, const CodedConcept& name, const std::string& value);
  void image(DSRTypes::E_RelationshipType relation, const CodedConcept* name, const DicomReference& image);
  void open_polyline(const CodedConcept& name, const std::vector<std::pair<float, float>>& points);

 private:
  DSRContentItem& item() { return tree_.getCurrentContentItem(); }
  void add(DSRTypes::E_RelationshipType relation, DSRTypes::E_ValueType type, const CodedConcept* name);
  void string(DSRTypes::E_RelationshipType relation, DSRTypes::E_ValueType type, const CodedConcept& name,
      const std::string& value);

  DSRDocumentTree& tree_;
};

// Language (TID 1204) and the observer, a device (TID 1001, 1002, 1004), below the root.
void add_language(SrRows& rows);
void add_observer(SrRows& rows, const SrTreeInput& in);
// What plain reports and labels say, each under `name`; "No findings were written." where they say nothing.
void add_plain_texts(SrRows& rows, const Report& report, const CodedConcept& name);
// The sentence of a finding; never empty.
std::string sr_sentence(const Finding& finding);

}  // namespace hilum
