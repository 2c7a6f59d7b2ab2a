// The structured report read back with DCMTK and held against the template, row by row; and against dicom3tools'
// dciodvfy where it is installed.
#include "report/dicom_sr.h"

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <memory>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <dcmtk/config/osconfig.h>
#include <dcmtk/dcmdata/dcdeftag.h>
#include <dcmtk/dcmdata/dcfilefo.h>
#include <dcmtk/dcmdata/dcistrmb.h>
#include <dcmtk/dcmdata/dcmetinf.h>
#include <dcmtk/dcmsr/dsrdoc.h>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/file.h"
#include "base/temp_folder_for_test.h"
#include "image/dicom_test_file.h"
#include "report/dicom_sr_check_for_test.h"
#include "report/dicom_sr_rows.h"
#include "report/result_files_for_test.h"

namespace hilum {
namespace {

using testing::HasSubstr;
using testing::Not;

SrOptions options() {
  SrOptions o;
  o.time_s = kTestTime;
  o.utc_offset_minutes = 90;
  o.coder = test_coder;
  o.device_uid = "2.25.7";
  return o;
}

std::unique_ptr<DcmFileFormat> parsed(const std::string& bytes) {
  auto file = std::make_unique<DcmFileFormat>();
  DcmInputBufferStream stream;
  stream.setBuffer(bytes.data(), static_cast<offile_off_t>(bytes.size()));
  stream.setEos();
  file->transferInit();
  EXPECT_TRUE(file->read(stream).good());
  file->transferEnd();
  return file;
}

std::string value(DcmItem& item, const DcmTagKey& tag) {
  OFString text;
  item.findAndGetOFStringArray(tag, text);
  return text.c_str();
}

std::string code_of(const DSRCodedEntryValue& code) {
  return (code.getCodeValue() + " " + code.getCodingSchemeDesignator() + " " + code.getCodeMeaning()).c_str();
}

// The tree as lines "level RELATION TYPE concept = value", in order; UIDs that are new each time are "uid".
std::vector<std::string> rows_of(DSRDocumentTree& tree, std::vector<std::string>* new_uids = nullptr) {
  std::vector<std::string> rows;
  DSRDocumentTreeNodeCursor cursor;
  EXPECT_TRUE(tree.getCursorToRootNode(cursor));
  do {
    const DSRDocumentTreeNode* node = cursor.getNode();
    tree.gotoNode(cursor.getNodeID());
    DSRContentItem& item = tree.getCurrentContentItem();
    const auto type = node->getValueType();
    std::string line = std::to_string(cursor.getLevel() - 1) + " ";
    line += std::string(DSRTypes::relationshipTypeToDefinedTerm(node->getRelationshipType())) + " " +
            DSRTypes::valueTypeToDefinedTerm(type);
    if (!node->getConceptName().isEmpty()) line += " [" + code_of(node->getConceptName()) + "]";
    if (type == DSRTypes::VT_Code) line += " = " + code_of(item.getCodeValue());
    if (type == DSRTypes::VT_Text) line += std::string(" = ") + item.getStringValue().c_str();
    if (type == DSRTypes::VT_UIDRef) {
      const std::string uid = item.getStringValue().c_str();
      line += uid == "2.25.7" ? " = " + uid : " = uid";
      if (new_uids && uid != "2.25.7") new_uids->push_back(uid);
    }
    if (type == DSRTypes::VT_Image)
      line += std::string(" = ") + item.getImageReference().getSOPClassUID().c_str() + " " +
              item.getImageReference().getSOPInstanceUID().c_str();
    if (type == DSRTypes::VT_SCoord) {
      DSRSpatialCoordinatesValue places = item.getSpatialCoordinates();
      line += std::string(" = ") + DSRTypes::graphicTypeToEnumeratedValue(places.getGraphicType());
      for (size_t i = 1; i <= places.getGraphicDataList().getNumberOfItems(); ++i) {
        Float32 column = 0, row = 0;
        places.getGraphicDataList().getItem(i, column, row);
        std::ostringstream pair;
        pair << " " << column << "," << row;
        line += pair.str();
      }
    }
    OFString name, resource;
    if (type == DSRTypes::VT_Container && item.getTemplateIdentification(name, resource).good() && !name.empty())
      line += std::string(" <") + resource.c_str() + " " + name.c_str() + ">";
    rows.push_back(line);
  } while (cursor.iterate());
  return rows;
}

struct ReadBack {
  std::unique_ptr<DcmFileFormat> file;
  std::unique_ptr<DSRDocument> document = std::make_unique<DSRDocument>();
  std::vector<std::string> rows, new_uids;
  explicit ReadBack(const std::string& bytes) : file(parsed(bytes)) {
    EXPECT_EQ(bytes.substr(128, 4), "DICM");
    EXPECT_TRUE(document->read(*file->getDataset()).good());
    rows = rows_of(document->getTree(), &new_uids);
  }
  DcmDataset& data_set() { return *file->getDataset(); }
};

// dciodvfy's findings; a test without it is skipped with a line.
bool have_dciodvfy() { return std::system("command -v dciodvfy > /dev/null 2>&1") == 0; }
std::string dciodvfy(const std::string& bytes) {
  const TempFolder folder;
  const fs::path file = folder / "sr.dcm";
  write_file(file, bytes);
  std::string said;
  FILE* pipe = popen(("dciodvfy '" + file.string() + "' 2>&1").c_str(), "r");
  for (char line[1000]; fgets(line, sizeof line, pipe);) said += line;
  pclose(pipe);
  return said;
}

const char* kAlgorithm = "3 HAS CONCEPT MOD TEXT [111001 DCM Algorithm Name] = tiny";
const std::string kParameters =
    "3 HAS CONCEPT MOD TEXT [111002 DCM Algorithm Parameters] = task=grounded; seed=0; sampling=greedy; weights "
    "sha256=" +
    std::string(64, 'a');
const char* kGroup = "2 CONTAINS CONTAINER [125007 DCM Measurement Group]";
const char* kSelected = "4 SELECTED FROM IMAGE [260753009 SCT Source] = 1.2.840.10008.5.1.4.1.1.1 1.2.3.4.1.1";

std::vector<std::string> box_group(const std::string& name, const std::vector<std::string>& finding,
    const std::string& points, const std::string& sentence) {
  std::vector<std::string> rows{kGroup + std::string(" <DCMR 1410>"),
      "3 HAS OBS CONTEXT TEXT [112039 DCM Tracking Identifier] = " + name,
      "3 HAS OBS CONTEXT UIDREF [112040 DCM Tracking Unique Identifier] = uid"};
  rows.insert(rows.end(), finding.begin(), finding.end());
  for (const std::string& row : {std::string(kAlgorithm),
           std::string("3 HAS CONCEPT MOD TEXT [111003 DCM Algorithm Version] = 0.1.0"), kParameters,
           std::string("3 CONTAINS CODE [130400 DCM Geometric purpose of region] = 75958009 SCT Bounded by"),
           "3 CONTAINS SCOORD [111030 DCM Image Region] = POLYLINE " + points, std::string(kSelected),
           "3 CONTAINS TEXT [121106 DCM Comment] = " + sentence})
    rows.push_back(row);
  return rows;
}

// The code of a finding that has none.
std::string label_code(const std::string& text) { return "T-" + sha256_hex(text).substr(0, 14) + " 99HILUM " + text; }

TEST(DicomSr, EveryRowOfTheTemplate) {
  ReadBack sr(to_dicom_sr(result_report(), test_references(), options()));
  std::vector<std::string> wanted{"0  CONTAINER [126000 DCM Imaging Measurement Report] <DCMR 1500>",
      "1 HAS CONCEPT MOD CODE [121049 DCM Language of Content Item and Descendants] = en-US RFC5646 English (United "
      "States)",
      "1 HAS OBS CONTEXT CODE [121005 DCM Observer Type] = 121007 DCM Device",
      "1 HAS OBS CONTEXT UIDREF [121012 DCM Device Observer UID] = 2.25.7",
      "1 HAS OBS CONTEXT TEXT [121013 DCM Device Observer Name] = Hilum 0.1.0",
      "1 HAS OBS CONTEXT TEXT [121014 DCM Device Observer Manufacturer] = Hilum",
      "1 HAS OBS CONTEXT TEXT [121015 DCM Device Observer Model Name] = tiny",
      "1 HAS OBS CONTEXT TEXT [121016 DCM Device Observer Serial Number] = 2.25.7",
      "1 HAS CONCEPT MOD CODE [121058 DCM Procedure reported] = 43468-8 LN XR unspecified body region",
      "1 CONTAINS TEXT [121106 DCM Comment] = AI generated, not reviewed. Research use only. Not a medical device.",
      "1 CONTAINS TEXT [121106 DCM Comment] = Warning: the prior report was dropped",
      "1 CONTAINS CONTAINER [111028 DCM Image Library]", "2 CONTAINS CONTAINER [126200 DCM Image Library Group]",
      "3 CONTAINS IMAGE = 1.2.840.10008.5.1.4.1.1.1 1.2.3.4.1.1",
      "3 CONTAINS IMAGE = 1.2.840.10008.5.1.4.1.1.1 1.2.3.4.2.1",
      "3 CONTAINS IMAGE = 1.2.840.10008.5.1.4.1.1.1 1.2.3.3.1.1",
      "1 CONTAINS CONTAINER [126010 DCM Imaging Measurements]"};
  const auto append = [&](const std::vector<std::string>& rows) {
    wanted.insert(wanted.end(), rows.begin(), rows.end());
  };
  const std::vector<std::string> effusion{
      "3 CONTAINS CODE [276214006 SCT Finding category] = 49755003 SCT Morphologically Abnormal Structure",
      "3 CONTAINS CODE [121071 DCM Finding] = 60046008 SCT Pleural effusion"};
  append(box_group("Finding 1 box 1", effusion, "1210,715 1770,715 1770,905 1210,905 1210,715",
      "There is a small left pleural effusion."));
  append(box_group("Finding 1 box 2", effusion, "200,200 600,200 600,400 200,400 200,200",
      "There is a small left pleural effusion."));
  const size_t between = wanted.size();
  append(box_group("Finding 3 box 1",
      {"3 CONTAINS CODE [276214006 SCT Finding category] = 49755003 SCT Morphologically Abnormal Structure",
          "3 CONTAINS CODE [121071 DCM Finding] = 112001 DCM Opacity",
          "3 CONTAINS CODE [363698007 SCT Finding Site] = 39607008 SCT Lung",
          "4 HAS CONCEPT MOD CODE [272741003 SCT Laterality] = 24028007 SCT Right"},
      "0,500 500,500 500,1000 0,1000 0,500", "Opacity in the right lung."));  // clipped from -0.25..0.25, 0.5..1.75
  const size_t end = wanted.size();
  append({"1 CONTAINS CONTAINER [C0034375 UMLS Qualitative Evaluations]",
      "2 CONTAINS TEXT [121071 DCM Finding] = The heart size is normal."});
  EXPECT_EQ(sr.rows, wanted);
  EXPECT_EQ(std::set<std::string>(sr.new_uids.begin(), sr.new_uids.end()).size(), 3u) << "tracking UIDs are distinct";

  SrOptions in_groups = options();
  in_groups.layout = SrLayout::kGroups;
  wanted.resize(end);
  const std::vector<std::string> without_region{kGroup + std::string(" <DCMR 1501>"),
      "3 HAS OBS CONTEXT TEXT [112039 DCM Tracking Identifier] = Finding 2",
      "3 HAS OBS CONTEXT UIDREF [112040 DCM Tracking Unique Identifier] = uid",
      "3 CONTAINS CODE [121071 DCM Finding] = " + label_code("The heart size is normal."), kAlgorithm,
      "3 HAS CONCEPT MOD TEXT [111003 DCM Algorithm Version] = 0.1.0", kParameters,
      "3 CONTAINS TEXT [121106 DCM Comment] = The heart size is normal."};
  wanted.insert(wanted.begin() + static_cast<ptrdiff_t>(between), without_region.begin(), without_region.end());
  EXPECT_EQ(ReadBack(to_dicom_sr(result_report(), test_references(), in_groups)).rows, wanted);
  for (const std::string& uid : sr.new_uids) EXPECT_TRUE(is_dicom_uid(uid)) << uid;
}

TEST(DicomSr, HeaderFlagsPatientAndStudy) {
  ReadBack sr(to_dicom_sr(result_report(), test_references(), options()));
  DcmDataset& d = sr.data_set();
  EXPECT_EQ(value(d, DCM_SOPClassUID), "1.2.840.10008.5.1.4.1.1.88.34");
  EXPECT_EQ(value(d, DCM_Modality), "SR");
  EXPECT_EQ(value(d, DCM_SpecificCharacterSet), "ISO_IR 192");
  EXPECT_EQ(value(d, DCM_CompletionFlag), "COMPLETE");
  EXPECT_EQ(value(d, DCM_VerificationFlag), "UNVERIFIED");
  EXPECT_EQ(value(d, DCM_PreliminaryFlag), "PRELIMINARY");
  EXPECT_EQ(value(d, DCM_CompletionFlagDescription), "AI generated, not reviewed. Research use only.");
  EXPECT_EQ(value(d, DCM_SeriesDescription), "AI, not reviewed: boxes, research use only");
  EXPECT_EQ(value(d, DCM_PatientName), "M\xc3\xbcller^Anna");
  EXPECT_EQ(value(d, DCM_PatientID), "PAT 42");
  EXPECT_EQ(value(d, DCM_IssuerOfPatientID), "HOSP");
  EXPECT_EQ(value(d, DCM_PatientBirthDate), "19600203");
  EXPECT_EQ(value(d, DCM_PatientSex), "F");
  EXPECT_EQ(value(d, DCM_PatientAge), "064Y");
  EXPECT_EQ(value(d, DCM_StudyInstanceUID), "1.2.3.4");
  EXPECT_EQ(value(d, DCM_StudyDate), "20250102");
  EXPECT_EQ(value(d, DCM_StudyTime), "101112");
  EXPECT_EQ(value(d, DCM_AccessionNumber), "ACC7");
  EXPECT_EQ(value(d, DCM_StudyDescription), "Thorax");
  EXPECT_EQ(value(d, DCM_Manufacturer), "Hilum");
  EXPECT_EQ(value(d, DCM_SoftwareVersions), "Hilum 0.1.0");
  for (const DcmTagKey& tag : {DCM_ContentDate, DCM_SeriesDate, DCM_InstanceCreationDate})
    EXPECT_EQ(value(d, tag), "20250102");
  for (const DcmTagKey& tag : {DCM_ContentTime, DCM_SeriesTime, DCM_InstanceCreationTime})
    EXPECT_EQ(value(d, tag), "114200");  // UTC + 1:30
  EXPECT_FALSE(d.tagExists(DCM_TimezoneOffsetFromUTC));
  EXPECT_TRUE(d.tagExists(DCM_ReferencedPerformedProcedureStepSequence));
  EXPECT_TRUE(d.tagExists(DCM_PerformedProcedureCodeSequence));
  const std::string series = value(d, DCM_SeriesInstanceUID), instance = value(d, DCM_SOPInstanceUID);
  EXPECT_TRUE(is_dicom_uid(series) && is_dicom_uid(instance) && series != instance);
  EXPECT_TRUE(series.starts_with("2.25.") && instance.starts_with("2.25."));
  EXPECT_EQ(value(*sr.file->getMetaInfo(), DCM_MediaStorageSOPInstanceUID), instance);
  EXPECT_EQ(value(*sr.file->getMetaInfo(), DCM_MediaStorageSOPClassUID), value(d, DCM_SOPClassUID));
  EXPECT_EQ(value(*sr.file->getMetaInfo(), DCM_TransferSyntaxUID), "1.2.840.10008.1.2.1");
  ReadBack again(to_dicom_sr(result_report(), test_references(), options()));
  EXPECT_NE(value(again.data_set(), DCM_SOPInstanceUID), instance);
  EXPECT_NE(value(again.data_set(), DCM_SeriesInstanceUID), series);
}

TEST(DicomSr, SameArgumentsSameBytes) {
  const auto written = [] {
    int count = 0;
    SrOptions o = options();
    o.new_uid = [&] { return "2.25.1" + std::to_string(++count); };
    return to_dicom_sr(result_report(), test_references(), o);
  };
  EXPECT_EQ(written(), written());
}

TEST(DicomSr, TimesFollowTheClockOfTheFile) {
  StudyReferences images = test_references();
  images.frontal->timezone_offset = "-0500";
  ReadBack sr(to_dicom_sr(result_report(), images, options()));
  EXPECT_EQ(value(sr.data_set(), DCM_ContentTime), "051200");
  EXPECT_EQ(value(sr.data_set(), DCM_TimezoneOffsetFromUTC), "-0500");
}

// study -> SOP instances listed
std::map<std::string, std::set<std::string>> listed(DSRSOPInstanceReferenceList& list) {
  std::map<std::string, std::set<std::string>> out;
  if (list.gotoFirstItem().bad()) return out;
  do {
    OFString study, instance;
    list.getStudyInstanceUID(study);
    list.getSOPInstanceUID(instance);
    out[study.c_str()].insert(instance.c_str());
  } while (list.gotoNextItem().good());
  return out;
}

TEST(DicomSr, EveryImageIsEvidenceOnce) {
  ReadBack sr(to_dicom_sr(result_report(), test_references(), options()));
  using Lists = std::map<std::string, std::set<std::string>>;
  EXPECT_EQ(listed(sr.document->getCurrentRequestedProcedureEvidence()),
      (Lists{{"1.2.3.4", {"1.2.3.4.1.1", "1.2.3.4.2.1"}}}));
  EXPECT_EQ(listed(sr.document->getPertinentOtherEvidence()), (Lists{{"1.2.3.3", {"1.2.3.3.1.1"}}}));
  ReadBack alone(to_dicom_sr(result_report(), {test_reference("1.2.3.4", "1"), {}, {}}, options()));
  EXPECT_EQ(listed(alone.document->getCurrentRequestedProcedureEvidence()), (Lists{{"1.2.3.4", {"1.2.3.4.1.1"}}}));
  EXPECT_FALSE(alone.data_set().tagExists(DCM_PertinentOtherEvidenceSequence));
}

TEST(DicomSr, BothClassesHoldTheSameTree) {
  SrOptions older = options();
  older.comprehensive_3d = false;
  ReadBack a(to_dicom_sr(result_report(), test_references(), options())),
      b(to_dicom_sr(result_report(), test_references(), older));
  EXPECT_EQ(value(b.data_set(), DCM_SOPClassUID), "1.2.840.10008.5.1.4.1.1.88.33");
  EXPECT_EQ(a.rows, b.rows);
}

bool holds(const ReadBack& sr, const std::string& row) {
  return std::find(sr.rows.begin(), sr.rows.end(), row) != sr.rows.end();
}

TEST(DicomSr, PlainReportsLabelsAndNothingAtAll) {
  Report report = result_report();
  report.findings.clear();
  ReadBack none(to_dicom_sr(report, test_references(), options()));
  EXPECT_TRUE(holds(none, "1 CONTAINS CONTAINER [C0034375 UMLS Qualitative Evaluations]"));
  EXPECT_TRUE(holds(none, "2 CONTAINS TEXT [121106 DCM Comment] = No findings were written."));
  EXPECT_FALSE(holds(none, "1 CONTAINS CONTAINER [126010 DCM Imaging Measurements]"));
  report.report = "Lungs clear.\nHeart M\xfcller\x01.";
  report.labels = {{"Edema", 1}, {"Fracture", 0}, {"Pneumonia", -1}};
  report.demo = true;
  ReadBack plain(to_dicom_sr(report, test_references(), options()));
  EXPECT_TRUE(holds(plain, "2 CONTAINS TEXT [121106 DCM Comment] = Lungs clear.\nHeart M\xef\xbf\xbdller ."));
  for (const char* label : {"Edema: present", "Fracture: absent", "Pneumonia: uncertain"})
    EXPECT_TRUE(holds(plain, std::string("2 CONTAINS TEXT [121106 DCM Comment] = ") + label));
  EXPECT_TRUE(holds(plain,
      "1 CONTAINS TEXT [121106 DCM Comment] = AI generated, not reviewed. Research use only. Not a medical device. "
      "Hilum "
      "demo model: knows synthetic phantoms only."));
  EXPECT_EQ(
      value(plain.data_set(), DCM_SeriesDescription), "AI, not reviewed: boxes of a demo model, research use only");
}

TEST(DicomSr, BoxesOutsideTheImageHaveNoRegion) {
  Report report = result_report();
  report.findings = {
      {"a", {{{1.5, 0.1, 2, 0.2}}}, 0}, {"b", {{{0.4, 0.9, 0.2, 0.1}, {0.3, 0.5, 0.3, 0.9}}}, 0}, {" ", {}, 0}};
  ReadBack sr(to_dicom_sr(report, test_references(), options()));
  EXPECT_TRUE(holds(sr, "2 CONTAINS TEXT [121071 DCM Finding] = a (box outside the image)"));
  EXPECT_TRUE(holds(sr,
      "3 CONTAINS SCOORD [111030 DCM Image Region] = POLYLINE 400,100 800,100 800,900 400,900 400,100"));  // corners in
                                                                                                           // order
  EXPECT_TRUE(holds(sr, "3 CONTAINS CODE [121071 DCM Finding] = " + label_code("b")));
  EXPECT_TRUE(holds(sr, "2 CONTAINS TEXT [121071 DCM Finding] = (no text)"));
  EXPECT_EQ(sr.new_uids.size(), 1u);
  report.findings[0].boxes->front().x_min = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(to_dicom_sr(report, test_references(), options()), Error);
}

TEST(DicomSr, ALabelIsCutToWhatACodeHolds) {
  Report report = result_report();
  std::string text;
  for (int i = 0; i < 40; ++i) text += "\xc3\xbc ";
  report.findings = {
      {text, {{{0.1, 0.1, 0.2, 0.2}}}, 0}, {"Edema.", {{{0.1, 0.1, 0.2, 0.2}, {0.3, 0.3, 0.4, 0.4}}}, 0}};
  ReadBack sr(to_dicom_sr(report, test_references(), options()));
  std::multiset<std::string> labels;
  for (const std::string& row : sr.rows)
    if (const size_t at = row.find("[121071 DCM Finding] = "); at != std::string::npos)
      labels.insert(row.substr(at + 23));
  ASSERT_EQ(labels.size(), 3u);
  EXPECT_EQ(labels.count(label_code("Edema.")), 2u);  // one text, one code
  const size_t meaning = labels.rbegin()->find(" 99HILUM ") + 9;
  for (const std::string& label : labels)
    if (label.find("\xc3") != std::string::npos) {
      EXPECT_LE(std::ranges::count_if(label.substr(meaning), [](char c) { return (c & 0xC0) != 0x80; }), 64);
    }
}

TEST(DicomSr, TheModelIsContributingEquipment) {
  ReadBack sr(to_dicom_sr(result_report(), test_references(), options()));
  DcmItem* item = nullptr;
  ASSERT_TRUE(sr.data_set().findAndGetSequenceItem(DCM_ContributingEquipmentSequence, item).good());
  EXPECT_EQ(value(*item, DCM_ManufacturerModelName), "tiny");
  EXPECT_EQ(value(*item, DCM_SoftwareVersions), "Hilum 0.1.0");
  EXPECT_EQ(value(*item, DCM_DeviceSerialNumber), std::string(64, 'a'));
  // 16 bytes 0xaa, version 8, variant 1: aaaaaaaa-aaaa-8aaa-aaaa-aaaaaaaaaaaa as a number
  EXPECT_EQ(value(*item, DCM_DeviceUID), "2.25.226854911280625491193188953125865302698");
  EXPECT_EQ(value(*item, DCM_ContributionDateTime), "20250102114200");
  DcmItem* purpose = nullptr;
  ASSERT_TRUE(item->findAndGetSequenceItem(DCM_PurposeOfReferenceCodeSequence, purpose).good());
  EXPECT_EQ(value(*purpose, DCM_CodeValue) + value(*purpose, DCM_CodingSchemeDesignator), "109102DCM");
  Report unknown = result_report();
  unknown.weights_sha256 = "not a sum";
  ReadBack other(to_dicom_sr(unknown, test_references(), options()));
  ASSERT_TRUE(other.data_set().findAndGetSequenceItem(DCM_ContributingEquipmentSequence, item).good());
  EXPECT_FALSE(item->tagExists(DCM_DeviceUID));
}

TEST(DicomSr, TheNarrativeHoldsEverySentence) {
  ReadBack sr(to_dicom_text_sr(result_report(), test_references(), options()));
  EXPECT_EQ(value(sr.data_set(), DCM_SOPClassUID), "1.2.840.10008.5.1.4.1.1.88.11");
  EXPECT_EQ(value(sr.data_set(), DCM_SeriesDescription), "AI, not reviewed: text, research use only");
  EXPECT_EQ(value(sr.data_set(), DCM_SeriesNumber), "9002");
  EXPECT_EQ(value(sr.data_set(), DCM_PreliminaryFlag), "PRELIMINARY");
  EXPECT_EQ(sr.rows.front(), "0  CONTAINER [18748-4 LN Diagnostic Imaging Report] <DCMR 2000>");
  const std::vector<std::string> findings(
      std::find(sr.rows.begin(), sr.rows.end(), "1 CONTAINS CONTAINER [121070 DCM Findings]"), sr.rows.end());
  EXPECT_EQ(findings,
      (std::vector<std::string>{"1 CONTAINS CONTAINER [121070 DCM Findings]",
          "2 CONTAINS TEXT [121106 DCM Comment] = AI generated, not reviewed. Research use only. Not a medical device.",
          "2 CONTAINS TEXT [121106 DCM Comment] = Warning: the prior report was dropped",
          "2 CONTAINS TEXT [121071 DCM Finding] = There is a small left pleural effusion.",
          "2 CONTAINS TEXT [121071 DCM Finding] = The heart size is normal.",
          "2 CONTAINS TEXT [121071 DCM Finding] = Opacity in the right lung."}));
}

TEST(DicomSr, AMeasurementReportIsWrittenWhereThereIsABox) {
  const auto kinds = [](const Report& report, SrLayout layout) {
    SrOptions o = options();
    o.layout = layout;
    const SrDocuments written = to_dicom_srs(report, test_references(), o);
    std::string found;
    for (const std::string& bytes : {written.first, written.text})
      found += bytes.empty()                                                   ? "none "
               : value(ReadBack(bytes).data_set(), DCM_SeriesNumber) == "9001" ? "boxes "
                                                                               : "text ";
    return found;
  };
  EXPECT_EQ(kinds(result_report(), SrLayout::kViewer), "boxes text ");
  Report report = result_report();
  for (Finding& finding : report.findings) finding.boxes = {{{1.1, 0, 1.2, 1}}};  // none in the image
  EXPECT_EQ(kinds(report, SrLayout::kViewer), "text none ");
  EXPECT_EQ(kinds(report, SrLayout::kGroups), "boxes text ");
  report.findings.clear();
  EXPECT_EQ(kinds(report, SrLayout::kViewer), "text none ");
}

// The checker against documents that it must refuse.
TEST(DicomSr, TheTemplatesRowsAreChecked) {
  for (const SrLayout layout : {SrLayout::kViewer, SrLayout::kGroups})
    for (const bool comprehensive_3d : {true, false}) {
      SrOptions o = options();
      o.layout = layout;
      o.comprehensive_3d = comprehensive_3d;
      ReadBack sr(to_dicom_sr(result_report(), test_references(), o));
      EXPECT_THAT(template_complaints(sr.document->getTree()), testing::IsEmpty());
      const auto of_viewers = viewer_complaints(sr.document->getTree());
      if (layout == SrLayout::kViewer) {
        EXPECT_THAT(of_viewers, testing::IsEmpty());
      } else {
        EXPECT_THAT(of_viewers, testing::Contains(HasSubstr("has 0 regions")));
      }
    }
  ReadBack text(to_dicom_text_sr(result_report(), test_references(), options()));
  EXPECT_THAT(template_complaints(text.document->getTree()), testing::IsEmpty());
  Report none = result_report();
  none.findings.clear();
  ReadBack empty(to_dicom_sr(none, test_references(), options()));
  EXPECT_THAT(viewer_complaints(empty.document->getTree()), testing::Contains(HasSubstr("no measurement group")));

  const auto complaints = [](auto change) {
    ReadBack sr(to_dicom_sr(result_report(), test_references(), options()));
    DSRDocumentTree& tree = sr.document->getTree();
    change(tree);
    return template_complaints(tree);
  };
  const auto go_to = [](DSRDocumentTree& tree, const char* code, const char* scheme) {
    tree.gotoNamedNode(DSRCodedEntryValue(code, scheme, "x"));
  };
  EXPECT_THAT(complaints([&](DSRDocumentTree& tree) {  // a mandatory row that is missing
    go_to(tree, "121058", "DCM");
    tree.removeCurrentContentItem();
  }),
      testing::Contains(HasSubstr("Procedure reported")));
  EXPECT_THAT(complaints([&](DSRDocumentTree& tree) {  // a row that the template does not have
    go_to(tree, "125007", "DCM");
    tree.addContentItem(kContains, DSRTypes::VT_Text, DSRTypes::AM_belowCurrent);
    tree.getCurrentContentItem().setConceptName(DSRCodedEntryValue("121073", "DCM", "Impression"));
    tree.getCurrentContentItem().setStringValue("x");
  }),
      testing::Contains(HasSubstr("Impression")));
  EXPECT_THAT(complaints([&](DSRDocumentTree& tree) {  // another meaning, which readers compare
    go_to(tree, "126010", "DCM");
    tree.getCurrentContentItem().setConceptName(DSRCodedEntryValue("126010", "DCM", "Bildmessungen"));
  }),
      testing::Contains(HasSubstr("Bildmessungen")));
}

TEST(DicomSr, SeveralFramesNameTheFirst) {
  StudyReferences images = test_references();
  images.frontal->frames = 3;
  auto file = parsed(to_dicom_sr(result_report(), images, options()));
  DcmStack stack;
  ASSERT_TRUE(file->search(DCM_ReferencedFrameNumber, stack).good());
}

std::string refusal(const Report& report, const StudyReferences& images) {
  const Error error = expect_error([&] { to_dicom_sr(report, images, options()); });
  EXPECT_THAT(error.what(), Not(HasSubstr("Anna")));
  EXPECT_FALSE(error.mend().empty());
  return error.what();
}

TEST(DicomSr, WhatCannotBeNamedIsRefused) {
  EXPECT_THAT(refusal(result_report(), {}), HasSubstr("the frontal image is no DICOM file"));
  StudyReferences images = test_references();
  images.frontal->sop_instance_uid.clear();
  EXPECT_THAT(refusal(result_report(), images), HasSubstr("frontal image's DICOM file has no valid SOP Instance UID"));
  images = test_references();
  images.prior->series_instance_uid.clear();
  EXPECT_THAT(refusal(result_report(), images), HasSubstr("prior image's DICOM file has no valid Series Instance UID"));
  images = test_references();
  images.lateral->study_instance_uid.clear();
  EXPECT_THAT(refusal(result_report(), images), HasSubstr("lateral image's"));
  Report other = result_report();
  other.image_width = 1999;
  EXPECT_THAT(refusal(other, test_references()), HasSubstr("1999 x 1000 px"));
}

TEST(DicomSr, DciodvfyFindsNothing) {
  if (!have_dciodvfy()) GTEST_SKIP() << "no dciodvfy (Debian's dicom3tools)";
  Report plain = result_report();
  plain.findings.clear();
  plain.report = "Lungs clear.";
  const auto found = [](const std::string& bytes, const char* kind) {
    std::string said = dciodvfy(bytes);
    EXPECT_THAT(said, HasSubstr(kind));
    EXPECT_THAT(said, Not(HasSubstr("Error"))) << said;
    // its tables of 2022 do not know Device UID in Contributing Equipment, nor any scheme of ours
    std::istringstream lines(said);
    for (std::string line; std::getline(lines, line);)
      if (line.find("(0x0018,0x1002)") == std::string::npos && line.find("99HILUM") == std::string::npos &&
          line.find("this is a Standard Extended SOP Class") == std::string::npos) {
        EXPECT_THAT(line, Not(HasSubstr("Warning")));
      }
  };
  for (const Report& report : {result_report(), plain}) {
    found(to_dicom_text_sr(report, test_references(), options()), "BasicTextSR");
    for (const bool comprehensive_3d : {true, false})
      for (const SrLayout layout : {SrLayout::kViewer, SrLayout::kGroups}) {
        SrOptions o = options();
        o.comprehensive_3d = comprehensive_3d;
        o.layout = layout;
        found(to_dicom_sr(report, test_references(), o), comprehensive_3d ? "Comprehensive3DSR" : "ComprehensiveSR");
      }
  }
}

TEST(DicomSr, OfRealFilms) {
  const fs::path folder = fs::path(HILUM_SHARED) / "data/images/dicom";
  if (!fs::exists(folder)) GTEST_SKIP() << "no real DICOM files at " << folder;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".dcm") continue;
    const std::string bytes = read_file(entry.path());
    const DicomReference image = read_dicom_reference(std::as_bytes(std::span(bytes)), "film");
    Report report = result_report();
    report.image_width = image.columns;
    report.image_height = image.rows;
    const std::string sr = to_dicom_sr(report, {image, {}, {}}, options());
    ReadBack back(sr);
    EXPECT_EQ(value(back.data_set(), DCM_StudyInstanceUID), image.study_instance_uid);
    EXPECT_EQ(value(back.data_set(), DCM_PatientID), image.attribute(0x0010, 0x0020));
    EXPECT_THAT(have_dciodvfy() ? dciodvfy(sr) : "", Not(HasSubstr("Error"))) << entry.path();
  }
}

}  // namespace
}  // namespace hilum
