#include "image/jpeg2000.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include <fmt/core.h>
#include <openjpeg.h>

#include "base/error.h"
#include "image/decode.h"

namespace hilum {
namespace {

struct CodestreamSource {
  std::span<const uint8_t> bytes;
  size_t position = 0;
};

OPJ_SIZE_T on_read(void* out, OPJ_SIZE_T size, void* user) {
  auto* source = static_cast<CodestreamSource*>(user);
  const size_t count = std::min<size_t>(size, source->bytes.size() - source->position);
  if (count == 0) return static_cast<OPJ_SIZE_T>(-1);
  std::memcpy(out, source->bytes.data() + source->position, count);
  source->position += count;
  return count;
}

OPJ_OFF_T on_skip(OPJ_OFF_T size, void* user) {
  auto* source = static_cast<CodestreamSource*>(user);
  if (size < 0) return -1;
  const size_t count = std::min<size_t>(static_cast<size_t>(size), source->bytes.size() - source->position);
  if (count == 0 && size > 0) return -1;
  source->position += count;
  return static_cast<OPJ_OFF_T>(count);
}

OPJ_BOOL on_seek(OPJ_OFF_T position, void* user) {
  auto* source = static_cast<CodestreamSource*>(user);
  if (position < 0 || static_cast<size_t>(position) > source->bytes.size()) return OPJ_FALSE;
  source->position = static_cast<size_t>(position);
  return OPJ_TRUE;
}

void keep_first_message(const char* message, void* user) {
  auto* kept = static_cast<std::string*>(user);
  if (!kept->empty()) return;
  *kept = message;
  while (!kept->empty() && (kept->back() == '\n' || kept->back() == '.')) kept->pop_back();
}
void ignore_message(const char*, void*) {}

// Streams and codecs are both void in OpenJPEG's header.
struct DestroyStream {
  void operator()(opj_stream_t* stream) const { opj_stream_destroy(stream); }
};
struct DestroyCodec {
  void operator()(opj_codec_t* codec) const { opj_destroy_codec(codec); }
};
struct DestroyImage {
  void operator()(opj_image_t* image) const { opj_image_destroy(image); }
};

constexpr uint32_t kMaxComponents = 16;

Jpeg2000Picture described(const opj_image_t& image, opj_codec_t* codec) {
  Jpeg2000Picture picture;
  picture.width = static_cast<int>(image.x1 - image.x0);
  picture.height = static_cast<int>(image.y1 - image.y0);
  picture.components = static_cast<int>(image.numcomps);
  for (uint32_t c = 0; c < image.numcomps; ++c) {
    picture.precision = std::max(picture.precision, static_cast<int>(image.comps[c].prec));
    picture.is_signed = picture.is_signed || image.comps[c].sgnd;
  }
  opj_codestream_info_v2_t* info = opj_get_cstr_info(codec);
  if (info) {
    picture.has_colour_transform = info->m_default_tile_info.mct == 1;
    const opj_tccp_info_t* coding = info->m_default_tile_info.tccp_info;
    picture.is_lossy = coding && coding[0].qmfbid == 0;  // the 9-7 filter
    opj_destroy_cstr_info(&info);
  }
  return picture;
}

}  // namespace

Jpeg2000Picture decode_jpeg2000(std::span<const uint8_t> bytes, const std::string& where,
    const std::function<void(const Jpeg2000Picture&)>& check) {
  const bool is_jp2 = bytes.size() >= 12 && std::memcmp(bytes.data(), "\0\0\0\x0cjP  ", 8) == 0;
  std::string message;
  const auto damaged = [&](const std::string& what) {
    return Error(where,
        fmt::format("has damaged or truncated JPEG 2000 pixel data ({})", message.empty() ? what : message),
        "Export the file again, e.g. uncompressed.");
  };

  CodestreamSource source{bytes};
  const std::unique_ptr<opj_stream_t, DestroyStream> stream(opj_stream_create(1 << 16, OPJ_TRUE));
  const std::unique_ptr<opj_codec_t, DestroyCodec> codec(opj_create_decompress(is_jp2 ? OPJ_CODEC_JP2 : OPJ_CODEC_J2K));
  if (!stream || !codec) throw damaged("OpenJPEG could not start");
  opj_stream_set_user_data(stream.get(), &source, nullptr);
  opj_stream_set_user_data_length(stream.get(), bytes.size());
  opj_stream_set_read_function(stream.get(), on_read);
  opj_stream_set_skip_function(stream.get(), on_skip);
  opj_stream_set_seek_function(stream.get(), on_seek);
  opj_set_error_handler(codec.get(), keep_first_message, &message);
  opj_set_warning_handler(codec.get(), ignore_message, nullptr);
  opj_set_info_handler(codec.get(), ignore_message, nullptr);
  opj_dparameters_t parameters;
  opj_set_default_decoder_parameters(&parameters);
  if (!opj_setup_decoder(codec.get(), &parameters)) throw damaged("set-up");
  opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE);

  opj_image_t* raw = nullptr;
  const bool has_header = opj_read_header(stream.get(), codec.get(), &raw);
  const std::unique_ptr<opj_image_t, DestroyImage> image(raw);
  if (!has_header || !image) throw damaged("no header");
  if (image->x1 < image->x0 || image->y1 < image->y0 || image->x1 - image->x0 > uint32_t{kMaxImageSide} ||
      image->y1 - image->y0 > uint32_t{kMaxImageSide} || image->numcomps < 1 || image->numcomps > kMaxComponents)
    throw damaged("a size or count out of bounds");
  Jpeg2000Picture picture = described(*image, codec.get());
  check(picture);
  for (uint32_t c = 0; c < image->numcomps; ++c)
    if (image->comps[c].dx != 1 || image->comps[c].dy != 1 || image->comps[c].prec < 1 || image->comps[c].prec > 16)
      throw Error(where, "has JPEG 2000 data with subsampled components or more than 16 bits, which is not read",
          "Export it uncompressed.");
  if (!opj_decode(codec.get(), stream.get(), image.get())) throw damaged("decoding failed");
  // opj_end_decompress() is left out: it only reads what follows the last tile.

  const size_t plane = static_cast<size_t>(picture.width) * static_cast<size_t>(picture.height);
  picture.samples.reserve(plane * static_cast<size_t>(picture.components));
  for (uint32_t c = 0; c < image->numcomps; ++c) {
    const opj_image_comp_t& component = image->comps[c];
    if (!component.data || component.w != static_cast<uint32_t>(picture.width) ||
        component.h != static_cast<uint32_t>(picture.height))
      throw damaged("a component is missing");
    picture.samples.insert(picture.samples.end(), component.data, component.data + plane);
  }
  return picture;
}

}  // namespace hilum
