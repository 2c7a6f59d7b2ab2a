#include "tensor/torch_object.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "tensor/torch_names.h"

namespace hilum {
namespace {

constexpr std::array<std::string_view, 6> kWrappers{
    "state_dict", "model_state_dict", "model", "module", "net", "network"};
constexpr int kMaxNesting = 64, kMaxSizes = 64;
constexpr size_t kMaxNotes = 20, kMaxName = 4096;
const char kOwnForm[] = "Nothing of the file was run. Is it weights that torch.save wrote?";

class Object {
 public:
  Object(const Pickle& pickle, const std::string& where, std::vector<std::string>& notes)
      : pickle_(pickle), where_(where), notes_(notes) {}

  std::vector<TorchTensor> read() {
    const PickleNode* root = &pickle_[pickle_.root];
    if (root->kind != PickleKind::kDict)
      throw Error(where_, "holds " + kind_name(*root) + ", wanted a dict of tensors", "Save the model's state_dict().");
    for (int level = 0; level < 4; ++level) {
      const PickleNode* inner = wrapped(*root);
      if (!inner) break;
      root = inner;
    }
    std::string name;
    walk(*root, name, 0);
    if (left_out_ > kMaxNotes) notes_.push_back("and " + std::to_string(left_out_ - kMaxNotes) + " more");
    cut_module();
    return std::move(tensors_);
  }

 private:
  [[noreturn]] void refuse(const PickleNode& node, const std::string& what) const {
    throw Error(where_ + ": byte " + std::to_string(node.at), what, kOwnForm);
  }
  void note(const std::string& line) {
    if (left_out_++ < kMaxNotes) notes_.push_back(line.size() <= 200 ? line : line.substr(0, 197) + "...");
  }

  std::string kind_name(const PickleNode& node) const {
    switch (node.kind) {
      case PickleKind::kNone: return "None";
      case PickleKind::kBool: return "a truth value";
      case PickleKind::kInt:
      case PickleKind::kBigInt:
      case PickleKind::kReal: return "a number";
      case PickleKind::kText: return "a text";
      case PickleKind::kBytes: return "bytes";
      case PickleKind::kList:
      case PickleKind::kTuple: return "a list";
      case PickleKind::kDict: return "a dict";
      case PickleKind::kGlobal: return std::string(torch_name(node));
      case PickleKind::kCall: return is_tensor(node) ? "a single tensor" : std::string(torch_name(node));
      case PickleKind::kPersistent: return "a storage";
    }
    return "";
  }

  std::string key_text(const PickleNode& key) const {
    if (key.kind == PickleKind::kText) return std::string(key.text);
    if (key.kind == PickleKind::kInt) return std::to_string(key.integer);
    refuse(key, "a dict has a key that is neither a text nor a number");
  }

  // The dict that a checkpoint wraps its weights in, if it does; what stands beside it is noted.
  const PickleNode* wrapped(const PickleNode& dict) {
    for (const std::string_view wrapper : kWrappers) {
      const PickleNode* inner = nullptr;
      for (size_t i = 0; i + 1 < dict.items.size(); i += 2) {
        const PickleNode &key = pickle_[dict.items[i]], &value = pickle_[dict.items[i + 1]];
        if (key.kind != PickleKind::kText || key.text != wrapper || value.kind != PickleKind::kDict) continue;
        if (inner) refuse(key, "a dict holds the key \"" + std::string(wrapper) + "\" twice");
        inner = &value;
      }
      if (!inner) continue;
      for (size_t i = 0; i + 1 < dict.items.size(); i += 2)
        if (const std::string key = key_text(pickle_[dict.items[i]]); key != wrapper)
          note(key + " (" + kind_name(pickle_[dict.items[i + 1]]) + "): left out, beside \"" + std::string(wrapper) +
               "\"");
      return inner;
    }
    return nullptr;
  }

  bool is_tensor(const PickleNode& node) const {
    return node.kind == PickleKind::kCall &&
           (torch_name(node) == kRebuildV1 || torch_name(node) == kRebuildV2 || torch_name(node) == kRebuildV3 ||
               torch_name(node) == kRebuildParameter);
  }

  // `name` is one growing and shrinking text: a hostile object may have millions of values to pass.
  void walk(const PickleNode& node, std::string& name, int depth) {
    if (depth > kMaxNesting) refuse(node, "the object nests deeper than " + std::to_string(kMaxNesting) + " levels");
    if (++steps_ > kMaxPickleNodes)
      refuse(node, "the object unfolds to more than " + std::to_string(kMaxPickleNodes) + " values");
    if (name.size() > kMaxName) refuse(node, "a name has " + std::to_string(name.size()) + " bytes");
    if (is_tensor(node)) return add(node, name);
    const auto down = [&](const std::string& part, uint32_t value) {
      const size_t length = name.size();
      if (length > 0) name += '.';
      name += part;
      walk(pickle_[value], name, depth + 1);
      name.resize(length);
    };
    if (node.kind == PickleKind::kDict) {
      for (size_t i = 0; i + 1 < node.items.size(); i += 2) down(key_text(pickle_[node.items[i]]), node.items[i + 1]);
    } else if (node.kind == PickleKind::kList || node.kind == PickleKind::kTuple) {
      steps_ += node.items.size();  // looked at below, also where the list is shared
      if (std::all_of(node.items.begin(), node.items.end(), [&](uint32_t i) { return is_plain(pickle_[i]); }))
        return left_out(name, node);
      for (size_t i = 0; i < node.items.size(); ++i) down(std::to_string(i), node.items[i]);
    } else {
      left_out(name, node);
    }
  }
  void left_out(const std::string& name, const PickleNode& node) {
    if (left_out_ >= kMaxNotes) ++left_out_;
    else note(name + " (" + kind_name(node) + "): left out");
  }
  static bool is_plain(const PickleNode& node) {
    return node.kind != PickleKind::kCall && node.kind != PickleKind::kDict && node.kind != PickleKind::kList &&
           node.kind != PickleKind::kTuple;
  }

