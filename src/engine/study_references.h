// What the DICOM files of a study say of themselves, for the results that must name them (FHIR, DICOM SR).
#pragma once

#include "engine/study_request.h"
#include "image/dicom_reference.h"

namespace hilum {

// Of each image of the request that is a DICOM file. Throws Error naming the file for one that is damaged.
StudyReferences read_study_references(const StudyRequest& request);

// Throws Error where a DICOM structured report cannot be written of this study (check_sr_references), or one of its
// images is no DICOM file.
void check_sr_request(const StudyRequest& request, const StudyReferences& references);

}  // namespace hilum
