#include "engine/study_request.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/log.h"
#include "data/study.h"
#include "image/decode.h"
#include "image/study_checks.h"

namespace hilum {
namespace {

constexpr const char* kFolderManifest = "studies.jsonl";

// Extensions a folder is searched for; a file without one is taken when it is DICOM inside.
bool looks_like_image(const fs::path& path) {
  const std::string extension = lower_ascii(path.extension().string());
  static const std::vector<std::string> known{".png", ".jpg", ".jpeg", ".dcm", ".dicom"};
  return std::find(known.begin(), known.end(), extension) != known.end() || (extension.empty() && is_dicom_file(path));
}

// In name order; maybe none.
std::vector<fs::path> images_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder, fs::directory_options::skip_permission_denied))
    if (entry.is_regular_file() && looks_like_image(entry.path())) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
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

// What a folder's file is called as a study: as the file alone would be, by its name without the ending, where no other
// has that; else by its path below the folder, and with the ending where even that is another's too.
std::vector<std::string> study_names(const std::vector<fs::path>& files, const fs::path& folder) {
  std::map<std::string, int> stems, paths;
  const auto below = [&](const fs::path& file) { return fs::relative(file, folder); };
  for (const fs::path& file : files) {
    ++stems[file.stem().string()];
    ++paths[below(file).replace_extension().string()];
  }
  std::vector<std::string> names;
  for (const fs::path& file : files) {
    const std::string path = below(file).replace_extension().string();
    names.push_back(stems[file.stem().string()] == 1 ? file.stem().string()
                    : paths[path] == 1               ? path
                                                     : below(file).string());
  }
  return names;
}

// The rows of a manifest that say what a folder's images are, with a word on images that it does not name.
std::vector<StudyRequest> from_manifest_of(
    const fs::path& manifest, const fs::path& folder, const RequestDefaults& defaults) {
  std::set<fs::path> inside, named;
  for (const fs::path& file : images_below(folder)) inside.insert(fs::weakly_canonical(file));
  std::vector<StudyRequest> requests;
  for (const Study& study : read_studies(manifest)) {
    bool here = fs::equivalent(manifest.parent_path(), folder);  // the folder's own manifest: all of its rows
    for (const StudyImage& image : study.images) {
      const fs::path path = fs::weakly_canonical(image.path);
      here = here || (image.view == "frontal" && inside.contains(path));
      named.insert(path);
    }
    if (here) requests.push_back(from_study(study, defaults));
  }
  const auto unnamed =
      std::count_if(inside.begin(), inside.end(), [&](const fs::path& file) { return !named.contains(file); });
  if (requests.empty()) return {};
  log_info(fmt::format("{} says what the folder's images are: {} studies", manifest.string(), requests.size()));
  if (unnamed > 0)
    log_warning(
        fmt::format("{}: {} images are not in {} and are left out", folder.string(), unnamed, manifest.string()));
  return requests;
}

// A DICOM study of a folder: whose it is and when it was made ("" where the file does not say).
struct FolderStudy {
  std::string patient_id, day;
};

// Each study gets the frontal image of the same patient's last study of an earlier day as its prior. Gives how many do.
int64_t find_priors(std::vector<StudyRequest>& requests, const std::vector<FolderStudy>& studies) {
  std::map<std::string, std::map<std::string, size_t>> days;  // patient -> day -> its first study with a frontal
  for (size_t i = 0; i < requests.size(); ++i)
    if (!studies[i].patient_id.empty() && !studies[i].day.empty() && requests[i].trouble.empty())
      days[studies[i].patient_id].emplace(studies[i].day, i);
  int64_t found = 0;
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto patient = days.find(studies[i].patient_id);
    if (patient == days.end()) continue;
    const auto next = patient->second.lower_bound(studies[i].day);
    if (next == patient->second.begin()) continue;
    requests[i].prior = requests[std::prev(next)->second].frontal;
    ++found;
  }
  return found;
}

std::vector<StudyRequest> from_folder(const fs::path& folder, const RequestDefaults& defaults) {
  // A set's manifest lies in the folder, or beside it where the folder is the set's images/.
  for (const fs::path& manifest :
      {folder / kFolderManifest, fs::weakly_canonical(folder).parent_path() / kFolderManifest})
    if (fs::is_regular_file(manifest))
      if (std::vector<StudyRequest> rows = from_manifest_of(manifest, folder, defaults); !rows.empty()) return rows;
  std::vector<fs::path> files = image_files(folder);
  std::vector<StudyRequest> requests;
  std::vector<fs::path> named_after;         // of each request: the file it is called after
  std::vector<FolderStudy> studies;          // of each request
  std::map<std::string, size_t> study_rows;  // StudyInstanceUID -> row
  int64_t laterals = 0, further = 0, unknown = 0;
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
    unknown += trouble.empty() && metadata.study_instance_uid.empty();
    const bool lateral = is_lateral_view(metadata.view_position);
    if (!metadata.study_instance_uid.empty()) {
      const auto [row, fresh] = study_rows.emplace(metadata.study_instance_uid, requests.size());
      if (!fresh) {
        StudyRequest& request = requests[row->second];
        ImageSource& place = lateral ? request.lateral : request.frontal;
        if (!place.empty()) {
          ++further;
          log_warning(fmt::format("{}: a further {} image of a study that has one ({}); it is not used", file.string(),
              lateral ? "lateral" : "frontal", place.name()));
          continue;
        }
        place = file;
        laterals += lateral || !request.lateral.empty();
        if (!lateral) {
          request.trouble.clear();
          named_after[row->second] = file;
        }
        continue;
      }
    }
    StudyRequest request = from_image("", file, defaults);
    request.trouble = trouble;
    if (lateral) {
      request.lateral = std::exchange(request.frontal, ImageSource());
      request.trouble = "only a lateral view was found; a report needs the frontal";
    }
    requests.push_back(std::move(request));
    named_after.push_back(file);
    studies.push_back({metadata.patient_id, study_day(metadata)});
  }
  const int64_t priors = defaults.without_prior ? 0 : find_priors(requests, studies);
  if (defaults.without_lateral)
    for (StudyRequest& request : requests) request.lateral = {};
  const std::vector<std::string> names = study_names(named_after, folder);
  for (size_t i = 0; i < requests.size(); ++i) requests[i].study_id = names[i];
  std::string said = fmt::format("{}: {} images, {} studies", folder.string(), files.size(), requests.size());
  if (laterals > 0) said += fmt::format(", {} with a lateral (which tasks of one image do not see)", laterals);
  if (priors > 0) said += fmt::format(", {} with the same patient's study before it as the prior", priors);
  if (further > 0) said += fmt::format(", {} further images not used", further);
  if (unknown > 0)
    said += fmt::format(
        "; {} do not say what view of which study they are: each is taken as the frontal of its own. A manifest "
        "({}) says more",
        unknown, kFolderManifest);
  log_info(said);
  return requests;
}

}  // namespace

std::vector<fs::path> image_files(const fs::path& folder) {
  std::vector<fs::path> files = images_below(folder);
  if (files.empty())
    throw Error(
        folder.string(), "holds no PNG, JPEG or DICOM file", "Name a folder with images, or a .jsonl manifest.");
  return files;
}

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
