// The part of an index that is not vectors: which image stands in which row, and what is known of it. SQLite, one file.
// It holds patients' identifiers; its table `meta` says so in the row "notice".
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace hilum {

inline constexpr const char* kIndexNotice =
    "This index holds study and patient identifiers, file paths and labels of the images it was made from, and vectors "
    "computed from them. "
    "Keep it as you would keep the images. Research use only; not a medical device.";

struct IndexedImage {
  std::string path, study_id, patient_id;  // empty where not known
  std::string labels, metadata;            // JSON objects, or empty
};

class IndexDb {
 public:
  // Opens for reading only. Throws Error naming the path when it is no index of a version read here.
  static std::unique_ptr<IndexDb> open(const std::filesystem::path& path);
  // Makes a new file (an existing one is an Error), or opens an existing one for adding to. Readable by its owner
  // alone.
  static std::unique_ptr<IndexDb> create(const std::filesystem::path& path);
  static std::unique_ptr<IndexDb> open_to_add(const std::filesystem::path& path);
  ~IndexDb();

  // What the index is about: "model", "weights_sha256", "width", ... A key that is not there gives "".
  std::string meta(const std::string& key) const;
  void set_meta(const std::string& key, const std::string& value);

  int64_t count() const;  // images; their rows are 0 .. count-1
  bool has(const std::string& path, const std::string& study_id) const;
  IndexedImage image(int64_t row) const;             // throws Error for a row that is not there
  void add(int64_t row, const IndexedImage& image);  // inside begin() .. commit()
  void begin();
  void commit();
  std::string trouble() const;  // not empty: rows are missing or doubled

 private:
  struct Connection;
  explicit IndexDb(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace hilum
