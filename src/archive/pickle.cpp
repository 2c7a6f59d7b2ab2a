#include "archive/pickle.h"

#include <algorithm>
#include <bit>

#include "archive/byte_reader.h"
#include "base/utf8.h"

namespace hilum {
namespace {

const char kRefused[] =
    "Nothing of the file was run. If you trust it, save its weights as safetensors where it was made.";
constexpr uint32_t kNoNode = 0xffffffff;

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 120)) out += c >= 32 && c < 127 ? c : '?';
  return text.size() <= 120 ? out : out + "...";
}

class Machine {
 public:
  Machine(std::span<const std::byte> file, size_t begin, size_t end, const std::string& where,
      std::span<const std::string_view> allowed)
      : in_(file, begin, end, where), allowed_(allowed) {
    for (const PickleKind kind : {PickleKind::kNone, PickleKind::kBool, PickleKind::kBool, PickleKind::kTuple})
      pickle_.nodes.push_back({.kind = kind, .at = begin});
    pickle_.nodes[kTrue].integer = 1;
  }

  Pickle run() {
    while (!stopped_) {
      op_at_ = in_.at();
      step(static_cast<uint8_t>(in_.number(1)));
    }
    pickle_.end = in_.at();
    return std::move(pickle_);
  }

 private:
  static constexpr uint32_t kNoneNode = 0, kFalse = 1, kTrue = 2,
                            kEmptyTuple = 3;  // values without an identity, made once

  [[noreturn]] void refuse(const std::string& what) const { in_.fail(op_at_, what, kRefused); }
  [[noreturn]] void broken(const std::string& what) const { in_.fail(op_at_, what, kDamagedFile); }

  void push(uint32_t node) {
    if (stack_.size() >= kMaxPickleNodes)
      refuse("the pickle's stack grows past " + std::to_string(kMaxPickleNodes) + " values");
    stack_.push_back(node);
  }
  uint32_t make(PickleNode node) {
    if (pickle_.nodes.size() >= kMaxPickleNodes)
      refuse("the pickle makes more than " + std::to_string(kMaxPickleNodes) + " values");
    node.at = op_at_;
    pickle_.nodes.push_back(std::move(node));
    return static_cast<uint32_t>(pickle_.nodes.size() - 1);
  }
  void push_new(PickleNode node) { push(make(std::move(node))); }
  void push_int(int64_t value) { push_new({.kind = PickleKind::kInt, .integer = value}); }

