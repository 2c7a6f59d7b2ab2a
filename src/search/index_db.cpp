#include "search/index_db.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/error.h"
#include "base/file.h"

namespace hilum {
namespace {

constexpr int kApplicationId = 0x48494c58;  // "HILX"
constexpr int kIndexVersion = 1;

// One statement, run to its end or row by row.
class Statement {
 public:
  Statement(sqlite3* db, const char* sql, const std::string& where) : db_(db), where_(where) {
    if (sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr) != SQLITE_OK) fail();
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(const std::string& text) {
    return check(sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  Statement& bind(int64_t number) { return check(sqlite3_bind_int64(statement_, ++bound_, number)); }
  bool step() {
    const int result = sqlite3_step(statement_);
    if (result != SQLITE_ROW && result != SQLITE_DONE) fail();
    return result == SQLITE_ROW;
  }
  std::string text(int column) const {
    const auto* value = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return value ? std::string(value, static_cast<size_t>(sqlite3_column_bytes(statement_, column))) : std::string();
  }
  int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }

 private:
  Statement& check(int result) {
    if (result != SQLITE_OK) fail();
    return *this;
  }
  [[noreturn]] void fail() const {
    throw Error(
        where_, std::string("SQLite says: ") + sqlite3_errmsg(db_), "Is it an index that `hilum search index` made?");
  }

  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  std::string where_;
  int bound_ = 0;
};

}  // namespace

struct IndexDb::Connection {
  explicit Connection(const fs::path& path, int flags) : where(path.string()) {
    const int result = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    if (result != SQLITE_OK) {
      const std::string reason = db ? sqlite3_errmsg(db) : "no memory";
      sqlite3_close(db);
      throw Error(
          where, "cannot be opened (" + reason + ")", "Check the path; an index is made by `hilum search index`.");
    }
    // The file may come from outside: nothing in its schema may run, and it cannot ask for much.
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, 64 << 20);
  }
  ~Connection() { sqlite3_close(db); }
  void run(const char* sql) { Statement(db, sql, where).step(); }
  Statement statement(const char* sql) { return Statement(db, sql, where); }

  std::string where;
  sqlite3* db = nullptr;
};

IndexDb::IndexDb(std::unique_ptr<Connection> connection) : connection_(std::move(connection)) {}
IndexDb::~IndexDb() = default;

namespace {

void check_form(sqlite3* db, const std::string& where) {
  Statement id(db, "PRAGMA application_id", where), version(db, "PRAGMA user_version", where);
  id.step();
  version.step();
  if (id.integer(0) != kApplicationId)
    throw Error(where, "is a SQLite file, but no image index", "Name the file `hilum search index` made.");
  if (version.integer(0) != kIndexVersion)
    throw Error(where, "is an index of version " + version.text(0) + ", this Hilum reads 1",
        "Build it again with `hilum search index`.");
}

}  // namespace

std::unique_ptr<IndexDb> IndexDb::open(const fs::path& path) {
  if (!fs::exists(path))
    throw Error(
        path.string(), "no such index", "Build it with `hilum search index INPUT --index " + path.string() + "`.");
  auto connection = std::make_unique<Connection>(path, SQLITE_OPEN_READONLY);
  check_form(connection->db, connection->where);
  return std::unique_ptr<IndexDb>(new IndexDb(std::move(connection)));
}

std::unique_ptr<IndexDb> IndexDb::create(const fs::path& path) {
  if (fs::exists(path)) throw Error(path.string(), "exists already", "Add to it with --resume, or name another file.");
  if (path.has_parent_path()) fs::create_directories(path.parent_path());
  const int made = ::open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (made < 0) throw Error(path.string(), "cannot be written", "Check the folder and its permissions.");
  ::close(made);
  auto connection = std::make_unique<Connection>(path, SQLITE_OPEN_READWRITE);
  connection->run("PRAGMA application_id = 1212763224");  // kApplicationId
  connection->run("PRAGMA user_version = 1");
  connection->run("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
  connection->run(
      "CREATE TABLE images (row INTEGER PRIMARY KEY, path TEXT NOT NULL, study_id TEXT NOT NULL, patient_id TEXT NOT "
      "NULL, "
      "labels TEXT NOT NULL, metadata TEXT NOT NULL, UNIQUE (path, study_id))");
  std::unique_ptr<IndexDb> db(new IndexDb(std::move(connection)));
  db->set_meta("notice", kIndexNotice);
  return db;
}

std::unique_ptr<IndexDb> IndexDb::open_to_add(const fs::path& path) {
  auto connection = std::make_unique<Connection>(path, SQLITE_OPEN_READWRITE);
  check_form(connection->db, connection->where);
  return std::unique_ptr<IndexDb>(new IndexDb(std::move(connection)));
}

std::string IndexDb::meta(const std::string& key) const {
  Statement find = connection_->statement("SELECT value FROM meta WHERE key = ?");
  return find.bind(key).step() ? find.text(0) : std::string();
}

void IndexDb::set_meta(const std::string& key, const std::string& value) {
  connection_->statement("INSERT OR REPLACE INTO meta VALUES (?, ?)").bind(key).bind(value).step();
}

int64_t IndexDb::count() const {
  Statement count = connection_->statement("SELECT count(*) FROM images");
  count.step();
  return count.integer(0);
}

std::string IndexDb::trouble() const {
  Statement all = connection_->statement("SELECT count(*), coalesce(min(row), 0), coalesce(max(row), -1) FROM images");
  all.step();
  return all.integer(1) == 0 && all.integer(2) == all.integer(0) - 1 ? "" : "rows are missing";
}

bool IndexDb::has(const std::string& path, const std::string& study_id) const {
  return connection_->statement("SELECT 1 FROM images WHERE path = ? AND study_id = ?")
      .bind(path)
      .bind(study_id)
      .step();
}

IndexedImage IndexDb::image(int64_t row) const {
  Statement find =
      connection_->statement("SELECT path, study_id, patient_id, labels, metadata FROM images WHERE row = ?");
  if (!find.bind(row).step())
    throw Error(connection_->where, "has no row " + std::to_string(row), "Build the index again.");
  return {find.text(0), find.text(1), find.text(2), find.text(3), find.text(4)};
}

void IndexDb::add(int64_t row, const IndexedImage& image) {
  connection_->statement("INSERT INTO images VALUES (?, ?, ?, ?, ?, ?)")
      .bind(row)
      .bind(image.path)
      .bind(image.study_id)
      .bind(image.patient_id)
      .bind(image.labels)
      .bind(image.metadata)
      .step();
}

void IndexDb::begin() { connection_->run("BEGIN"); }
void IndexDb::commit() { connection_->run("COMMIT"); }

}  // namespace hilum
