// A document's content tree against the rows of TID 1500 and TID 2000 (PS3.16, with 1001, 1002, 1004, 1204, 1410, 1501,
// 1600, 4019) as far as they are used, and against what viewers demand of it. No validator of templates is at hand:
// dciodvfy checks the object alone.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmsr/dsrdoctr.h>

namespace hilum {

struct SrNode {
  const char* relation = "";
  const char* type = "";
  std::string code, scheme, meaning, template_id, text;
  int parent = -1;
};

inline std::vector<SrNode> sr_nodes(DSRDocumentTree& tree) {
  std::vector<SrNode> nodes;
  std::vector<int> open;  // by level
  DSRDocumentTreeNodeCursor cursor;
  if (!tree.getCursorToRootNode(cursor)) return nodes;
  do {
    tree.gotoNode(cursor.getNodeID());
    DSRContentItem& item = tree.getCurrentContentItem();
    const auto level = cursor.getLevel() - 1;
    SrNode node{.relation = DSRTypes::relationshipTypeToDefinedTerm(cursor.getNode()->getRelationshipType()),
        .type = DSRTypes::valueTypeToDefinedTerm(cursor.getNode()->getValueType())};
    const DSRCodedEntryValue& name = cursor.getNode()->getConceptName();
    node.code = name.getCodeValue().c_str();
    node.scheme = name.getCodingSchemeDesignator().c_str();
    node.meaning = name.getCodeMeaning().c_str();
    OFString id, resource;
    if (item.getTemplateIdentification(id, resource).good()) node.template_id = id.c_str();
    const auto type = cursor.getNode()->getValueType();
    if (type == DSRTypes::VT_Text || type == DSRTypes::VT_UIDRef) node.text = item.getStringValue().c_str();
    if (level > 0) node.parent = open[level - 1];
    open.resize(level + 1);
    open[level] = static_cast<int>(nodes.size());
    nodes.push_back(std::move(node));
  } while (cursor.iterate());
  return nodes;
}

struct TemplateRow {
  const char* parent;  // its concept's code
  const char* relation;
  const char* type;
  const char* code;         // of the concept; "": none
  const char* meaning;      // readers compare meanings too
  int least = 0, most = 1;  // in one parent; most 0: any number
};

inline const std::vector<TemplateRow>& template_rows() {
  static const char *contains = "CONTAINS", *context = "HAS OBS CONTEXT", *modifier = "HAS CONCEPT MOD";
  static const std::vector<TemplateRow> rows = [] {
    std::vector<TemplateRow> all;
    for (const char* root : {"126000", "18748-4"})
      for (TemplateRow row : std::vector<TemplateRow>{
               {root, modifier, "CODE", "121049", "Language of Content Item and Descendants", 1},  // TID 1204
               {root, context, "CODE", "121005", "Observer Type", 1},                              // TID 1002
               {root, context, "UIDREF", "121012", "Device Observer UID", 1},                      // TID 1004
               {root, context, "TEXT", "121013", "Device Observer Name"},
               {root, context, "TEXT", "121014", "Device Observer Manufacturer"},
               {root, context, "TEXT", "121015", "Device Observer Model Name"},
               {root, context, "TEXT", "121016", "Device Observer Serial Number"}})
        all.push_back(row);
    for (TemplateRow row : std::vector<TemplateRow>{{"126000", modifier, "CODE", "121058", "Procedure reported", 1, 0},
             {"126000", contains, "TEXT", "121106", "Comment", 1, 0},  // not in TID 1500, which is extensible
             {"126000", contains, "CONTAINER", "111028", "Image Library", 1},
             {"126000", contains, "CONTAINER", "126010", "Imaging Measurements"},
             {"126000", contains, "CONTAINER", "C0034375", "Qualitative Evaluations"},
             {"111028", contains, "CONTAINER", "126200", "Image Library Group", 1, 0},
             {"126200", contains, "IMAGE", "", "", 1, 0},
             {"126010", contains, "CONTAINER", "125007", "Measurement Group", 1, 0},
             {"125007", context, "TEXT", "112039", "Tracking Identifier", 1},
             {"125007", context, "UIDREF", "112040", "Tracking Unique Identifier", 1},
             {"125007", contains, "CODE", "276214006", "Finding category"},
             {"125007", contains, "CODE", "121071", "Finding"},
             {"125007", contains, "CODE", "363698007", "Finding Site"},
             {"363698007", modifier, "CODE", "272741003", "Laterality"},
             {"125007", modifier, "TEXT", "111001", "Algorithm Name", 1},
             {"125007", modifier, "TEXT", "111003", "Algorithm Version", 1},
             {"125007", modifier, "TEXT", "111002", "Algorithm Parameters", 0, 0},
             {"125007", contains, "CODE", "130400", "Geometric purpose of region"},
             {"125007", contains, "SCOORD", "111030", "Image Region", 0, 0},
             {"111030", "SELECTED FROM", "IMAGE", "260753009", "Source", 1},
             {"125007", contains, "TEXT", "121106", "Comment", 1},
             {"C0034375", contains, "CODE", "121071", "Finding", 0, 0},
             {"C0034375", contains, "TEXT", "121071", "Finding", 0, 0},
             {"C0034375", contains, "TEXT", "121106", "Comment", 0, 0},
             {"18748-4", contains, "CONTAINER", "121070", "Findings", 1, 0},
             {"121070", contains, "TEXT", "121106", "Comment", 1, 0},
             {"121070", contains, "TEXT", "121071", "Finding", 1, 0}})
      all.push_back(row);
    return all;
  }();
  return rows;
}

// Rows that the templates lack, rows that they demand, and groups whose template does not fit what they hold.
inline std::vector<std::string> template_complaints(DSRDocumentTree& tree) {
  const std::vector<SrNode> nodes = sr_nodes(tree);
  std::vector<std::string> complaints;
  if (nodes.empty()) return {"an empty tree"};
  const std::string wanted = nodes[0].code == "126000" ? "1500" : nodes[0].code == "18748-4" ? "2000" : "";
  if (wanted.empty() || nodes[0].template_id != wanted)
    complaints.push_back("the root is " + nodes[0].meaning + " of template " + nodes[0].template_id);
  std::vector<std::map<const TemplateRow*, int>> count(nodes.size());  // by parent
  for (size_t i = 1; i < nodes.size(); ++i) {
    const SrNode &node = nodes[i], &parent = nodes[static_cast<size_t>(node.parent)];
    const TemplateRow* found = nullptr;
    for (const TemplateRow& row : template_rows())
      if (parent.code == row.parent && std::string(node.relation) == row.relation &&
          std::string(node.type) == row.type && node.code == row.code && node.meaning == row.meaning)
        found = &row;
    if (found) ++count[static_cast<size_t>(node.parent)][found];
    else
      complaints.push_back(std::string("no row ") + node.relation + " " + node.type + " " + node.code + " " +
                           node.meaning + " below " + parent.meaning);
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    int regions = 0;
    for (const TemplateRow& row : template_rows()) {
      if (nodes[i].code != row.parent) continue;
      const int times = count[i].contains(&row) ? count[i].at(&row) : 0;
      if (times < row.least || (row.most > 0 && times > row.most))
        complaints.push_back(nodes[i].meaning + " has " + std::to_string(times) + " rows " + row.meaning);
      if (row.code == std::string("111030")) regions = times;
    }
    if (nodes[i].code == "125007" && nodes[i].template_id != (regions > 0 ? "1410" : "1501"))
      complaints.push_back(
          "a group of template " + nodes[i].template_id + " has " + std::to_string(regions) + " regions");
  }
  return complaints;
}

// What makes viewers show nothing: a group without exactly one region, tracking UIDs that are not distinct, no group.
inline std::vector<std::string> viewer_complaints(DSRDocumentTree& tree) {
  const std::vector<SrNode> nodes = sr_nodes(tree);
  std::vector<std::string> complaints;
  std::set<std::string> uids;
  int groups = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (nodes[i].code != "125007") continue;
    ++groups;
    int regions = 0;
    for (const SrNode& node : nodes) {
      if (node.parent != static_cast<int>(i)) continue;
      regions += node.code == "111030" && std::string(node.type) == "SCOORD";
      if (node.code == "112040" && !uids.insert(node.text).second) complaints.push_back("a tracking UID stands twice");
    }
    if (regions != 1) complaints.push_back("a group has " + std::to_string(regions) + " regions");
  }
  if (groups == 0) complaints.push_back("no measurement group");
  return complaints;
}

}  // namespace hilum