  // Values of the innermost MARK may not be taken by an opcode that does not ask for them.
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  uint32_t pop() {
    if (stack_.size() <= floor()) broken("the pickle takes a value from an empty stack");
    const uint32_t node = stack_.back();
    stack_.pop_back();
    return node;
  }
  PickleNode& top(PickleKind kind, const char* what) {
    if (stack_.size() <= floor()) broken("the pickle takes a value from an empty stack");
    PickleNode& node = pickle_.nodes[stack_.back()];
    if (node.kind != kind) refuse(std::string("the pickle adds items to what is not ") + what);
    return node;
  }
  std::vector<uint32_t> pop_to_mark() {
    if (marks_.empty()) broken("the pickle wants a MARK that is not there");
    const std::vector<uint32_t> taken(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return taken;
  }
  void push_tuple(size_t count) {
    std::vector<uint32_t> items(count);
    for (size_t i = count; i-- > 0;) items[i] = pop();
    push_new({.kind = PickleKind::kTuple, .items = std::move(items)});
  }

  void push_text(uint64_t length) {
    const std::string_view text = in_.take(length);
    if (!is_utf8(text)) refuse("a text of the pickle is not valid UTF-8");
    push_new({.kind = PickleKind::kText, .text = text});
  }
  void push_bytes(uint64_t length) { push_new({.kind = PickleKind::kBytes, .text = in_.take(length)}); }
  void push_long(uint64_t length) {
    const std::string_view bytes = in_.take(length);
    if (bytes.size() > 8) return push_new({.kind = PickleKind::kBigInt, .text = bytes});
    uint64_t value = !bytes.empty() && static_cast<signed char>(bytes.back()) < 0 ? ~uint64_t{0} : 0;
    for (size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    push_int(static_cast<int64_t>(value));
  }

  void remember(uint64_t index) {
    if (stack_.size() <= floor()) broken("the pickle remembers a value of an empty stack");
    if (index >= kMaxPickleNodes)
      refuse("the pickle remembers a value under number " + std::to_string(index) + ", past our limit");
    if (index >= memo_.size()) memo_.resize(static_cast<size_t>(index) + 1, kNoNode);
    memo_size_ += memo_[index] == kNoNode;
    memo_[index] = stack_.back();
  }
  void recall(uint64_t index) {
    if (index >= memo_.size() || memo_[index] == kNoNode)
      broken("the pickle recalls value " + std::to_string(index) + ", which it never remembered");
    push(memo_[index]);
  }

  void push_global(std::string_view module, std::string_view name) {
    const std::string full = std::string(module) + "." + std::string(name);
    const auto at = std::find(allowed_.begin(), allowed_.end(), full);
    if (at == allowed_.end()) refuse("the pickle asks for " + printable(full) + ", which no weights need");
    push_new({.kind = PickleKind::kGlobal, .integer = at - allowed_.begin()});
  }
  void stack_global() {
    const uint32_t name = pop(), module = pop();
    if (pickle_[name].kind != PickleKind::kText || pickle_[module].kind != PickleKind::kText)
      refuse("STACK_GLOBAL names no text");
    push_global(pickle_[module].text, pickle_[name].text);
  }

  // A call is written down, not made; only an OrderedDict is understood here, as a dict.
  void reduce() {
    const uint32_t arguments = pop(), callee = pop();
    if (pickle_[callee].kind != PickleKind::kGlobal) refuse("the pickle calls what is not a name of weights");
    if (pickle_[arguments].kind != PickleKind::kTuple)
      refuse("the pickle calls " + std::string(name_of(callee)) + " with no tuple");
    if (name_of(callee) != kOrderedDict)
      return push_new({.kind = PickleKind::kCall, .integer = pickle_[callee].integer, .items = {arguments}});
    PickleNode dict{.kind = PickleKind::kDict};
    if (pickle_[arguments].items.size() > 1) refuse("the pickle makes an OrderedDict of several arguments");
    if (!pickle_[arguments].items.empty()) {  // [[key, value], ...], as Python 2 wrote it
      const PickleNode& pairs = pickle_[pickle_[arguments].items[0]];
      if (pairs.kind != PickleKind::kList && pairs.kind != PickleKind::kTuple)
        refuse("the pickle makes an OrderedDict of what is no list");
      pairs_ += pairs.items.size();  // the only items that a short opcode can copy
      if (pairs_ > kMaxPickleNodes)
        refuse("the pickle makes dicts of more than " + std::to_string(kMaxPickleNodes) + " pairs");
      for (const uint32_t index : pairs.items) {
        const PickleNode& pair = pickle_[index];
        if ((pair.kind != PickleKind::kList && pair.kind != PickleKind::kTuple) || pair.items.size() != 2)
          refuse("the pickle makes an OrderedDict of what are no pairs");
        dict.items.insert(dict.items.end(), pair.items.begin(), pair.items.end());
      }
    }
    push_new(std::move(dict));
  }
  std::string_view name_of(uint32_t node) const { return allowed_[static_cast<size_t>(pickle_[node].integer)]; }

  void step(uint8_t opcode);

  ByteReader in_;
  std::span<const std::string_view> allowed_;
  Pickle pickle_;
  std::vector<uint32_t> stack_, memo_;
  std::vector<size_t> marks_;
  uint64_t memo_size_ = 0;
  size_t op_at_ = 0, pairs_ = 0;
  bool stopped_ = false;
};

void Machine::step(uint8_t opcode) {
  switch (opcode) {
    case 0x80: {  // PROTO
      const uint64_t protocol = in_.number(1);
      if (protocol < 2 || protocol > 5) refuse("pickle protocol " + std::to_string(protocol) + " is not one of 2 to 5");
      break;
    }
    case 0x95:  // FRAME: only says how much a reader may fetch at once
      if (const uint64_t length = in_.number(8); length > in_.left())
        broken("a FRAME of " + std::to_string(length) + " bytes ends past the pickle");
      break;
    case '.':
      pickle_.root = pop();
      if (!stack_.empty() || !marks_.empty()) broken("the pickle stops with values left on its stack");
      stopped_ = true;
      break;
    case '(':
      if (marks_.size() >= static_cast<size_t>(kMaxPickleMarks))
        refuse("the pickle nests deeper than " + std::to_string(kMaxPickleMarks) + " levels");
      marks_.push_back(stack_.size());
      break;
    case '0': pop(); break;          // POP
    case '1': pop_to_mark(); break;  // POP_MARK
    case '2': {                      // DUP
      const uint32_t node = pop();
      push(node);
      push(node);
      break;
    }
    case 'N': push(kNoneNode); break;
    case 0x88: push(kTrue); break;
    case 0x89: push(kFalse); break;
    case 'J': push_int(static_cast<int32_t>(in_.number(4))); break;
    case 'K': push_int(static_cast<int64_t>(in_.number(1))); break;
    case 'M': push_int(static_cast<int64_t>(in_.number(2))); break;
    case 0x8a: push_long(in_.number(1)); break;
    case 0x8b: push_long(in_.number(4)); break;
    case 'G': {  // BINFLOAT: big-endian, alone among them
      uint64_t bits = 0;
      for (const char c : in_.take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
      push_new({.kind = PickleKind::kReal, .real = std::bit_cast<double>(bits)});
      break;
    }
    case 'X':
    case 'T': push_text(in_.number(4)); break;  // BINUNICODE, and Python 2's BINSTRING
    case 0x8c:
    case 'U': push_text(in_.number(1)); break;
    case 0x8d: push_text(in_.number(8)); break;
    case 'B': push_bytes(in_.number(4)); break;
    case 'C': push_bytes(in_.number(1)); break;
    case 0x8e:
    case 0x96: push_bytes(in_.number(8)); break;
    case ']': push_new({.kind = PickleKind::kList}); break;
    case '}': push_new({.kind = PickleKind::kDict}); break;
    case ')': push(kEmptyTuple); break;
    case 't': {
      std::vector<uint32_t> items = pop_to_mark();
      push_new({.kind = PickleKind::kTuple, .items = std::move(items)});
      break;
    }
    case 0x85: push_tuple(1); break;
    case 0x86: push_tuple(2); break;
    case 0x87: push_tuple(3); break;
    case 'a': {  // APPEND
      const uint32_t item = pop();
      top(PickleKind::kList, "a list").items.push_back(item);
      break;
    }
    case 'e': {  // APPENDS
      const std::vector<uint32_t> items = pop_to_mark();
      auto& list = top(PickleKind::kList, "a list").items;
      list.insert(list.end(), items.begin(), items.end());
      break;
    }
    case 's': {  // SETITEM
      const uint32_t value = pop(), key = pop();
      auto& dict = top(PickleKind::kDict, "a dict").items;
      dict.push_back(key);
      dict.push_back(value);
      break;
    }
    case 'u': {  // SETITEMS
      const std::vector<uint32_t> items = pop_to_mark();
      if (items.size() % 2 != 0) broken("SETITEMS has a key without a value");
      auto& dict = top(PickleKind::kDict, "a dict").items;
      dict.insert(dict.end(), items.begin(), items.end());
      break;
    }
    case 'q': remember(in_.number(1)); break;
    case 'r': remember(in_.number(4)); break;
    case 0x94: remember(memo_size_); break;  // MEMOIZE
    case 'h': recall(in_.number(1)); break;
    case 'j': recall(in_.number(4)); break;
    case 'c': {  // GLOBAL
      const std::string_view module = in_.line(), name = in_.line();
      push_global(module, name);
      break;
    }
    case 0x93: stack_global(); break;
    case 'R': reduce(); break;
    case 'b':  // BUILD: the attributes of a dict (_metadata of a state dict) are no weights
      pop();
      top(PickleKind::kDict, "a dict (BUILD)");
      break;
    case 'Q': {  // BINPERSID
      const uint32_t id = pop();
      push_new({.kind = PickleKind::kPersistent, .items = {id}});
      break;
    }
    default: refuse("the pickle uses the opcode " + pickle_opcode_name(opcode) + ", which no weights need");
  }
}

}  // namespace

Pickle read_pickle(std::span<const std::byte> file, size_t begin, size_t end, const std::string& where,
    std::span<const std::string_view> allowed) {
  end = std::min(end, begin + std::min(end - begin, kMaxPickleBytes));
  return Machine(file, begin, end, where, allowed).run();
}

}  // namespace hilum
