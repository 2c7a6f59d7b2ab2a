// Any bytes as a report file, read and put in every form.
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "report/dicom_sr.h"
#include "report/fhir.h"
#include "report/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const hilum::Report report = hilum::report_from_json(hilum::parse_json(bytes, "fuzz"), "fuzz");
    (void)hilum::to_json_text(report);
    (void)hilum::to_text(report);
    hilum::DicomReference image;
    image.sop_class_uid = "1.2.840.10008.5.1.4.1.1.1";
    image.sop_instance_uid = image.series_instance_uid = image.study_instance_uid = "1.2.3";
    image.columns = report.image_width;
    image.rows = report.image_height;
    (void)hilum::to_fhir_text(report, {image, {}, {}}, {});
    (void)hilum::to_dicom_sr(report, {image, {}, {}}, {});
  } catch (const hilum::Error&) {
  }
  return 0;
}
