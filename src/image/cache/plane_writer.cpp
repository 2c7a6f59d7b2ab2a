#include "image/cache/plane_writer.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"

namespace hilum {

PlaneWriter::PlaneWriter(std::filesystem::path path, std::string steps, int width, int height)
    : path_(std::move(path)), part_(path_.string() + ".part") {
  index_.steps = std::move(steps);
  index_.width = width;
  index_.height = height;
  std::error_code ignored;
  if (path_.has_parent_path()) std::filesystem::create_directories(path_.parent_path(), ignored);
  file_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0)
    throw Error(path_.string(), "cannot be written (" + errno_text() + ")", "Check the folder and its permissions.");
  // Another process may hold it, or have renamed it since it was opened here: then it is a cache in use.
  struct stat held{};
  struct stat named{};
  const bool ours = ::flock(file_, LOCK_EX | LOCK_NB) == 0 && ::fstat(file_, &held) == 0 &&
                    ::stat(part_.c_str(), &named) == 0 && held.st_ino == named.st_ino && held.st_dev == named.st_dev;
  if (!ours || ::ftruncate(file_, 0) != 0) {
    ::close(file_);
    throw Error(path_.string(), "is being written by another process", "Wait until that has ended, then try again.");
  }
}

PlaneWriter::~PlaneWriter() {
  if (file_ < 0) return;
  std::error_code ignored;
  std::filesystem::remove(part_, ignored);
  ::close(file_);
}

void PlaneWriter::put(std::string_view bytes, uint64_t at) {
  while (!bytes.empty()) {
    const ssize_t done = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw Error(path_.string(), "cannot be written (" + errno_text() + ")", "Is the disk full?");
    bytes.remove_prefix(static_cast<size_t>(done));
    at += static_cast<uint64_t>(done);
  }
}

void PlaneWriter::add(const std::string& path, const FileState& state, const Image& pixels, const Geometry& geometry) {
  invariant(pixels.bits == 8 && pixels.width == index_.width && pixels.height == index_.height,
      "8-bit samples of the cache's size");
  const PlaneRecord record{.state = state, .offset = end_, .channels = pixels.channels, .geometry = geometry};
  if (!index_.records.emplace(path, record).second) return;
  put({reinterpret_cast<const char*>(pixels.data8.data()), pixels.data8.size()}, end_);
  end_ += pixels.data8.size();
}

uint64_t PlaneWriter::finish() {
  const std::string index = plane_index_bytes(index_);
  put(index, end_);
  put(plane_header_bytes(index_, end_, index.size()), 0);
  std::error_code failed;
  if (::fsync(file_) != 0) failed = std::error_code(errno, std::generic_category());
  else std::filesystem::rename(part_, path_, failed);
  if (failed)  // the destructor removes the part
    throw Error(path_.string(), "could not be put in place (" + failed.message() + ")", "Is the disk full?");
  ::close(file_);
  file_ = -1;
  return end_ + index.size();
}

}  // namespace hilum