  const std::vector<uint32_t>& arguments(const PickleNode& call) const { return pickle_[call.items[0]].items; }

  uint64_t size_of(const PickleNode& node) const {
    if (node.kind != PickleKind::kInt || node.integer < 0)
      refuse(node, "a size, stride or offset of a tensor is negative or no number");
    return static_cast<uint64_t>(node.integer);
  }
  std::vector<int64_t> sizes_of(const PickleNode& node) const {
    if (node.kind == PickleKind::kCall && torch_name(node) == kTorchSize && arguments(node).size() == 1)
      return sizes_of_list(pickle_[arguments(node)[0]]);
    return sizes_of_list(node);
  }
  std::vector<int64_t> sizes_of_list(const PickleNode& node) const {
    if ((node.kind != PickleKind::kTuple && node.kind != PickleKind::kList) || node.items.size() > kMaxSizes)
      refuse(node, "a tensor's sizes are no list of at most " + std::to_string(kMaxSizes) + " numbers");
    std::vector<int64_t> sizes;
    for (const uint32_t i : node.items) sizes.push_back(static_cast<int64_t>(size_of(pickle_[i])));
    return sizes;
  }

  // _rebuild_tensor(storage, offset, sizes, strides), _v2(..., requires_grad, hooks[, metadata]), _v3(...,
  // requires_grad, hooks, dtype[, metadata]); _rebuild_parameter(tensor, requires_grad, hooks).
  void add(const PickleNode& call, const std::string& name) {
    const std::vector<uint32_t>& given = arguments(call);
    const std::string_view function = torch_name(call);
    if (function == kRebuildParameter) {
      if (given.size() != 3 || !is_tensor(pickle_[given[0]]) || torch_name(pickle_[given[0]]) == kRebuildParameter)
        refuse(call, "a parameter is no tensor");
      return add(pickle_[given[0]], name);
    }
    const size_t least = function == kRebuildV1   ? 4
                         : function == kRebuildV2 ? 6
                                                  : 7,
                 most = function == kRebuildV1 ? 4 : least + 1;
    if (given.size() < least || given.size() > most)
      refuse(call, std::string(function) + " with " + std::to_string(given.size()) + " arguments");
    if (tensors_.size() >= 1'000'000) refuse(call, "more than a million tensors");
    const TorchStorageRef storage = torch_storage_ref(pickle_, pickle_[given[0]], where_);
    TorchTensor tensor{.name = name,
        .dtype = storage.dtype,
        .storage = storage.key,
        .first = storage.view_first,
        .count = storage.view_count,
        .at = call.at};
    if (function == kRebuildV3) {
      const std::optional<DType> dtype = torch_dtype(pickle_[given[6]]);
      if (!dtype || torch_name(pickle_[given[6]]).ends_with("Storage"))
        refuse(call, "a tensor has no dtype of PyTorch's");
      if (!storage.untyped || storage.view_first != 0) refuse(call, "a tensor of its own dtype has a typed storage");
      tensor.dtype = *dtype;
      tensor.count /= static_cast<uint64_t>(dtype_bits(*dtype)) / 8;
    } else if (storage.untyped) {
      refuse(call, "an untyped storage with no dtype");
    }
    tensor.offset = size_of(pickle_[given[1]]);
    tensor.shape = Shape(sizes_of(pickle_[given[2]]));
    tensor.strides = sizes_of(pickle_[given[3]]);
    if (tensor.strides.size() != tensor.shape.dims().size())
      refuse(call, "a tensor has more strides than sizes, or fewer");
    tensors_.push_back(std::move(tensor));
  }

  void cut_module() {
    constexpr std::string_view kPrefix = "module.";
    const bool everywhere = std::all_of(tensors_.begin(), tensors_.end(),
        [&](const TorchTensor& t) { return t.name.size() > kPrefix.size() && t.name.starts_with(kPrefix); });
    if (!everywhere || tensors_.empty()) return;
    for (TorchTensor& tensor : tensors_) tensor.name.erase(0, kPrefix.size());
    notes_.push_back("\"module.\" cut off every name");
  }

  const Pickle& pickle_;
  const std::string& where_;
  std::vector<std::string>& notes_;
  std::vector<TorchTensor> tensors_;
  size_t steps_ = 0, left_out_ = 0;
};

}  // namespace

std::vector<TorchTensor> torch_tensors(
    const Pickle& pickle, const std::string& where, std::vector<std::string>& notes) {
  return Object(pickle, where, notes).read();
}

}  // namespace hilum
