#include "tensor/safetensors.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/file.h"

namespace hilum {

class SafetensorsFile::Mapping {
 public:
  explicit Mapping(const fs::path& path) : file(path) {}
  MappedFile file;
};

SafetensorsFile::SafetensorsFile(const fs::path& path)
    : mapping_(std::make_shared<Mapping>(path)),
      header_(parse_safetensors_header(mapping_->file.bytes(), path.string())) {
  for (size_t i = 0; i < header_.entries.size(); ++i) by_name_[header_.entries[i].name] = i;
}

SafetensorsFile::~SafetensorsFile() = default;

const fs::path& SafetensorsFile::path() const { return mapping_->file.path(); }

const SafetensorsEntry* SafetensorsFile::find(std::string_view name) const {
  const auto at = by_name_.find(name);
  return at == by_name_.end() ? nullptr : &header_.entries[at->second];
}

Tensor SafetensorsFile::tensor(const SafetensorsEntry& entry) const {
  const std::span<const std::byte> all = mapping_->file.bytes();
  return tensor_of_mapping(
      entry.shape, entry.dtype, all.subspan(header_.data_offset + entry.begin, entry.end - entry.begin), all, mapping_);
}

Tensor SafetensorsFile::tensor(std::string_view name) const {
  const SafetensorsEntry* entry = find(name);
  if (!entry) throw Error(path().string(), "holds no tensor \"" + std::string(name) + "\"");
  return tensor(*entry);
}

SafetensorsWriter::SafetensorsWriter(
    fs::path path, std::vector<SafetensorsEntry> entries, const std::map<std::string, std::string>& metadata)
    : path_(std::move(path)), part_(path_.string() + ".part"), entries_(std::move(entries)) {
  const std::string header = safetensors_header_bytes(entries_, metadata);
  std::error_code ignored;
  if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), ignored);
  file_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file_ < 0) throw Error(part_.string(), "cannot be written (" + errno_text() + ")");
  try {
    put(header.data(), header.size());
  } catch (...) {  // no destructor runs for a half-made object
    ::close(file_);
    fs::remove(part_, ignored);
    throw;
  }
}

SafetensorsWriter::~SafetensorsWriter() {
  if (file_ < 0) return;
  ::close(file_);
  std::error_code ignored;
  fs::remove(part_, ignored);
}

void SafetensorsWriter::put(const void* data, size_t bytes) {
  const auto* at = static_cast<const char*>(data);
  while (bytes > 0) {
    const ssize_t done = ::write(file_, at, std::min(bytes, size_t{1} << 30));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) throw Error(part_.string(), "cannot be written (" + errno_text() + ")", "Is the disk full?");
    at += done;
    bytes -= static_cast<size_t>(done);
  }
}

void SafetensorsWriter::write(const Tensor& host) {
  invariant(file_ >= 0 && next_ < entries_.size(), "a tensor is still wanted");
  const SafetensorsEntry& entry = entries_[next_++];
  invariant(host.shape() == entry.shape && host.dtype() == entry.dtype, "the tensor announced in the header");
  if (entry.end > entry.begin) put(host.bytes(), entry.end - entry.begin);
}

void SafetensorsWriter::finish() {
  invariant(file_ >= 0 && next_ == entries_.size(), "every tensor of the header written");
  const bool kept = ::fsync(file_) == 0;
  const bool closed = ::close(file_) == 0;
  file_ = -1;
  std::error_code failed;
  if (kept && closed) fs::rename(part_, path_, failed);
  if (!kept || !closed || failed) {
    std::error_code ignored;
    fs::remove(part_, ignored);
    throw Error(
        path_.string(), "cannot be written (" + (failed ? failed.message() : errno_text()) + ")", "Is the disk full?");
  }
}

void write_safetensors(
    const fs::path& path, std::span<const NamedTensor> tensors, const std::map<std::string, std::string>& metadata) {
  std::vector<SafetensorsEntry> entries;
  std::map<std::string_view, const Tensor*> by_name;
  for (const NamedTensor& tensor : tensors) {
    entries.push_back({tensor.name, tensor.data.dtype(), tensor.data.shape()});
    by_name[tensor.name] = &tensor.data;
  }
  SafetensorsWriter writer(path, std::move(entries), metadata);
  for (const SafetensorsEntry& entry : writer.entries()) writer.write(*by_name.at(entry.name));
  writer.finish();
}

}  // namespace hilum
