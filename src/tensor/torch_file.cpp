#include "tensor/torch_file.h"

#include <cstring>
#include <set>

#include "archive/byte_reader.h"
#include "archive/zip.h"
#include "base/file.h"
#include "tensor/torch_object.h"

namespace hilum {
namespace {

using Bytes = std::span<const std::byte>;

// A tensor whose strides repeat elements may be larger than its storage; up to here that is believed.
constexpr uint64_t kMaxUnfoldedBytes = uint64_t{64} << 20;
constexpr int64_t kLegacyProtocol = 1001;

std::string at_byte(const std::string& where, size_t at) { return where + ": byte " + std::to_string(at); }

void place(
    const std::string& key, TorchStorage& storage, uint64_t begin, uint64_t held_bytes, const std::string& where) {
  uint64_t wanted = 0;
  if (__builtin_mul_overflow(storage.count, storage.element_bytes, &wanted) || wanted != held_bytes)
    throw Error(at_byte(where, storage.at),
        "storage \"" + key + "\" should hold " + std::to_string(storage.count) + " elements of " +
            std::to_string(storage.element_bytes) + " bytes, the file holds " + std::to_string(held_bytes) +
            " bytes of it",
        kDamagedFile);
  storage.begin = begin;
  storage.placed = true;
}

// An archive of something else: say what to do with it.
[[noreturn]] void no_weights(const ZipDirectory& zip, const std::string& where) {
  for (const ZipEntry& entry : zip.entries())
    for (const char* end : {".bin", ".pt", ".pth", ".th", ".safetensors"})
      if (entry.name.ends_with(end))
        throw Error(where, "is an archive that holds " + std::string(entry.name),
            "Unpack it and name that file or its folder.");
  throw Error(where, "is a zip archive without data.pkl, so not one of PyTorch's", "Name what torch.save wrote.");
}

Pickle read_zip(Bytes file, const std::string& where, TorchStorages& storages) {
  const ZipDirectory zip(file, where);
  const ZipEntry* object = nullptr;
  for (const ZipEntry& entry : zip.entries())
    if (entry.name == "data.pkl" ||
        (entry.name.ends_with("/data.pkl") && entry.name.find('/') + 9 == entry.name.size())) {
      if (object) throw Error(where, "holds two files named data.pkl", "Do not use this file.");
      object = &entry;
    }
  if (!object) no_weights(zip, where);
  const std::string folder(object->name.substr(0, object->name.size() - 8));  // "NAME/"
  if (zip.find(folder + "constants.pkl"))
    throw Error(where, "is a TorchScript program, not weights", "Save the model's state_dict() instead.");
  if (const ZipEntry* order = zip.find(folder + "byteorder"); order && as_text(zip.bytes(*order)) != "little")
    throw Error(where, "its numbers are not little-endian", "Save it anew on a little-endian machine.");
  const Bytes bytes = zip.bytes(*object);
  const auto begin = static_cast<size_t>(bytes.data() - file.data());
  Pickle pickle = read_pickle(file, begin, begin + bytes.size(), where, torch_allowed_names());
  storages = torch_storages(pickle, where);
  for (auto& [key, storage] : storages) {
    const ZipEntry* entry = zip.find(folder + "data/" + key);
    if (!entry)
      throw Error(
          at_byte(where, storage.at), "wants storage \"" + key + "\", which the archive does not hold", kDamagedFile);
    place(key, storage, entry->offset, zip.bytes(*entry).size(), where);
  }
  return pickle;
}

void check_system(const Pickle& info, size_t at, const std::string& where) {
  const PickleNode& root = info[info.root];
  check(root.kind == PickleKind::kDict, at_byte(where, at).c_str(), "says nothing of the machine that wrote it",
      kDamagedFile);
  for (size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const PickleNode &key = info[root.items[i]], &value = info[root.items[i + 1]];
    if (key.kind == PickleKind::kText && key.text == "little_endian" &&
        (value.kind != PickleKind::kBool || value.integer == 0))
      throw Error(where, "its numbers are not little-endian", "Save it anew on a little-endian machine.");
  }
}

Pickle read_legacy(Bytes file, const std::string& where, TorchStorages& storages) {
  const auto allowed = torch_allowed_names();
  size_t at = read_pickle(file, 0, file.size(), where, {}).end;  // the magic number, checked before
  const Pickle protocol = read_pickle(file, at, file.size(), where, {});
  const PickleNode& number = protocol[protocol.root];
  check(number.kind == PickleKind::kInt && number.integer == kLegacyProtocol, at_byte(where, at).c_str(),
      "is not of protocol 1001 (torch 0.1 to 1.5)", "Save it anew with a current PyTorch.");
  const Pickle system = read_pickle(file, protocol.end, file.size(), where, {});
  check_system(system, protocol.end, where);
  Pickle object = read_pickle(file, system.end, file.size(), where, allowed);
  storages = torch_storages(object, where);
  const Pickle keys = read_pickle(file, object.end, file.size(), where, {});
  const PickleNode& list = keys[keys.root];
  check(list.kind == PickleKind::kList, at_byte(where, object.end).c_str(), "does not list its storages", kDamagedFile);
  at = keys.end;
  for (const uint32_t index : list.items) {
    const PickleNode& key = keys[index];
    const auto found = key.kind == PickleKind::kText ? storages.find(key.text) : storages.end();
    check(found != storages.end() && !found->second.placed, at_byte(where, key.at).c_str(),
        "lists a storage that no tensor has, or one twice", kDamagedFile);
    ByteReader reader(file, at, file.size(), where);
    const uint64_t count = reader.number(8);
    TorchStorage& storage = found->second;
    if (count != storage.count)
      reader.fail(at,
          "storage \"" + found->first + "\" has " + std::to_string(count) + " elements here, " +
              std::to_string(storage.count) + " in the pickle",
          kDamagedFile);
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(count, storage.element_bytes, &bytes))
      reader.fail(at, "storage \"" + found->first + "\" overflows", kDamagedFile);
    const size_t begin = reader.at();
    reader.take(bytes);
    place(found->first, storage, begin, bytes, where);
    at = reader.at();
  }
  for (const auto& [key, storage] : storages)
    if (!storage.placed)
      throw Error(
          at_byte(where, storage.at), "wants storage \"" + key + "\", which the file does not hold", kDamagedFile);
  return object;
}

// Checks a view against its storage and adds it to the contents.
void add(const TorchTensor& tensor, const TorchStorage& storage, const std::string& where, TorchContents& contents) {
  const std::string tensor_at = at_byte(where, tensor.at) + ": tensor \"" + tensor.name + "\"";
  const auto element = static_cast<uint64_t>(dtype_bits(tensor.dtype)) / 8;
  uint64_t dense = element, last = tensor.offset;  // last: the farthest element it touches
  bool empty = false, overflow = false;
  for (int i = 0; i < tensor.shape.rank(); ++i) {
    const auto size = static_cast<uint64_t>(tensor.shape[i]);
    empty = empty || size == 0;
    uint64_t step = 0;
    if (size > 0 &&
        __builtin_mul_overflow(size - 1, static_cast<uint64_t>(tensor.strides[static_cast<size_t>(i)]), &step))
      overflow = true;
    if (__builtin_add_overflow(last, step, &last)) overflow = true;
    if (size > 0 && __builtin_mul_overflow(dense, size, &dense))
      overflow = true;  // zero sizes left out: the rest must fit too
  }
  check(!overflow && dense <= static_cast<uint64_t>(INT64_MAX), tensor_at.c_str(),
      "shape " + tensor.shape.text() + " overflows", kDamagedFile);
  if (empty) dense = 0;
  check(empty ? tensor.offset <= tensor.count : last < tensor.count, tensor_at.c_str(),
      "shape " + tensor.shape.text() + " leads out of its storage of " + std::to_string(tensor.count) + " elements",
      kDamagedFile);
  check(dense <= std::max(kMaxUnfoldedBytes, tensor.count * element), tensor_at.c_str(),
      "shape " + tensor.shape.text() + " unfolds a storage of " + std::to_string(tensor.count) + " elements",
      "Save it contiguous.");
  TorchView view{.storage_begin = storage.begin + tensor.first * element,
      .storage_bytes = tensor.count * element,
      .offset = static_cast<int64_t>(tensor.offset),
      .strides = tensor.strides};
  const uint64_t begin = view.storage_begin + tensor.offset * element;
  contents.entries.push_back({tensor.name, tensor.dtype, tensor.shape, begin, begin + dense});
  contents.views.push_back(std::move(view));
}

bool is_dense(const Shape& shape, const std::vector<int64_t>& strides) {
  int64_t want = 1;
  for (int i = shape.rank(); i-- > 0; want *= shape[i])
    if (shape[i] != 1 && strides[static_cast<size_t>(i)] != want) return false;
  return true;
}

// Row by row: the last dimension by a loop, the others by counting up.
void gather(
    const Shape& shape, const std::vector<int64_t>& strides, size_t element, const std::byte* from, std::byte* to) {
  const int rank = shape.rank();
  const int64_t columns = rank == 0 ? 1 : shape[-1], stride = rank == 0 ? 1 : strides.back();
  std::vector<int64_t> index(static_cast<size_t>(rank), 0);
  for (;;) {
    int64_t at = 0;
    for (int i = 0; i + 1 < rank; ++i) at += index[static_cast<size_t>(i)] * strides[static_cast<size_t>(i)];
    for (int64_t c = 0; c < columns; ++c, to += element)
      std::memcpy(to, from + static_cast<size_t>(at + c * stride) * element, element);
    int i = rank - 2;
    while (i >= 0 && ++index[static_cast<size_t>(i)] == shape[i]) index[static_cast<size_t>(i--)] = 0;
    if (i < 0) return;
  }
}

}  // namespace

