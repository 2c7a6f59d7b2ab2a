#include "image/dicom_open.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>

#include <fmt/core.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcxfer.h>
#include <dcmtk/oflog/oflog.h>

#include "base/ascii.h"
#include "base/error.h"
#include "image/decoders.h"
#include "image/dicom_element.h"
#include "image/dicom_head.h"
#include "image/dicom_values.h"

namespace hilum {
namespace {

constexpr const char* kMendSyntax =
    "Correct Transfer Syntax UID (0002,0010), or export the file again with the syntax it has.";

const DicomTransferSyntax& syntax_of(const std::string& uid, const std::string& where) {
  if (const DicomTransferSyntax* syntax = find_transfer_syntax(uid)) return *syntax;
  const char* mend = "Convert it to JPEG 2000 or to explicit little endian.";
  if (uid == "1.2.840.10008.1.2.4.201" || uid == "1.2.840.10008.1.2.4.202" || uid == "1.2.840.10008.1.2.4.203")
    throw Error(where,
        fmt::format("is compressed with HTJ2K (High-Throughput JPEG 2000, transfer syntax {}), which is not read", uid),
        mend);
  throw Error(where, fmt::format("is in transfer syntax {}, which is not read", uid), mend);
}

bool is_uncompressed(const DicomTransferSyntax& syntax) {
  return syntax.packing == DicomPacking::kNative || syntax.packing == DicomPacking::kDeflated;
}

DicomEncoding encoding_of(const DicomTransferSyntax& syntax) {
  const std::string_view uid = syntax.uid;
  return {uid == "1.2.840.10008.1.2", uid == "1.2.840.10008.1.2.2"};
}

E_TransferSyntax as_dcmtk(const DicomEncoding& encoding) {
  if (encoding.implicit) return EXS_LittleEndianImplicit;
  return encoding.big_endian ? EXS_BigEndianExplicit : EXS_LittleEndianExplicit;
}

// The data set as it will be parsed, and how.
struct Body {
  std::span<const std::byte> bytes;
  std::vector<std::byte> own;  // where the file's bytes are not those to be parsed
  const DicomTransferSyntax* syntax = nullptr;
};

void inflate(Body& body, const std::string& where) {
  body.own = inflate_data_set(body.bytes, where);
  body.bytes = body.own;
}

// Finds out how the data set is encoded, whatever the meta group says.
void settle_encoding(Body& body, OpenedDicom& opened, const std::string& where) {
  const bool says_deflated = body.syntax && body.syntax->packing == DicomPacking::kDeflated;
  const bool is_deflated = says_deflated && !find_encoding(body.bytes);
  if (is_deflated) inflate(body, where);
  const std::optional<DicomEncoding> found = find_encoding(body.bytes);
  if (!found) return;
  const DicomTransferSyntax& real = syntax_of(DcmXfer(as_dcmtk(*found)).getXferID(), where);
  if (!body.syntax) {
    body.syntax = &real;
    return;
  }
  if (encoding_of(*body.syntax) == *found && is_deflated == says_deflated) return;
  const std::string both = fmt::format(
      "{} (transfer syntax {}), its data set is in {}", body.syntax->name, body.syntax->uid, encoding_name(*found));
  if (!is_uncompressed(*body.syntax))
    throw Error(where, fmt::format("says {}, and compressed pixels need explicit little endian", both), kMendSyntax);
  opened.warnings.push_back(
      fmt::format("the DICOM file says {}; it is read as it is. Correct Transfer Syntax UID (0002,0010)", both));
  body.syntax = &real;
}

// Cuts off what is no part of the data set and ends what does not end.
void settle_end(Body& body, OpenedDicom& opened, const std::string& where) {
  const DicomEncoding encoding = body.syntax ? encoding_of(*body.syntax) : DicomEncoding{};
  const DataSetLayout layout = lay_out(body.bytes, encoding, where);
  if (body.syntax && layout.in_fragments && is_uncompressed(*body.syntax))
    throw Error(where,
        fmt::format("{} {} (uncompressed), its pixel data are compressed, in fragments",
            opened.syntax ? "says" : "has no meta group that says its transfer syntax and is read as",
            body.syntax->name),
        kMendSyntax);
  if (body.syntax && layout.has_pixels && !layout.in_fragments && !is_uncompressed(*body.syntax))
    throw Error(where,
        fmt::format(
            "says {} (compressed), its pixel data are uncompressed: they are in no fragments", body.syntax->name),
        kMendSyntax);
  if (layout.left_out > 0)
    opened.warnings.push_back(fmt::format(
        "the DICOM file goes on with {} bytes behind its pixel data that are no elements; they are left out",
        layout.left_out));
  if (layout.lacks_delimiter) {
    constexpr std::array<unsigned char, 8> kDelimiter = {0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0};  // PS3.5 7.5
    std::vector<std::byte> ended(body.bytes.begin(), body.bytes.begin() + static_cast<ptrdiff_t>(layout.end));
    for (const unsigned char byte : kDelimiter) ended.push_back(std::byte{byte});
    body.own = std::move(ended);
    body.bytes = body.own;
    opened.warnings.push_back(
        "the compressed pixel data of the DICOM file end without a Sequence Delimitation Item (FFFE,E0DD); what is "
        "there is read. Export the file again to have it whole");
  } else {
    body.bytes = body.bytes.first(layout.end);
  }
}

std::unique_ptr<DcmDataset> parse(std::span<const std::byte> bytes, E_TransferSyntax syntax,
    std::vector<std::string>& warnings, const std::string& where) {
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  auto data_set = std::make_unique<DcmDataset>();
  data_set->transferInit();
  const OFCondition status = data_set->read(stream, syntax);
  data_set->transferEnd();
  if (status.bad())
    throw Error(where, fmt::format("is a damaged or truncated DICOM file ({})", status.text()),
        "Copy or export the file again.");
  resolve_unknown_vrs(*data_set, warnings);
  return data_set;
}

StoredBits bits_of(DicomValues& values) {
  StoredBits bits;
  bits.allocated = values.whole(DCM_BitsAllocated).value_or(0);
  bits.stored = values.whole(DCM_BitsStored).value_or(bits.allocated);
  bits.high_bit = values.whole(DCM_HighBit).value_or(bits.stored - 1);
  const int representation = values.whole(DCM_PixelRepresentation).value_or(0);
  if (representation > 1)
    values.complain(DCM_PixelRepresentation, fmt::format("{}", representation),
        "neither 0 (unsigned) nor 1 (signed); the values are read as unsigned. Correct the attribute");
  bits.is_signed = representation == 1;
  return bits;
}

FrameForm form_of(DcmItem& item, std::vector<std::string>& warnings, const std::string& where) {
  DicomValues values(item, warnings);
  FrameForm form;
  if (!item.tagExists(DCM_Rows) || !item.tagExists(DCM_Columns))
    throw Error(where, "is a DICOM file without a picture, or truncated before it", "Give a CR, DX or SC image.");
  form.width = values.whole(DCM_Columns).value_or(0);
  form.height = values.whole(DCM_Rows).value_or(0);
  check_dimensions(form.width, form.height, where);
  form.samples = values.whole(DCM_SamplesPerPixel).value_or(1);
  form.planar = values.whole(DCM_PlanarConfiguration).value_or(0) == 1;
  form.photometric = values.code(DCM_PhotometricInterpretation);
  form.frames = std::max(1, values.whole(DCM_NumberOfFrames).value_or(1));
  form.bits = bits_of(values);
  const StoredBits& bits = form.bits;
  if (!bits.valid() || (form.samples == 3 && bits.allocated != 8) || (form.samples != 1 && form.samples != 3))
    throw Error(where,
        fmt::format("has {} samples a pixel with {} bits allocated, {} stored, high bit {}, which is not read",
            form.samples, bits.allocated, bits.stored, bits.high_bit),
        "Export it with 8 or 16 bits allocated, grey or 8-bit RGB.");
  if (form.samples == 1 && form.photometric.empty())
    warnings.push_back(
        "the DICOM file has no Photometric Interpretation (0028,0004); it is read as MONOCHROME2. If the picture looks "
        "inverted, add the attribute");
  const bool grey = form.photometric == "MONOCHROME1" || form.photometric == "MONOCHROME2" || form.photometric.empty();
  if (form.samples == 1 && !grey)
    throw Error(where,
        fmt::format("has palette colours or another grey form that is not read ({} is {})",
            attribute_name(DCM_PhotometricInterpretation), quoted_value(form.photometric)),
        "Export it as MONOCHROME2 or RGB.");
  return form;
}

}  // namespace

void set_up_dcmtk(const std::string& where) {
  static std::once_flag once;
  std::call_once(
      once, [] { OFLog::configure(OFLogger::OFF_LOG_LEVEL); });  // its messages can quote the file's contents
  if (!dcmDataDict.isDictionaryLoaded())
    throw Error(where, "cannot be read: DCMTK finds no DICOM data dictionary",
        "Install Debian's libdcmtk17 whole, or name dicom.dic in the environment variable DCMDICTPATH.");
}

std::string dicom_text(DcmItem& item, const DcmTagKey& tag) {
  OFString value;
  if (item.findAndGetOFStringArray(tag, value).bad()) return "";
  return std::string(trim_ascii(value.c_str(), " "));
}

OpenedDicom open_dicom(std::span<const std::byte> bytes, const std::string& where) {
  set_up_dcmtk(where);
  const DicomHead head = read_dicom_head(bytes, where);
  OpenedDicom opened;
  opened.syntax = head.transfer_syntax.empty() ? nullptr : &syntax_of(head.transfer_syntax, where);
  Body body{bytes.subspan(head.data_set), {}, opened.syntax};
  settle_encoding(body, opened, where);
  check_item_count(body.bytes, where);
  settle_end(body, opened, where);
  const E_TransferSyntax parsed_as = !body.syntax ? EXS_Unknown
                                     : body.syntax->packing == DicomPacking::kDeflated
                                         ? EXS_LittleEndianExplicit
                                         : DcmXfer(body.syntax->uid).getXfer();
  opened.data_set = parse(body.bytes, parsed_as, opened.warnings, where);
  opened.form = form_of(*opened.data_set, opened.warnings, where);
  opened.syntax =
      body.syntax ? body.syntax
                  : &syntax_of(DcmXfer(opened.data_set->getOriginalXfer()).getXferID(), where);  // as DCMTK found it
  return opened;
}

}  // namespace hilum
