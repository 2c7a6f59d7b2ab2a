#include "datasets/readers/read_dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/error.h"
#include "base/nearest.h"
#include "datasets/collector.h"
#include "datasets/readers/readers.h"

namespace hilum {

const std::vector<DatasetReader>& dataset_readers() {
  static const std::vector<DatasetReader> kReaders = {
      {"mimic-cxr", "MIMIC-CXR 2 and MIMIC-CXR-JPG",
          "files/, mimic-cxr-2.0.0-metadata.csv or cxr-record-list.csv; -split, -chexpert or -negbio; reports in place "
          "or by --reports",
          read_mimic_cxr},
      {"openi", "Indiana University / OpenI, XML",
          "ecgen-radiology/ or NLMCXR_reports.tgz; NLMCXR_png/; indiana_projections.csv for the views", read_openi_xml},
      {"openi-csv", "Indiana University / OpenI, CSV",
          "indiana_reports.csv, indiana_projections.csv, images/images_normalized/", read_openi_csv},
      {"chexpert", "CheXpert", "train.csv, valid.csv, groundtruth.csv or test_labels.csv", read_chexpert},
      {"nih", "NIH ChestX-ray14",
          "Data_Entry_2017_v2020.csv, BBox_List_2017.csv, train_val_list.txt, test_list.txt, images_001/ ...",
          read_nih},
      {"nih-lt", "NIH-CXR-LT", "nih-cxr-lt_single-label_train.csv, -balanced-val.csv, -test.csv; images_001/ ...",
          read_nih_lt},
      {"padchest", "PadChest", "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv, 0/ ... 54/", read_padchest},
      {"padchest-gr", "PadChest-GR", "grounded_reports_20240819.json, master_table.csv, PadChest_GR/",
          read_padchest_gr},
      {"vindr", "VinDr-CXR, as on PhysioNet or as on Kaggle",
          "annotations/annotations_train.csv, image_labels_train.csv, train/; or train.csv, train/", read_vindr},
      {"ms-cxr", "MS-CXR", "MS_CXR_Local_Alignment_v1.0.0.csv or .json (v1.1.0 too); files/ of MIMIC-CXR-JPG",
          read_ms_cxr},
      {"rsna-pneumonia", "RSNA pneumonia",
          "stage_2_train_labels.csv, stage_2_detailed_class_info.csv, stage_2_train_images/", read_rsna_pneumonia},
      {"rsna-boneage", "RSNA bone age", "boneage-training-dataset.csv (or train.csv) and the folder of that name",
          read_rsna_boneage},
      {"covid-chestxray", "covid-chestxray-dataset", "metadata.csv, images/", read_covid_chestxray},
      {"brax", "BRAX", "master_spreadsheet_update.csv, Anonymized_DICOMs/ or images/", read_brax},
      {"siim-acr", "SIIM-ACR pneumothorax", "train-rle.csv, dicom-images-train/", read_siim_acr},
      {"siim-covid", "SIIM-FISABIO-RSNA COVID-19", "train_image_level.csv, train_study_level.csv, train/",
          read_siim_covid},
      {"tbx11k", "TBX11K", "annotations/json/TBX11K_train.json, TBX11K_val.json; imgs/", read_tbx11k},
      {"brixia", "BrixIA COVID-19",
          "metadata_global_v2.csv or metadata_global_v1.csv, metadata_consensus_v1.csv, dicom_clean/", read_brixia},
      {"irma", "IRMA 2009", "ImageCLEFmed2009_train_codes.02.csv, ImageCLEFmed2009_test_codes.03.csv, folders of PNG",
          read_irma},
      {"xraygpt", "XrayGPT's training form", "filter_cap.json, image/", read_xraygpt},
      {"fastchat", "dialogues in FastChat's form", "one .json of conversations, or a folder that holds one",
          read_fastchat},
      {"medimageinsight", "MedImageInsight's tuning form", "pairs of .tsv, images...tsv and text...tsv; a label file",
          read_medimageinsight},
      {"csv", "any CSV of images with text or labels", "one .csv, or a folder that holds one", read_csv_images},
      {"manifest", "a study manifest", "studies.jsonl, or the file itself", read_manifest},
  };
  return kReaders;
}

Dataset read_dataset(const std::string& name, const std::filesystem::path& root, const DatasetOptions& options) {
  std::vector<std::string> names;
  for (const DatasetReader& reader : dataset_readers()) {
    names.push_back(reader.name);
    if (name != reader.name) continue;
    check(std::filesystem::exists(root), root.c_str(), "is not there",
        fmt::format("Name the folder of {} ({}).", reader.title, reader.wants));
    Dataset out;
    Collector collector(root, options, out);
    reader.read(collector);
    return out;
  }
  const std::string nearest = nearest_name(name, names);
  throw Error("--dataset", "'" + name + "' is not a data set Hilum reads",
      nearest.empty() ? fmt::format("Known: {}.", fmt::join(names, ", ")) : "Did you mean '" + nearest + "'?");
}

}  // namespace hilum