TorchContents parse_torch_file(Bytes file, const std::string& where) {
  TorchStorages storages;
  const WeightFormat format = weight_format(file.first(std::min<size_t>(file.size(), 16)));
  check(format == WeightFormat::kTorchZip || format == WeightFormat::kTorchLegacy, where.c_str(),
      "is not a file of torch.save");
  const Pickle pickle =
      format == WeightFormat::kTorchZip ? read_zip(file, where, storages) : read_legacy(file, where, storages);
  TorchContents contents;
  std::set<std::string> names;
  for (const TorchTensor& tensor : torch_tensors(pickle, where, contents.notes)) {
    if (tensor.name.empty() || !names.insert(tensor.name).second)
      throw Error(at_byte(where, tensor.at), "a tensor is named \"" + tensor.name + "\" (empty or given twice)",
          "Do not use this file.");
    add(tensor, storages.find(tensor.storage)->second, where, contents);
  }
  if (contents.entries.empty()) throw Error(where, "holds no tensor", "Save the model's state_dict().");
  return contents;
}

Tensor torch_tensor(const TorchContents& contents, size_t i, Bytes file, const std::shared_ptr<const void>& owner) {
  const WeightEntry& entry = contents.entries[i];
  const TorchView& view = contents.views[i];
  const Bytes storage = file.subspan(view.storage_begin, view.storage_bytes);
  const auto element = static_cast<size_t>(dtype_bits(entry.dtype)) / 8;
  const size_t first = static_cast<size_t>(view.offset) * element;
  if (entry.end == entry.begin) return Tensor::host(entry.shape, entry.dtype);
  if (is_dense(entry.shape, view.strides))
    return tensor_of_mapping(entry.shape, entry.dtype, storage.subspan(first, entry.end - entry.begin), file, owner);
  Tensor dense = Tensor::host(entry.shape, entry.dtype);
  gather(entry.shape, view.strides, element, storage.data() + first, dense.bytes());
  return dense;
}

TorchFile::TorchFile(const fs::path& path)
    : mapping_(std::make_shared<MappedFile>(path)), contents_(parse_torch_file(mapping_->bytes(), path.string())) {}

const fs::path& TorchFile::path() const { return mapping_->path(); }

Tensor TorchFile::tensor(const WeightEntry& entry) const {
  const auto i = static_cast<size_t>(&entry - contents_.entries.data());
  invariant(i < contents_.entries.size(), "an entry of this file");
  return torch_tensor(contents_, i, mapping_->bytes(), mapping_);
}

}  // namespace hilum
