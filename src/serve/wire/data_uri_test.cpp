#include "serve/wire/data_uri.h"

#include <gtest/gtest.h>

#include "serve/wire/wire_for_test.h"

namespace hilum {
namespace {

TEST(DataUri, FormsThatClientsSend) {
  EXPECT_EQ(read_image_reference("data:image/png;base64,QUJD", "url").bytes, "ABC");
  EXPECT_EQ(read_image_reference("data:image/png;base64,QUJD", "url").media_type, "image/png");
  EXPECT_EQ(read_image_reference("DATA:Image/JPG;name=x.jpg;BASE64,QUJD", "url").media_type, "image/jpeg");
  EXPECT_EQ(read_image_reference("data:application/dicom;base64,AAAA", "url").bytes, std::string(3, '\0'));
  EXPECT_EQ(read_image_reference("QUJD", "url").bytes, "ABC");
  EXPECT_EQ(read_image_reference("QUJD", "url").media_type, "");
}

TEST(DataUri, UrlsAreRefusedAsNotFetched) {
  for (const char* url :
      {"http://example.org/x.png", "HTTPS://example.org/x", "file:///etc/passwd", "ftp://example.org/x"}) {
    const RequestError error = refusal([&] { read_image_reference(url, "messages[0].content[1].image_url.url"); });
    EXPECT_EQ(error.status(), 400);
    EXPECT_EQ(error.code(), "url_not_fetched");
    EXPECT_EQ(error.param(), "messages[0].content[1].image_url.url");
    EXPECT_THAT(error.what(), testing::HasSubstr("not fetched"));
    EXPECT_EQ(refusal([&] { read_image_cell(url, "row 0"); }).code(), "url_not_fetched");
  }
}

TEST(DataUri, OtherTypesAndBrokenOnesAreRefused) {
  for (const char* uri : {"data:image/svg+xml;base64,QUJD", "data:text/html;base64,QUJD", "data:image/png,QUJD",
           "data:image/png;base64", "data:image/png;base64,", "data:image/png;base64,QUJ", "data:,", "", "not base64"})
    EXPECT_THROW(read_image_reference(uri, "url"), RequestError) << uri;
  EXPECT_EQ(refusal([] { read_image_reference("not base64", "url"); }).code(), "invalid_base64");
  EXPECT_EQ(refusal([] { read_image_cell("Q", "row 0"); }).code(), "invalid_base64");
}

}  // namespace
}  // namespace hilum
