// DICOM: attributes -> what the grey pipeline needs, metadata, warnings. Pixels: dicom_frame. Arithmetic: dicom_grey.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <mutex>
#include <string_view>

#include <fmt/core.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcdict.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcsequen.h>
#include <dcmtk/dcmdata/dcxfer.h>
#include <dcmtk/oflog/oflog.h>

#include "base/ascii.h"
#include "base/error.h"
#include "image/decoders.h"
#include "image/dicom_frame.h"
#include "image/dicom_head.h"
#include "image/dicom_open.h"
#include "image/study_checks.h"

namespace hilum {

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

namespace {

// ---- attributes
// -----------------------------------------------------------------------------------------------------------

std::optional<double> number(DcmItem& item, const DcmTagKey& tag, unsigned long index = 0) {
  Float64 value = 0;
  if (item.findAndGetFloat64(tag, value, index).bad() || !std::isfinite(value)) return std::nullopt;
  return value;
}

int whole(DcmItem& item, const DcmTagKey& tag, int otherwise) {
  Uint16 value = 0;
  return item.findAndGetUint16(tag, value).good() ? value : otherwise;
}

// A 16-bit attribute that may be US or SS, read by the sign of the values it speaks of.
std::optional<int32_t> us_or_ss(DcmItem& item, const DcmTagKey& tag, bool is_signed, unsigned long index = 0) {
  Uint16 u = 0;
  Sint16 s = 0;
  if (item.findAndGetUint16(tag, u, index).bad()) {
    if (item.findAndGetSint16(tag, s, index).bad()) return std::nullopt;
    u = static_cast<Uint16>(s);
  }
  return is_signed ? static_cast<int32_t>(static_cast<int16_t>(u)) : static_cast<int32_t>(u);
}

// Pixel Spacing (at the patient), else Imager Pixel Spacing (at the detector). 0\0 and the like count as absent.
double spacing_of(DcmItem& item) {
  for (const DcmTagKey& tag : {DCM_PixelSpacing, DCM_ImagerPixelSpacing}) {
    const double row = number(item, tag, 0).value_or(0), column = number(item, tag, 1).value_or(0);
    if (row > 0 && column > 0) return row;
  }
  return 0;
}

ImageMetadata metadata_of(DcmItem& item) {
  ImageMetadata metadata;
  metadata.format = "dicom";
  metadata.patient_id = dicom_text(item, DCM_PatientID);
  metadata.study_instance_uid = dicom_text(item, DCM_StudyInstanceUID);
  metadata.study_date = dicom_text(item, DCM_StudyDate);
  metadata.view_position = dicom_text(item, DCM_ViewPosition);
  metadata.patient_orientation = dicom_text(item, DCM_PatientOrientation);
  metadata.body_part = dicom_text(item, DCM_BodyPartExamined);
  metadata.burned_in_annotation = dicom_text(item, DCM_BurnedInAnnotation) == "YES";
  metadata.spacing_mm = spacing_of(item);
  return metadata;
}

// ---- grey-level transforms
// ------------------------------------------------------------------------------------------------

// The first item of a modality or VOI LUT sequence; a warning and no value when it does not hold what it promises.
std::optional<LookupTable> lookup_table(
    DcmItem& data_set, const DcmTagKey& tag, bool is_signed, const char* name, DecodedImage& decoded) {
  DcmItem* item = nullptr;
  if (data_set.findAndGetSequenceItem(tag, item, 0).bad() || !item) return std::nullopt;
  const auto entries = us_or_ss(*item, DCM_LUTDescriptor, false, 0),
             bits = us_or_ss(*item, DCM_LUTDescriptor, false, 2);
  const auto first = us_or_ss(*item, DCM_LUTDescriptor, is_signed, 1);
  const Uint16* data = nullptr;
  unsigned long words = 0;
  item->findAndGetUint16Array(DCM_LUTData, data, &words);
  if (entries && first && bits && *bits >= 1 && *bits <= 16 && data) {
    const size_t count = *entries == 0 ? 65536 : static_cast<size_t>(*entries);
    LookupTable table{*first, *bits, {}};
    if (words >= count) table.entries.assign(data, data + count);
    else if (*bits <= 8 && words == (count + 1) / 2)  // two entries in a word
      for (size_t i = 0; i < count; ++i)
        table.entries.push_back(static_cast<uint16_t>(i % 2 ? data[i / 2] >> 8 : data[i / 2] & 0xff));
    if (!table.entries.empty()) return table;
  }
  decoded.warnings.push_back(fmt::format("the {} in the DICOM file is damaged and left out", name));
  return std::nullopt;
}

std::optional<Window> window_of(DcmItem& item) {
  const auto center = number(item, DCM_WindowCenter), width = number(item, DCM_WindowWidth);
  if (!center || !width) return std::nullopt;
  Window window{*center, *width};
  const std::string function = dicom_text(item, DCM_VOILUTFunction);
  if (function == "SIGMOID") window.function = WindowFunction::kSigmoid;
  if (function == "LINEAR_EXACT") window.function = WindowFunction::kLinearExact;
  DcmElement* element = nullptr;
  if (item.findAndGetElement(DCM_WindowCenter, element).good() && element)
    window.count = static_cast<int>(std::max(1ul, element->getVM()));
  return window;
}

GreyRules grey_rules(DcmItem& item, const FrameForm& form, DecodedImage& decoded) {
  GreyRules rules;
  rules.bits = form.bits;
  rules.slope = number(item, DCM_RescaleSlope).value_or(1);
  rules.intercept = number(item, DCM_RescaleIntercept).value_or(0);
  if (rules.slope == 0) {
    decoded.warnings.push_back("the rescale slope in the DICOM file is 0 and left out");
    rules.slope = 1;
  }
  rules.modality_lut = lookup_table(item, DCM_ModalityLUTSequence, form.bits.is_signed, "modality lut", decoded);
  const bool can_be_negative = !rules.modality_lut && (form.bits.is_signed || rules.intercept < 0 || rules.slope < 0);
  rules.voi_lut = lookup_table(item, DCM_VOILUTSequence, can_be_negative, "voi lut", decoded);
  rules.window = window_of(item);
  rules.monochrome1 = form.photometric == "MONOCHROME1";
  rules.inverse_shape = dicom_text(item, DCM_PresentationLUTShape) == "INVERSE";
  rules.padding = us_or_ss(item, DCM_PixelPaddingValue, form.bits.is_signed);
  rules.padding_limit = us_or_ss(item, DCM_PixelPaddingRangeLimit, form.bits.is_signed);
  return rules;
}

// ---- what to say about the file
// -------------------------------------------------------------------------------------------

void warn_of_sop_class(const std::string& uid, DecodedImage& decoded) {
  constexpr std::string_view kStorage = "1.2.840.10008.5.1.4.1.1.";
  const bool is_uid =
      !uid.empty() && uid.find_first_not_of("0123456789.") == std::string::npos;  // else it is not repeated
  const std::string kind = uid.starts_with(kStorage) ? uid.substr(kStorage.size()) : "?";
  if (kind == "1" || kind == "1.1" || kind == "7" || kind.starts_with("7.")) return;  // CR, DX for presentation, SC
  if (kind == "1.1.1")
    decoded.warnings.push_back("the DICOM file is DX for processing: raw values, not meant for display");
  else
    decoded.warnings.push_back(
        fmt::format("the DICOM file is not a CR, DX or SC image (SOP class {})", is_uid ? uid : "not given"));
}

void warn_of_metadata(const ImageMetadata& metadata, DecodedImage& decoded) {
  if (metadata.burned_in_annotation)
    decoded.warnings.push_back("the DICOM file says that text is burned into its pixels; it may name the patient");
  const std::string& orientation = metadata.patient_orientation;
  if (orientation.empty() || is_lateral_view(metadata.view_position)) return;
  // A frontal is shown as if the patient faced the reader: rows run towards the patient's left (PS3.3 C.7.6.1.1.1).
  if (orientation[0] == 'R')
    decoded.warnings.push_back(
        "PatientOrientation says that the picture is mirrored: its rows run towards the patient's right");
  const size_t column = orientation.find('\\');
  if (column != std::string::npos && column + 1 < orientation.size() && orientation[column + 1] == 'H')
    decoded.warnings.push_back("PatientOrientation says that the picture is upside down");
}

// ---- reading
// --------------------------------------------------------------------------------------------------------------

const DicomTransferSyntax& syntax_of(const std::string& uid, const std::string& where) {
  if (const DicomTransferSyntax* syntax = find_transfer_syntax(uid)) return *syntax;
  const char* mend = "Convert it to JPEG 2000 or to explicit little endian.";
  if (uid == "1.2.840.10008.1.2.4.201" || uid == "1.2.840.10008.1.2.4.202" || uid == "1.2.840.10008.1.2.4.203")
    throw Error(where,
        fmt::format("is compressed with HTJ2K (High-Throughput JPEG 2000, transfer syntax {}), which is not read", uid),
        mend);
  throw Error(where, fmt::format("is in transfer syntax {}, which is not read", uid), mend);
}

std::unique_ptr<DcmDataset> parse(std::span<const std::byte> bytes, E_TransferSyntax syntax, const std::string& where) {
  check_item_count(bytes, where);
  check_element_lengths(bytes, syntax == EXS_BigEndianExplicit, where);
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
  return data_set;
}

FrameForm form_of(DcmItem& item, const std::string& where) {
  FrameForm form;
  form.width = whole(item, DCM_Columns, 0);
  form.height = whole(item, DCM_Rows, 0);
  if (!item.tagExists(DCM_Rows) || !item.tagExists(DCM_Columns))
    throw Error(where, "is a DICOM file without a picture, or truncated before it", "Give a CR, DX or SC image.");
  check_dimensions(form.width, form.height, where);
  form.samples = whole(item, DCM_SamplesPerPixel, 1);
  form.planar = whole(item, DCM_PlanarConfiguration, 0) == 1;
  form.photometric = dicom_text(item, DCM_PhotometricInterpretation);
  Sint32 frames = 1;
  if (item.findAndGetSint32(DCM_NumberOfFrames, frames).good()) form.frames = std::max(1, static_cast<int>(frames));
  StoredBits& bits = form.bits;
  bits.allocated = whole(item, DCM_BitsAllocated, 0);
  bits.stored = whole(item, DCM_BitsStored, bits.allocated);
  bits.high_bit = whole(item, DCM_HighBit, bits.stored - 1);
  bits.is_signed = whole(item, DCM_PixelRepresentation, 0) == 1;
  if (!bits.valid() || (form.samples == 3 && bits.allocated != 8) || (form.samples != 1 && form.samples != 3))
    throw Error(where,
        fmt::format("has {} samples a pixel with {} bits allocated, {} stored, high bit {}, which is not read",
            form.samples, bits.allocated, bits.stored, bits.high_bit),
        "Export it with 8 or 16 bits allocated, grey or 8-bit RGB.");
  const bool grey = form.photometric == "MONOCHROME1" || form.photometric == "MONOCHROME2" || form.photometric.empty();
  if (form.samples == 1 && !grey)
    throw Error(where, "has palette colours or another grey form that is not read", "Export it as MONOCHROME2 or RGB.");
  return form;
}

}  // namespace

OpenedDicom open_dicom(std::span<const std::byte> bytes, const std::string& where) {
  set_up_dcmtk(where);
  const DicomHead head = read_dicom_head(bytes, where);
  std::span<const std::byte> body = bytes.subspan(head.data_set);
  OpenedDicom opened;
  opened.syntax = head.transfer_syntax.empty() ? nullptr : &syntax_of(head.transfer_syntax, where);
  std::vector<std::byte> inflated;
  E_TransferSyntax parsed_as = opened.syntax ? DcmXfer(opened.syntax->uid).getXfer() : EXS_Unknown;
  if (opened.syntax && opened.syntax->packing == DicomPacking::kDeflated) {
    inflated = inflate_data_set(body, where);
    body = inflated;
    parsed_as = EXS_LittleEndianExplicit;
  }
  opened.data_set = parse(body, parsed_as, where);
  opened.form = form_of(*opened.data_set, where);
  if (!opened.syntax)
    opened.syntax = &syntax_of(DcmXfer(opened.data_set->getOriginalXfer()).getXferID(), where);  // as DCMTK found it
  return opened;
}

StoredPicture read_dicom_stored(std::span<const std::byte> bytes, const std::string& where) {
  const OpenedDicom opened = open_dicom(bytes, where);
  return {opened.form, read_first_frame(*opened.data_set, opened.form, *opened.syntax, where)};
}

ImageMetadata dicom_metadata(std::span<const std::byte> bytes, const std::string& where) {
  return metadata_of(*open_dicom(bytes, where).data_set);
}

DecodedImage decode_dicom(
    std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels, int grey_bits) {
  const OpenedDicom opened = open_dicom(bytes, where);
  const FrameForm& form = opened.form;
  check_dimensions(form.width, form.height, where, max_pixels);
  DecodedImage decoded;
  decoded.metadata = metadata_of(*opened.data_set);
  warn_of_sop_class(dicom_text(*opened.data_set, DCM_SOPClassUID), decoded);
  warn_of_metadata(decoded.metadata, decoded);
  if (opened.syntax->packing != DicomPacking::kNative)
    decoded.steps.push_back(fmt::format("decompressed {}", opened.syntax->name));
  if (form.frames > 1) {
    decoded.steps.push_back(fmt::format("first of {} frames", form.frames));
    decoded.warnings.push_back(fmt::format("the DICOM file has {} frames; only the first is used", form.frames));
  }
  DicomFrame frame = read_first_frame(*opened.data_set, form, *opened.syntax, where);
  if (form.samples == 1) {
    render_grey(
        frame.cells, form.width, form.height, grey_rules(*opened.data_set, form, decoded), decoded, where, grey_bits);
    return decoded;
  }
  decoded.pixels.width = form.width;
  decoded.pixels.height = form.height;
  decoded.pixels.channels = 3;
  decoded.pixels.data8 = std::move(frame.rgb);
  if (form.photometric != "RGB") decoded.steps.push_back("colour to rgb");
  return decoded;
}

}  // namespace hilum
