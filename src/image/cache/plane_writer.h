// Writes a cache's file beside its place and puts it there when it is whole.
#pragma once

#include <filesystem>
#include <string>

#include "image/cache/plane_file.h"
#include "image/image.h"

namespace hilum {

class PlaneWriter {
 public:
  // Opens "NAME.part", held against other processes. Throws Error naming the path.
  PlaneWriter(std::filesystem::path path, std::string steps, int width, int height);
  ~PlaneWriter();  // what was not finished is removed
  PlaneWriter(const PlaneWriter&) = delete;
  PlaneWriter& operator=(const PlaneWriter&) = delete;

  // The next picture, of the size given above. A path that was added before is left out.
  void add(const std::string& path, const FileState& state, const Image& pixels, const Geometry& geometry);
  uint64_t finish();  // the file's bytes

 private:
  void put(std::string_view bytes, uint64_t at);

  std::filesystem::path path_, part_;
  PlaneIndex index_;
  uint64_t end_ = kPlaneHeaderBytes;
  int file_ = -1;
};

}  // namespace hilum
