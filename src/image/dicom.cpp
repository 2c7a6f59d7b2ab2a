// DICOM: attributes -> what the grey pipeline needs, metadata, warnings. Pixels: dicom_frame. Arithmetic: dicom_grey.
#include <algorithm>
#include <memory>
#include <string_view>

#include <fmt/core.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdatset.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcelem.h>

#include "base/ascii.h"
#include "image/decoders.h"
#include "image/dicom_frame.h"
#include "image/dicom_open.h"
#include "image/dicom_values.h"
#include "image/study_checks.h"

namespace hilum {

namespace {

// ---- attributes
// -----------------------------------------------------------------------------------------------------------

// Pixel Spacing (at the patient), else Imager Pixel Spacing (at the detector). 0\0 and the like count as absent.
double spacing_of(DicomValues& values) {
  for (const DcmTagKey& tag : {DCM_PixelSpacing, DCM_ImagerPixelSpacing}) {
    const double row = values.number(tag, 0).value_or(0), column = values.number(tag, 1).value_or(0);
    if (row > 0 && column > 0) return row;
  }
  return 0;
}

ImageMetadata metadata_of(DicomValues& values) {
  ImageMetadata metadata;
  metadata.format = "dicom";
  metadata.patient_id = values.text(DCM_PatientID);
  metadata.study_instance_uid = values.text(DCM_StudyInstanceUID);
  metadata.study_date = values.text(DCM_StudyDate);
  metadata.view_position = values.text(DCM_ViewPosition);
  metadata.patient_orientation = values.text(DCM_PatientOrientation);
  metadata.body_part = values.text(DCM_BodyPartExamined);
  metadata.burned_in_annotation = values.code(DCM_BurnedInAnnotation) == "YES";
  metadata.spacing_mm = spacing_of(values);
  return metadata;
}

// ---- grey-level transforms
// ------------------------------------------------------------------------------------------------

// The first item of a modality or VOI LUT sequence; a warning and no value when it does not hold what it promises.
std::optional<LookupTable> lookup_table(
    DicomValues& data_set, const DcmTagKey& tag, bool is_signed, const char* name, DecodedImage& decoded) {
  DcmItem* item = nullptr;
  if (data_set.item().findAndGetSequenceItem(tag, item, 0).bad() || !item) return std::nullopt;
  DicomValues values(*item, decoded.warnings);
  const auto entries = values.us_or_ss(DCM_LUTDescriptor, false, 0),
             bits = values.us_or_ss(DCM_LUTDescriptor, false, 2);
  const auto first = values.us_or_ss(DCM_LUTDescriptor, is_signed, 1);
  const Uint16* data = nullptr;
  unsigned long words = 0;
  item->findAndGetUint16Array(DCM_LUTData, data, &words);
  if (entries && first && bits && data) {
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

void warn_of_depth(const LookupTable& lut, DecodedImage& decoded) {
  if (lut.has_its_depth()) return;
  const std::string range = lut.bits >= 1 && lut.bits <= 16 ? fmt::format(" (0..{})", (1u << lut.bits) - 1) : "";
  decoded.warnings.push_back(fmt::format(
      "the VOI LUT of the DICOM file says {} bits{} in its LUT Descriptor (0028,3002), and its entries end at "
      "{}; the largest entry is shown white. Correct the descriptor",
      lut.bits, range, lut.white()));
}

std::optional<Window> window_of(DicomValues& values) {
  const auto center = values.number(DCM_WindowCenter), width = values.number(DCM_WindowWidth);
  if (!center || !width) return std::nullopt;
  Window window{*center, *width};
  const std::string function = values.code(DCM_VOILUTFunction);
  if (function == "SIGMOID") window.function = WindowFunction::kSigmoid;
  else if (function == "LINEAR_EXACT") window.function = WindowFunction::kLinearExact;
  else if (!function.empty() && function != "LINEAR")
    values.complain(DCM_VOILUTFunction, "which is not known; the window is taken as LINEAR. Correct the attribute");
  DcmElement* element = nullptr;
  if (values.item().findAndGetElement(DCM_WindowCenter, element).good() && element)
    window.count = static_cast<int>(std::max(1ul, element->getVM()));
  return window;
}

// Rescale and window. Without a readable rescale a window says nothing: it is in rescaled values.
void read_rescale_and_window(DicomValues& values, GreyRules& rules, DecodedImage& decoded) {
  const auto slope = values.number(DCM_RescaleSlope), intercept = values.number(DCM_RescaleIntercept);
  const bool lost = (!slope && values.has(DCM_RescaleSlope)) || (!intercept && values.has(DCM_RescaleIntercept));
  rules.window = window_of(values);
  if (lost) {
    if (rules.window)
      decoded.warnings.push_back(
          "the window of the DICOM file is left out too: it is meant for rescaled values; percentiles 1-99 are used");
    rules.window.reset();
    return;
  }
  rules.slope = slope.value_or(1);
  rules.intercept = intercept.value_or(0);
  if (rules.slope == 0) {
    decoded.warnings.push_back("the rescale slope in the DICOM file is 0 and left out");
    rules.slope = 1;
  }
}

GreyRules grey_rules(DicomValues& values, const FrameForm& form, const StoredBits& bits, DecodedImage& decoded) {
  GreyRules rules;
  rules.bits = bits;
  read_rescale_and_window(values, rules, decoded);
  rules.modality_lut = lookup_table(values, DCM_ModalityLUTSequence, bits.is_signed, "modality lut", decoded);
  const bool can_be_negative = !rules.modality_lut && (bits.is_signed || rules.intercept < 0 || rules.slope < 0);
  rules.voi_lut = lookup_table(values, DCM_VOILUTSequence, can_be_negative, "voi lut", decoded);
  if (rules.voi_lut) warn_of_depth(*rules.voi_lut, decoded);
  rules.monochrome1 = form.photometric == "MONOCHROME1";
  const std::string shape = values.code(DCM_PresentationLUTShape);
  rules.inverse_shape = shape == "INVERSE";
  if (!shape.empty() && shape != "INVERSE" && shape != "IDENTITY")
    values.complain(DCM_PresentationLUTShape, "which is not known; it is left out. Correct the attribute");
  rules.padding = values.us_or_ss(DCM_PixelPaddingValue, bits.is_signed);
  rules.padding_limit = values.us_or_ss(DCM_PixelPaddingRangeLimit, bits.is_signed);
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
  const std::string orientation = upper_ascii(metadata.patient_orientation);
  if (orientation.empty() || is_lateral_view(metadata.view_position)) return;
  // A frontal is shown as if the patient faced the reader: rows run towards the patient's left (PS3.3 C.7.6.1.1.1).
  if (orientation[0] == 'R')
    decoded.warnings.push_back(
        "PatientOrientation says that the picture is mirrored: its rows run towards the patient's right");
  const size_t column = orientation.find('\\');
  if (column != std::string::npos && column + 1 < orientation.size() && orientation[column + 1] == 'H')
    decoded.warnings.push_back("PatientOrientation says that the picture is upside down");
}

}  // namespace

StoredPicture read_dicom_stored(std::span<const std::byte> bytes, const std::string& where) {
  const OpenedDicom opened = open_dicom(bytes, where);
  DecodedImage ignored;
  return {opened.form, read_first_frame(*opened.data_set, opened.form, *opened.syntax, ignored, where)};
}

ImageMetadata dicom_metadata(std::span<const std::byte> bytes, const std::string& where) {
  OpenedDicom opened = open_dicom(bytes, where);
  DicomValues values(*opened.data_set, opened.warnings);
  return metadata_of(values);
}

DecodedImage decode_dicom(
    std::span<const std::byte> bytes, const std::string& where, int64_t max_pixels, int grey_bits) {
  const OpenedDicom opened = open_dicom(bytes, where);
  const FrameForm& form = opened.form;
  check_dimensions(form.width, form.height, where, max_pixels);
  DecodedImage decoded;
  decoded.warnings = opened.warnings;
  DicomValues values(*opened.data_set, decoded.warnings);
  decoded.metadata = metadata_of(values);
  warn_of_sop_class(values.text(DCM_SOPClassUID), decoded);
  warn_of_metadata(decoded.metadata, decoded);
  if (opened.syntax->packing != DicomPacking::kNative)
    decoded.steps.push_back(fmt::format("decompressed {}", opened.syntax->name));
  if (form.frames > 1) {
    decoded.steps.push_back(fmt::format("first of {} frames", form.frames));
    decoded.warnings.push_back(fmt::format("the DICOM file has {} frames; only the first is used", form.frames));
  }
  DicomFrame frame = read_first_frame(*opened.data_set, form, *opened.syntax, decoded, where);
  if (form.samples == 1) {
    render_grey(
        frame.cells, form.width, form.height, grey_rules(values, form, frame.bits, decoded), decoded, where, grey_bits);
    return decoded;
  }
  decoded.pixels.width = form.width;
  decoded.pixels.height = form.height;
  decoded.pixels.channels = 3;
  decoded.pixels.data8 = std::move(frame.rgb);
  return decoded;
}

}  // namespace hilum
