// CheXbert and RadGraph against their references (testdata/models/{chexbert,radgraph}), on every kernel table.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "models/golden_test.h"
#include "models/language/chexbert.h"
#include "models/language/radgraph_model.h"
#include "ops/trace/trace_ops.h"

namespace hilum {
namespace {

constexpr double kReportTolerance = 1e-4;

// Every tag the dump holds.
void expect_tags(const TraceOps& trace, const SafetensorsFile& dump, size_t wanted, const std::string& where) {
  std::vector<CompareRow> rows;
  for (const SafetensorsEntry& entry : dump.entries()) {
    if (!entry.name.starts_with("tag.")) continue;
    const auto ours = trace.tags().find(entry.name.substr(4));
    ASSERT_NE(ours, trace.tags().end()) << entry.name;
    rows.push_back(compare_values(entry.name, ours->second, dump.tensor(entry)));
  }
  EXPECT_EQ(rows.size(), wanted);
  expect_close(rows, kReportTolerance, where);
}

TEST(CheXbertModel, FollowsItsReferenceFromThePublishedFile) {
  const auto model = load_chexbert(fixture("chexbert"));
  const SafetensorsFile dump(fixture("chexbert") / "reference.safetensors");
  const std::vector<int32_t> wanted = ids_of(dump.tensor("classes"));
  for (const Backend& backend : cpu_backends()) {
    TraceOps trace(*backend.ops);
    const CheXbertOutput out = model->classify(trace, texts_of(dump));
    ASSERT_EQ(out.classes.size(), 3u);
    for (size_t i = 0; i < 3; ++i)
      for (size_t head = 0; head < kCheXbertHeads; ++head)
        EXPECT_EQ(static_cast<int32_t>(out.classes[i][head]), wanted[i * kCheXbertHeads + head]) << backend.name;
    EXPECT_EQ(out.vectors.shape(), Shape({3, 32}));
    expect_tags(trace, dump, 2 + 1 + 14, backend.name);
  }
}

// Sheet, section 2.1: BERT-base and 14 heads.
TEST(CheXbertModel, DeclaresThePublishedSizes) {
  CheXbert model{BertConfig{}};
  ParamList params;
  model.params(params);
  int64_t count = 0;
  for (const Param* p : params) count += p->shape().count();
  EXPECT_EQ(
      count, 109'482'240 - 768 * 769 + 13 * 4 * 769 + 2 * 769);  // bert-base-uncased without its pooler, and the heads
  EXPECT_EQ(std::string(kCheXbertLabels[8]), "Pneumothorax");
}

RadGraphInput input_of(const SafetensorsFile& dump) {
  RadGraphInput input{.cls = 2, .sep = 3};
  const std::vector<int32_t> pieces = ids_of(dump.tensor("pieces")), counts = ids_of(dump.tensor("piece_counts"));
  size_t at = 0;
  for (const int32_t count : counts) {
    input.pieces.emplace_back(pieces.begin() + static_cast<std::ptrdiff_t>(at),
        pieces.begin() + static_cast<std::ptrdiff_t>(at + static_cast<size_t>(count)));
    at += static_cast<size_t>(count);
  }
  return input;
}

TEST(RadGraphNetwork, FollowsItsReferenceFromThePublishedFolder) {
  const LoadedRadGraph loaded = load_radgraph(fixture("radgraph"));
  EXPECT_EQ(loaded.name, "radgraph");
  EXPECT_EQ(loaded.model->config().entity_labels, (std::vector<std::string>{"OBS-DP", "ANAT-DP", "OBS-DA", "OBS-U"}));
  EXPECT_EQ(loaded.model->config().max_span, 5);
  const SafetensorsFile dump(fixture("radgraph") / "reference.safetensors");
  const std::vector<int32_t> entities = ids_of(dump.tensor("entities")), relations = ids_of(dump.tensor("relations"));
  for (const Backend& backend : cpu_backends()) {
    TraceOps trace(*backend.ops);
    const RadGraphOutput out = loaded.model->read(trace, input_of(dump));
    expect_tags(trace, dump, 4, backend.name);
    ASSERT_EQ(out.entities.size() * 3, entities.size()) << backend.name;
    for (size_t i = 0; i < out.entities.size(); ++i) {
      EXPECT_EQ(out.entities[i].start, entities[3 * i]);
      EXPECT_EQ(out.entities[i].end, entities[3 * i + 1]);
      EXPECT_EQ(out.entities[i].label, entities[3 * i + 2]);
    }
    ASSERT_EQ(out.relations.size() * 3, relations.size()) << backend.name;
    for (size_t i = 0; i < out.relations.size(); ++i) {
      EXPECT_EQ(static_cast<int32_t>(out.relations[i].subject), relations[3 * i]);
      EXPECT_EQ(static_cast<int32_t>(out.relations[i].object), relations[3 * i + 1]);
      EXPECT_EQ(out.relations[i].label, relations[3 * i + 2]);
    }
  }
}

TEST(RadGraphNetwork, ReportsOfNothingGiveNothing) {
  const LoadedRadGraph loaded = load_radgraph(fixture("radgraph"));
  EXPECT_TRUE(loaded.model->read(any_cpu(), {}).entities.empty());
  loaded.model->read(any_cpu(), {.pieces = {{}}, .cls = 2, .sep = 3});  // a word of no pieces is a vector of zeros
  EXPECT_THROW(loaded.model->read(any_cpu(), {.pieces = {{70}}, .cls = 2, .sep = 3}), Error);
}

TEST(RadGraphNetwork, AFolderThatLacksSomethingIsRefused) {
  const TempFolder folder;
  const auto problem = [&](const char* lacks) {
    fs::remove_all(folder);
    fs::copy(fixture("radgraph"), folder, fs::copy_options::recursive);
    fs::remove(folder / "reference.safetensors");
    fs::remove(folder / lacks);
    return error_of([&] { load_radgraph(folder); });
  };
  EXPECT_NE(problem("vocabulary/radgraph__ner_labels.txt").find("__ner_labels.txt"), std::string::npos);
  EXPECT_NE(problem("weights.th").find("no weights"), std::string::npos);
  EXPECT_EQ(problem("none"), "no error");
  fs::remove(folder / "weights.th");
  fs::copy(fixture("chexbert") / "chexbert.pth", folder / "weights.th");
  EXPECT_THROW(load_radgraph(folder), Error);
}

}  // namespace
}  // namespace hilum
