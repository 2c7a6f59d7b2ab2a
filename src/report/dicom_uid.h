// DICOM unique identifiers made from UUIDs, which need no registered root (PS3.5 B.2).
#pragma once

#include <string>

namespace hilum {

// "2.25." and a random UUID (RFC 4122, version 4) as a decimal number.
std::string new_dicom_uid();
// The same for the same name: a UUID of the SHA-256 of `name` (RFC 9562, version 8).
std::string named_dicom_uid(const std::string& name);
// The same of a SHA-256 in hexadecimal: a file's content as a device (64 digits; throws std::invalid_argument
// otherwise).
std::string dicom_uid_of_sha256(const std::string& hex);
// This machine as an observer: named by a hash of /etc/machine-id, which itself stays unknown; where there is none, one
// for all such machines.
std::string installation_uid();

}  // namespace hilum
