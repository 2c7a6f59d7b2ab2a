#include "datasets/readers/openi_xml.h"

#include <pugixml.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "datasets/collector.h"
#include "datasets/sentences.h"

namespace hilum {

OpeniReport parse_openi_xml(std::string_view xml, const std::string& where) {
  check(xml.size() < 16 << 20, where.c_str(), "is larger than 16 MiB", "A report is a few KiB of XML.");
  pugi::xml_document document;
  const pugi::xml_parse_result result = document.load_buffer(xml.data(), xml.size());
  if (!result)
    throw Error(where,
        std::string("is no well-formed XML (") + result.description() + ", byte " + std::to_string(result.offset) + ")",
        "Fetch it again.");
  const pugi::xml_node root = document.child("eCitation");
  check(!root.empty(), where.c_str(), "has no element eCitation",
      "Reports of the Indiana University collection are expected.");
  OpeniReport report;
  report.id = std::string(trim_ascii(root.child("uId").attribute("id").value()));
  check(!report.id.empty(), where.c_str(), "has no identifier (uId)");
  for (const pugi::xml_node text :
      root.child("MedlineCitation").child("Article").child("Abstract").children("AbstractText")) {
    const std::string label = lower_ascii(text.attribute("Label").value());
    std::string* const into = label == "comparison"   ? &report.comparison
                              : label == "indication" ? &report.indication
                              : label == "findings"   ? &report.findings
                              : label == "impression" ? &report.impression
                                                      : nullptr;
    if (!into) continue;
    const std::string value = single_spaced(text.child_value());
    if (!value.empty()) *into += (into->empty() ? "" : " ") + value;
  }
  for (const pugi::xml_node term : root.child("MeSH").children("major"))
    if (std::string value = single_spaced(term.child_value()); !value.empty()) report.mesh.push_back(std::move(value));
  for (const pugi::xml_node image : root.children("parentImage"))
    if (std::string id(trim_ascii(image.attribute("id").value())); !id.empty()) report.images.push_back(std::move(id));
  return report;
}

}  // namespace hilum
