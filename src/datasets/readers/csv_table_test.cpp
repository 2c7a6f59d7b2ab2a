#include "datasets/readers/csv_table.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

struct Read {
  Dataset out;
  DatasetOptions options;
  Collector collector{"/data", options, out};
  std::vector<std::string> rows;  // first and last field
  Read(const std::string& text, bool by_position = false) {
    CsvTable table(text, "/data/x.csv", collector, by_position);
    while (table.next())
      rows.push_back(std::to_string(table.line()) + ":" + std::string(table[size_t{0}]) + ":" +
                     std::string(table[table.header().size() - 1]));
  }
};

TEST(CsvTable, RowsByNameWithTheirLines) {
  const Read r(
      "\xef\xbb\xbf"
      "a, b\r\n1,2\r\n\r\n\"x\ny\",\"say \"\"no\"\"\"\n3,4");
  EXPECT_EQ(r.rows, (std::vector<std::string>{"2:1:2", "4:x\ny:say \"no\"", "6:3:4"}));
  EXPECT_TRUE(r.out.problems.empty());
}

TEST(CsvTable, MalformedRowsAreListedWithTheirLineAndTheRestGoesOn) {
  const Read r("a,b\n1\n2,3,4\n5,6,,\n\"7\"x,8\n9,10\n");
  EXPECT_EQ(r.rows, (std::vector<std::string>{"4:5:6", "6:9:10"}));
  ASSERT_EQ(r.out.problems.size(), 3u);
  EXPECT_EQ(r.out.problems[0].row, 2u);
  EXPECT_EQ(r.out.problems[0].reason, "the row has 1 fields, the header has 2");
  EXPECT_EQ(r.out.problems[1].row, 3u);
  EXPECT_EQ(r.out.problems[2].row, 5u);
  EXPECT_EQ(r.out.problems[2].reason, "a stray quote in field 1");
  EXPECT_EQ(r.out.problems[2].file, "x.csv");
}

TEST(CsvTable, AQuoteNeverClosedSwallowsNoGoodRow) {
  const Read open("a,b\n1,\"2\n3,4\n5,6\n");
  EXPECT_EQ(open.rows, (std::vector<std::string>{"3:3:4", "4:5:6"}));
  EXPECT_EQ(open.out.problems.at(0).row, 2u);
  const Read later("a,b\n1,\"2\n3,4\n5,\"6\"\n7,8\n");  // the quote closes at the next one, with rubbish behind it
  EXPECT_EQ(later.rows, (std::vector<std::string>{"3:3:4", "4:5:6", "5:7:8"}));
}

TEST(CsvTable, OtherEncodingsAreReadAsLatin1WithARemark) {
  const Read r(
      "a,b\nna\xefve,1\ngr\xc3\xbc\xc3\x9f"
      "e,2\n");
  EXPECT_EQ(r.rows, (std::vector<std::string>{"2:na\xc3\xafve:1",
                        "3:gr\xc3\xbc\xc3\x9f"
                        "e:2"}));
  ASSERT_EQ(r.out.problems.size(), 1u);
  EXPECT_TRUE(r.out.problems[0].kept);
}

TEST(CsvTable, AMissingColumnNamesFileAndHeader) {
  Dataset out;
  const DatasetOptions options;
  Collector collector("/data", options, out);
  CsvTable table("Path,Sex\n", "/data/train.csv", collector);
  EXPECT_EQ(table.column({"sex"}), 1u);
  const Error e = expect_error([&] { table.column({"Age", "Years"}); });
  EXPECT_EQ(e.where(), "/data/train.csv");
  EXPECT_NE(std::string(e.what()).find("'Age' or 'Years'"), std::string::npos);
  EXPECT_NE(e.mend().find("Path, Sex"), std::string::npos);
  EXPECT_THROW(CsvTable("", "empty.csv", collector), Error);
}

TEST(Collector, ViewsSexesAndAges) {
  for (const char* frontal : {"PA", "AP", "AP Supine", "AP_horizontal", "Frontal"})
    EXPECT_EQ(view_of(frontal), "frontal") << frontal;
  for (const char* lateral : {"L", "LL", "LATERAL", "RL", "Lateral"}) EXPECT_EQ(view_of(lateral), "lateral") << lateral;
  for (const char* other : {"", "COSTAL", "AP AXIAL", "AP LLD", "LT-DECUB", "XTABLE LATERAL"})
    EXPECT_EQ(view_of(other), "other") << other;
  EXPECT_EQ(sex_of("Female"), "F");
  EXPECT_EQ(sex_of("Unknown"), "");
  EXPECT_EQ(months_of_age("57"), 684);
  EXPECT_EQ(months_of_age("058Y"), 696);
  EXPECT_EQ(months_of_age("006M"), 6);
  EXPECT_EQ(months_of_age("411"), std::nullopt);
  EXPECT_EQ(months_of_age("-1"), std::nullopt);
  EXPECT_EQ(months_of_age("old"), std::nullopt);
}

}  // namespace
}  // namespace hilum
