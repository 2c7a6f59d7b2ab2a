#include "engine/study_request.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "data/study.h"
#include "image/decode.h"
#include "image/study_checks.h"

namespace hilum {
namespace {

// Extensions a folder is searched for; a file without one is taken when it is DICOM inside.
bool looks_like_image(const fs::path& path) {
  const std::string extension = lower_ascii(path.extension().string());
  static const std::vector<std::string> known{".png", ".jpg", ".jpeg", ".dcm", ".dicom"};
  return std::find(known.begin(), known.end(), extension) != known.end() || (extension.empty() && is_dicom_file(path));
}

StudyRequest from_study(const Study& study, const RequestDefaults& defaults) {
  StudyRequest request;
  request.study_id = study.study_id;
  const auto path_of = [&](const char* view) { return study.image(view) ? study.image(view)->path : fs::path(); };
  request.frontal = path_of("frontal");
  request.lateral = path_of("lateral");
  request.prior = path_of("prior_frontal");
  const auto either = [](const std::optional<std::string>& own, const std::optional<std::string>& other) {
    return own ? own : other;
  };
  request.indication = either(study.indication, defaults.indication);
  request.technique = either(study.technique, defaults.technique);
  request.comparison = either(study.comparison, defaults.comparison);
  request.prior_report = either(study.prior_report, defaults.prior_report);
  if (defaults.without_lateral) request.lateral = {};
  if (defaults.without_prior) {
    request.prior = {};
    request.prior_report.reset();
  }
  request.reference = study.findings;
  if (request.frontal.empty())
    request.trouble = "the study has no image with view \"frontal\"; give it one in the manifest";
  return request;
}

StudyRequest from_image(const std::string& study_id, const fs::path& frontal, const RequestDefaults& defaults) {
  StudyRequest request;
  request.study_id = study_id;
  request.frontal = frontal;
  request.indication = defaults.indication;
  request.technique = defaults.technique;
  request.comparison = defaults.comparison;
  request.prior_report = defaults.prior_report;
  return request;
}

std::vector<StudyRequest> from_folder(const fs::path& folder, const RequestDefaults& defaults) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied))
    if (entry.is_regular_file() && looks_like_image(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  if (files.empty())
    throw Error(
        folder.string(), "holds no PNG, JPEG or DICOM file", "Name a folder with images, or a .jsonl manifest.");

  std::vector<StudyRequest> requests;
  std::map<std::string, size_t> study_rows;  // StudyInstanceUID -> row
  for (const fs::path& file : files) {
    ImageMetadata metadata;
    std::string trouble;
    if (is_dicom_file(file)) {
      try {
        metadata = read_dicom_metadata(file);
      } catch (const Error& e) {
        trouble = e.what();
      }
    }
    const bool lateral = is_lateral_view(metadata.view_position);
    if (!metadata.study_instance_uid.empty()) {
      const auto [row, fresh] = study_rows.emplace(metadata.study_instance_uid, requests.size());
      if (!fresh) {
        StudyRequest& request = requests[row->second];
        if (lateral && request.lateral.empty()) {
          request.lateral = file;
          continue;
        }
        if (!lateral && request.frontal.empty()) {
          request.frontal = file;
          request.trouble.clear();
          continue;
        }
        // a second image of the same view is a study of its own: nothing is dropped silently
      }
    }
    StudyRequest request = from_image(fs::relative(file, folder).string(), file, defaults);
    request.trouble = trouble;
    if (lateral) {
      request.lateral = std::exchange(request.frontal, ImageSource());
      request.trouble = "only a lateral view was found; a report needs the frontal";
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

}  // namespace

std::vector<StudyRequest> read_requests(const fs::path& input, const RequestDefaults& defaults) {
  if (fs::is_directory(input)) return from_folder(input, defaults);
  if (!fs::exists(input)) throw Error(input.string(), "no such file or folder", "Check the path.");
  if (input.extension() != ".jsonl") return {from_image(input.stem().string(), input, defaults)};
  std::vector<StudyRequest> requests;
  for (const Study& study : read_studies(input)) requests.push_back(from_study(study, defaults));
  return requests;
}

PromptInputs prompt_inputs(const StudyRequest& request) {
  return {.lateral = !request.lateral.empty(),
      .prior = !request.prior.empty(),
      .indication = request.indication,
      .technique = request.technique,
      .comparison = request.comparison,
      .prior_report = request.prior_report,
      .phrase = {},
      .question = {}};
}

std::string text_or_file(const std::string& argument) {
  if (argument.empty() || argument[0] != '@') return argument;
  std::string text = read_file(argument.substr(1), 1 << 20);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace hilum
