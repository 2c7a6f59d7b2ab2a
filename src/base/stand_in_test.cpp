#include "base/stand_in.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"

namespace hilum {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// As git-lfs writes it (its specification, version 1).
const std::string kPointer =
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";

std::string told(std::string_view head, const fs::path& path = "/m/model.safetensors") {
  const auto found = stand_in(head, path);
  return found ? found->problem + ". " + found->mend : "";
}

TEST(StandIn, PointersNameTheCommandThatFetchesTheFile) {
  EXPECT_EQ(told(kPointer),
      "is a Git LFS pointer, not the file of 12345 bytes that it stands for. Fetch the file: `git lfs install`, then "
      "`git -C /m lfs pull --include model.safetensors`.");
  EXPECT_THAT(told(kPointer, "film of it's.png"), HasSubstr("git -C . lfs pull --include 'film of it'\\''s.png'"));
  EXPECT_THAT(told(kPointer, ""), HasSubstr("`git lfs pull --include FILE`"));
  EXPECT_THAT(told("version https://git-lfs"), HasSubstr("not the file that it stands for"));
  EXPECT_THAT(told("/annex/objects/SHA256E-s100--0123.png\n"), HasSubstr("git -C /m annex get model.safetensors"));
}

TEST(StandIn, WebPagesAndStoreErrorsAreCalledThat) {
  EXPECT_THAT(told("<!doctype html><html><head><title>404</title></head><body>Not Found</body></html>"),
      AllOf(
          HasSubstr("is a web page (HTML: \"404\"), not the file"), HasSubstr("curl -fL -o /m/model.safetensors URL")));
  EXPECT_THAT(told("\xef\xbb\xbf \n<?xml version=\"1.0\"?>\n<!-- x -->\n<!DOCTYPE HTML PUBLIC \"-//W3C\">"),
      HasSubstr("is a web page (HTML), not the file"));
  for (const char* page : {"<html>", "<HTML lang=\"en\">", "<head>", "<body class='x'>"})
    EXPECT_THAT(told(page), HasSubstr("is a web page")) << page;
  // as S3, Azure and Google's store answer
  EXPECT_THAT(told("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access "
                   "Denied</Message></Error>"),
      HasSubstr("is the error message of a store (XML: AccessDenied), not the file"));
  EXPECT_THAT(told("\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>AuthenticationFailed</Code>"),
      HasSubstr("XML: AuthenticationFailed"));
  EXPECT_THAT(told("<ListBucketResult xmlns=\"http://s3\">"), HasSubstr("(XML)"));
  EXPECT_THAT(told("Entry not found"), HasSubstr("is a server's answer (\"Entry not found\")"));
}

TEST(StandIn, FilesAreNone) {
  for (const std::string_view head : {"", "{\"model_type\": \"llava\"}", "<", "<?xml", "<!-- <html>", "<errors/>",
           "<eCitation><meta/></eCitation>", "<?xml version=\"1.0\"?><eCitation>", "<svg>", "<headline>", "a <html>",
           "Entry not found in the list of findings.", "the version https://git-lfs", "PK\x03\x04", "\x89PNG"})
    EXPECT_EQ(told(head), "") << head;
}

TEST(StandIn, EveryFileThatIsReadIsLookedAt) {
  const TempFolder folder;
  const fs::path file = folder.path / "weights.bin";
  write_file(file, kPointer);
  EXPECT_TRUE(is_stand_in(file));
  EXPECT_FALSE(is_stand_in(folder.path / "none"));
  for (const Error& error :
      {expect_error([&] { (void)read_file(file); }), expect_error([&] { MappedFile mapped(file); })})
    EXPECT_THAT(error.what(), AllOf(HasSubstr("weights.bin: is a Git LFS pointer"), HasSubstr("git -C")));
  write_file(file, std::string(2000, ' ') + kPointer);
  EXPECT_EQ(read_file(file).size(), 2000 + kPointer.size());
}

}  // namespace
}  // namespace hilum
