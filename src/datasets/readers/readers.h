// One function a data set; each has its own .cpp, whose head says the layout it reads. Layout facts: docs/datasets.md.
#pragma once

namespace hilum {

class Collector;

void read_mimic_cxr(Collector& out);
void read_openi_xml(Collector& out);
void read_openi_csv(Collector& out);
void read_chexpert(Collector& out);
void read_nih(Collector& out);
void read_nih_lt(Collector& out);
void read_padchest(Collector& out);
void read_padchest_gr(Collector& out);
void read_vindr(Collector& out);
void read_ms_cxr(Collector& out);
void read_rsna_pneumonia(Collector& out);
void read_rsna_boneage(Collector& out);
void read_covid_chestxray(Collector& out);
void read_brax(Collector& out);
void read_siim_acr(Collector& out);
void read_siim_covid(Collector& out);
void read_tbx11k(Collector& out);
void read_brixia(Collector& out);
void read_irma(Collector& out);
void read_xraygpt(Collector& out);
void read_fastchat(Collector& out);
void read_medimageinsight(Collector& out);
void read_csv_images(Collector& out);
void read_manifest(Collector& out);

}  // namespace hilum
