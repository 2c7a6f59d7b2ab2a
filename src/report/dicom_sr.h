// A report as DICOM structured reports: an Imaging Measurement Report, TID 1500 (PS3.16), the form IHE AI Results names
// for findings with places, and a narrative one, TID 2000. Trees, codes and what stays out: docs/results.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "image/dicom_reference.h"
#include "report/dicom_sr_tree.h"
#include "report/finding_codes.h"
#include "report/report.h"

namespace hilum {

inline constexpr const char* kDicomMediaType = "application/dicom";

struct SrOptions {
  bool comprehensive_3d = true;  // of the measurement report: Comprehensive 3D SR, as IHE AI Results asks; false:
                                 // Comprehensive SR, for older viewers. One content
  SrLayout layout = SrLayout::kViewer;
  int64_t time_s = 0;  // when the report was made, seconds since 1970-01-01 UTC
  int utc_offset_minutes =
      0;               // of the clock that content date and time show, where the frontal's file does not name its own
  FindingCoder coder;  // null: no finding gets a code
  std::string device_uid;                // of the observer; empty: installation_uid()
  std::function<std::string()> new_uid;  // null: new_dicom_uid(). Of series, instance and each measurement group
};

// The bytes of a Part 10 file, explicit VR little endian, text in UTF-8. Patient and study are those of the frontal's
// file; series and instance are new. COMPLETE, UNVERIFIED, PRELIMINARY. A measurement group (TID 1410) a box, its
// corners in pixels of the stored frontal (x = x_norm * Columns, clipped to the image); sentences without box as the
// layout says. The model is named in Contributing Equipment. `images`: all that the report was made from. Throws Error
// as check_sr_references(); for a report whose frontal has another size than the file's, and for a box that is not
// finite. Viewers open no measurement report without a region: written_srs() knows when there is to be one.
std::string to_dicom_sr(const Report& report, const StudyReferences& images, const SrOptions& options);

// The narrative document, Basic Text SR: the notice, the warnings and every sentence as text. Same header, same errors.
std::string to_dicom_text_sr(const Report& report, const StudyReferences& images, const SrOptions& options);

// What is written for a report: the narrative always, and before it the measurement report where a box has a region (or
// the layout is kGroups). Two series of one study.
struct SrDocuments {
  std::string first;  // the measurement report; without one the narrative
  std::string text;   // the narrative beside a measurement report; else empty
};
SrDocuments to_dicom_srs(const Report& report, const StudyReferences& images, const SrOptions& options);

// Throws Error, without naming the patient, where a structured report cannot be written: no frontal from a DICOM file,
// or one of the images lacks a SOP class, SOP instance, series or study UID.
void check_sr_references(const StudyReferences& images);

}  // namespace hilum
