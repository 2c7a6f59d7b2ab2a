// RadGraph: a report as a graph of entities (observations, anatomy) and relations, and the scores that compare two of
// them. Source: Jain et al. 2021, arXiv 2106.14463; Delbrouck et al. 2022 (the rewards); evaluation sheet, section 3.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace hilum {

struct RadGraphEntity {
  std::string tokens;                                     // joined by blanks
  std::string label;                                      // "OBS-DP", "Anatomy::definitely present", ...
  int start = 0, end = 0;                                 // first and last token of the report, from 0
  std::vector<std::pair<std::string, size_t>> relations;  // type, index of the object in `entities`
};

struct RadGraph {
  std::string text;                      // the report's tokens joined by blanks; empty: nothing was written
  std::vector<RadGraphEntity> entities;  // by start, then end
};

// One report of the published annotations, {"text", "entities": {"1": {"tokens", "label", "start_ix", "end_ix",
// "relations": [["modify", "2"]]}}}. Throws Error(where, ...) for anything else and for relations to entities that are
// not there.
RadGraph radgraph_from_json(const Json& json, const std::string& where);
Json to_json(const RadGraph& graph);

struct RadGraphScores {  // F1 of two sets each, 0..1; 0 where one is empty
  double simple = 0;     // RG_E: (tokens, label)
  double partial = 0;    // RG_ER: and whether the entity has a relation
  double complete = 0;   // an entity without relations, or each of its relations with the object's tokens
  double yu_entity = 0, yu_relation = 0;  // Yu et al. 2022: entities as simple; relations with both entities' labels
  double yu() const { return (yu_entity + yu_relation) / 2; }
};

// Case as the published code compared it up to May 2026 (every published number): relations of `complete` without, all
// else with. kLower: as since then, all without.
enum class RadGraphCase { kPublished, kLower };

RadGraphScores radgraph_scores(
    const RadGraph& hypothesis, const RadGraph& reference, RadGraphCase how = RadGraphCase::kPublished);

}  // namespace hilum
