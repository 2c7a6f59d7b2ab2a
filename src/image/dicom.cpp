#include "base/error.h"
#include "image/decoders.h"
namespace hilum {
bool looks_like_dicom(std::span<const std::byte>) { return false; }
DecodedImage decode_dicom(std::span<const std::byte>, const std::string& where) { throw Error(where, "DICOM"); }
}
