// An opened DICOM file, for the files of this folder that read one with DCMTK.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "image/dicom_frame.h"

class DcmDataset;
class DcmItem;
class DcmTagKey;

namespace hilum {

struct OpenedDicom {
  std::unique_ptr<DcmDataset> data_set;
  const DicomTransferSyntax* syntax = nullptr;
  FrameForm form;
  std::vector<std::string> warnings;  // of what had to be read otherwise than the file says
};

// Parses a file within bounds and checks that it holds a picture of a kind that is read; pixels are not decoded. A data
// set that is encoded otherwise than the meta group says is read as it is; known attributes under VR UN get their VR.
// Throws Error naming `where` and never repeating what the file says of the patient.
OpenedDicom open_dicom(std::span<const std::byte> bytes, const std::string& where);

// DCMTK made silent, its dictionary there; needed before anything else of it. Throws Error(where, ...) without a
// dictionary.
void set_up_dcmtk(const std::string& where);

// An attribute as text without blanks around it, several values joined by backslashes; empty where there is none.
std::string dicom_text(DcmItem& item, const DcmTagKey& tag);

}  // namespace hilum
