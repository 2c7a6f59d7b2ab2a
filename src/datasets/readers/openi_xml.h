// One report of the Indiana University collection (OpenI) from its XML.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hilum {

struct OpeniReport {
  std::string id;                                            // "CXR1"
  std::string comparison, indication, findings, impression;  // single-spaced; empty where the file has none
  std::vector<std::string> mesh;                             // the major terms, "normal" or "Term/qualifier/..."
  std::vector<std::string> images;                           // "CXR1_1_IM-0001-3001"
};

// Throws Error naming `where` for what is no well-formed XML of an eCitation with an identifier. Entities of a document
// type are not read.
OpeniReport parse_openi_xml(std::string_view xml, const std::string& where);

}  // namespace hilum
