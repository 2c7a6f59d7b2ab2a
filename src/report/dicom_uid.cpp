#include "report/dicom_uid.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <openssl/rand.h>

#include "base/error.h"
#include "base/file.h"

namespace hilum {
namespace {

using Uuid = std::array<unsigned char, 16>;

std::string uid_of(Uuid uuid, unsigned version) {
  uuid[6] = static_cast<unsigned char>((uuid[6] & 0x0f) | version << 4);
  uuid[8] = static_cast<unsigned char>((uuid[8] & 0x3f) | 0x80);
  unsigned __int128 number = 0;
  for (const unsigned char byte : uuid) number = number << 8 | byte;
  std::string digits;
  for (; number; number /= 10) digits.push_back(static_cast<char>('0' + static_cast<int>(number % 10)));
  std::reverse(digits.begin(), digits.end());
  return "2.25." + digits;  // never empty: the version is not 0
}

}  // namespace

std::string new_dicom_uid() {
  Uuid uuid{};
  invariant(RAND_bytes(uuid.data(), static_cast<int>(uuid.size())) == 1, "random bytes of the system");
  return uid_of(uuid, 4);
}

std::string named_dicom_uid(const std::string& name) { return dicom_uid_of_sha256(sha256_hex(name)); }

std::string dicom_uid_of_sha256(const std::string& hex) {
  Uuid uuid{};
  for (size_t i = 0; i < uuid.size(); ++i)
    uuid[i] = static_cast<unsigned char>(std::stoi(hex.substr(2 * i, 2), nullptr, 16));
  return uid_of(uuid, 8);
}

std::string installation_uid() {
  std::string machine;
  try {
    machine = read_file("/etc/machine-id", 4096);
  } catch (const Error&) {
  }
  return named_dicom_uid("hilum: device observer\n" + machine);
}

}  // namespace hilum
