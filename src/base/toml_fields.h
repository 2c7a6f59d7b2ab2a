// Typed look-ups in a TOML table, for .cpp files only (toml++): every error names the file, the table and the key. A
// table whose every key must be asked for: done() names those that were not.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "base/toml.h"

namespace hilum {

class TomlFields {
 public:
  // The table must outlive this.
  TomlFields(const toml::table& table, std::string where) : table_(&table), where_(std::move(where)) {}

  const std::string& where() const { return where_; }
  const toml::table& all() const { return *table_; }

  // A key may lead into inner tables: "stage.whole.steps". What is absent gives "", 0, false or nothing.
  bool has(const std::string& key) { return find(key) != nullptr; }
  std::string text(const std::string& key, bool required = false);
  bool flag(const std::string& key);
  int64_t integer(const std::string& key);             // 0 to a milliard
  double real(const std::string& key, double absent);  // finite
  std::vector<double> reals(const std::string& key);
  // One of `known`, or "" where it is missing and not required.
  std::string one_of(const std::string& key, std::initializer_list<const char*> known, bool required = false);
  std::vector<std::string> texts(const std::string& key);
  std::map<std::string, std::string> text_table(const std::string& key);
  const toml::table* table(const std::string& key);
  const toml::array* array(const std::string& key);
  std::vector<TomlFields> tables(const std::string& key);  // of a list, [[key]]
  TomlFields part(const std::string& key);                 // an empty one where it is absent

  // Throws Error naming a key of this table that no one asked for.
  void done() const;

 protected:
  const toml::node* find(const std::string& key);  // null: absent; counts as asked for
  const std::vector<std::string>& asked() const { return asked_; }
  bool was_asked(const std::string& key) const;

 private:
  // Throws Error: "KEY" `what`.
  [[noreturn]] void wrong(const std::string& key, const std::string& what, const std::string& mend = "") const;

  const toml::table* table_;
  std::string where_;
  std::vector<std::string> asked_;  // in their order
};

}  // namespace hilum
