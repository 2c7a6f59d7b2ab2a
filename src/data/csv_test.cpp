#include "data/csv.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"

namespace hilum {
namespace {

TEST(Csv, QuotedFieldsHoldCommasQuotesAndLines) {
  const auto rows = parse_csv("a,\"b, c\"\r\n\"say \"\"no\"\"\nmore\",\n", "x");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], (CsvRow{"a", "b, c"}));
  EXPECT_EQ(rows[1], (CsvRow{"say \"no\"\nmore", ""}));
}

TEST(Csv, FieldsComeBack) {
  for (const char* value : {"", "plain", "a,b", "\"", "two\nlines", " blanks "})
    EXPECT_EQ(parse_csv(csv_field(value) + ",end", "x")[0][0], value);
}

TEST(Csv, TheSeparatorIsTheHeaders) {
  EXPECT_EQ(csv_separator("a,b;c\n1,2"), ',');
  EXPECT_EQ(csv_separator("a;b\n1,5;2"), ';');
  EXPECT_EQ(csv_separator("a\tb\n1,5\t2"), '\t');
  EXPECT_EQ(csv_separator("\"a,b\";c\n"), ';');
  EXPECT_EQ(csv_separator("a\n1;2"), ',');
  EXPECT_EQ(csv_separator(""), ',');
  CsvReader reader("1,5;\"a;b\"\n", ';');
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.fields(), (CsvRow{"1,5", "a;b"}));
}

TEST(Csv, ABadRowSwallowsNoGoodOne) {
  CsvReader reader("a,\"b\"\"\nc,d\n");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.error(), "the quote that opens field 2 is never closed");
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.line(), 2u);
  EXPECT_EQ(reader.fields(), (CsvRow{"c", "d"}));
  EXPECT_FALSE(reader.next());
  CsvReader stray("\"e\"x\nf \" g\n");
  ASSERT_TRUE(stray.next());
  EXPECT_EQ(stray.error(), "a stray quote in field 1");
  ASSERT_TRUE(stray.next());
  EXPECT_EQ(stray.fields(), CsvRow{"f \" g"});
  EXPECT_TRUE(stray.has_inner_quote());
  EXPECT_EQ(stray.line(), 2u);
  EXPECT_FALSE(stray.next());
}

TEST(Csv, AnOpenQuoteIsAnErrorNamingItsLine) {
  const Error e = expect_error([&] { parse_csv("a\n\"b\nc", "reports.csv"); });
  EXPECT_NE(std::string(e.what()).find("reports.csv: line 2"), std::string::npos) << e.what();
}

}  // namespace
}  // namespace hilum
