// What a download that did not work leaves in the place of a file: a Git LFS or git-annex pointer, a web page, the
// error of a store. Every file that is read (base/file.h) and every picture that is sent is looked at here first, so
// each is called what it is, and nobody looks for a fault in a model.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hilum {

struct StandIn {
  std::string problem;  // "is a Git LFS pointer, not the file of 123456 bytes that it stands for"
  std::string mend;     // with the command that fetches the real file
};

inline constexpr size_t kStandInHead = 1024;  // bytes that are looked at

// Told by the first bytes; no value for anything else, be it damaged or of a foreign format. `path`
// is what the command fetches; empty for bytes that were sent.
std::optional<StandIn> stand_in(std::string_view head, const std::filesystem::path& path = {});

// Throws Error(where, ...) where the bytes are one.
void refuse_stand_in(std::string_view head, const std::string& where, const std::filesystem::path& path = {});

// Whether the file is one; false too for a file that cannot be opened.
bool is_stand_in(const std::filesystem::path& path);

}  // namespace hilum
