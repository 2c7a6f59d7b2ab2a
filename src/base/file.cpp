#include "base/file.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/stand_in.h"

namespace hilum {
namespace {

struct FileDescriptor {
  int fd;
  ~FileDescriptor() {
    if (fd >= 0) ::close(fd);
  }
};

// Opens a regular file for reading and gives its size.
FileDescriptor open_regular(const fs::path& path, size_t& size) {
  FileDescriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0)
    throw Error(path.string(), "cannot be opened (" + errno_text() + ")", "Check the path and its permissions.");
  struct stat info{};
  if (::fstat(file.fd, &info) != 0) throw Error(path.string(), "cannot be examined");
  if (!S_ISREG(info.st_mode))
    throw Error(path.string(), "is not a regular file", "Name a file, not a folder or device.");
  size = static_cast<size_t>(info.st_size);
  return FileDescriptor{std::exchange(file.fd, -1)};
}

struct Sha256 {
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  Sha256() { EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr); }
  void add(const void* data, size_t size) { EVP_DigestUpdate(context.get(), data, size); }
  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    EVP_DigestFinal_ex(context.get(), digest, &length);
    std::string text;
    for (unsigned int i = 0; i < length; ++i) {
      text += "0123456789abcdef"[digest[i] >> 4];
      text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
  }
};

}  // namespace

std::string read_file(const fs::path& path, size_t max_bytes) {
  size_t size = 0;
  const FileDescriptor file = open_regular(path, size);
  if (size > max_bytes)
    throw Error(path.string(),
        "has " + std::to_string(size) + " bytes, more than the " + std::to_string(max_bytes) + " allowed here",
        "Is this the right file?");
  std::string text(size, '\0');
  size_t done = 0;
  while (done < size) {
    const ssize_t got = ::read(file.fd, text.data() + done, size - done);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      throw Error(
          path.string(), "could not be read to its end", "Try again; the file may have changed while it was read.");
    done += static_cast<size_t>(got);
  }
  refuse_stand_in(text, path.string(), path);
  return text;
}

void write_file(const fs::path& path, std::string_view bytes) {
  std::error_code ignored;
  if (path.has_parent_path()) fs::create_directories(path.parent_path(), ignored);
  fs::path part = path;
  part += ".part";
  FileDescriptor file{::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
  if (file.fd < 0)
    throw Error(path.string(), "cannot be written (" + errno_text() + ")", "Check the folder and its permissions.");
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t put = ::write(file.fd, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      const std::string reason = errno_text();
      ::unlink(part.c_str());
      throw Error(path.string(), "could not be written (" + reason + ")", "Is the disk full?");
    }
    done += static_cast<size_t>(put);
  }
  if (::fsync(file.fd) != 0 || ::rename(part.c_str(), path.c_str()) != 0) {
    const std::string reason = errno_text();
    ::unlink(part.c_str());
    throw Error(path.string(), "could not be put in place (" + reason + ")");
  }
}

std::string errno_text() { return std::generic_category().message(errno); }

std::string sha256_hex(std::string_view bytes) {
  Sha256 sum;
  sum.add(bytes.data(), bytes.size());
  return sum.hex();
}

// Read, not mapped: the pages of a mapped file would count as this process's memory.
std::string sha256_file(const fs::path& path) {
  size_t size = 0;
  const FileDescriptor file = open_regular(path, size);
  if (size == 0) throw Error(path.string(), "is empty", "Perhaps an incomplete download?");
  std::vector<char> block(size_t{1} << 20);
  Sha256 sum;
  while (true) {
    const ssize_t got = ::read(file.fd, block.data(), block.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw Error(path.string(), "could not be read (" + errno_text() + ")");
    if (got == 0) return sum.hex();
    sum.add(block.data(), static_cast<size_t>(got));
  }
}

MappedFile::MappedFile(const fs::path& path) : path_(path) {
  size_t size = 0;
  const FileDescriptor file = open_regular(path, size);
  if (size == 0) throw Error(path.string(), "is empty", "Perhaps an incomplete download?");
  std::array<char, kStandInHead> head;
  const ssize_t got = ::pread(file.fd, head.data(), head.size(), 0);
  if (got > 0) refuse_stand_in({head.data(), static_cast<size_t>(got)}, path.string(), path);
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.fd, 0);
  if (mapped == MAP_FAILED) throw Error(path.string(), "cannot be mapped (" + errno_text() + ")");
  bytes_ = {static_cast<const std::byte*>(mapped), size};
}

MappedFile::~MappedFile() { ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size()); }

}  // namespace hilum
