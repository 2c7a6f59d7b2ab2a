#include "phantom/write.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "base/error.h"
#include "base/file.h"
#include "base/progress.h"
#include "base/rng.h"
#include "data/phantom_truth.h"
#include "image/encode.h"

namespace hilum {
namespace {

// Dates say nothing but their order; UIDs follow from seed, index and view.
DicomTags tags_of(const PhantomConfig& config, uint64_t index, const PhantomStudy& phantom, const std::string& view) {
  const bool prior = view == "prior_frontal", lateral = view == "lateral";
  const auto uid = [&](uint64_t part) {
    Rng rng(config.seed ^ 0x5b1ce9a7d3f02468ull, index * 16 + part);
    const uint64_t high = rng.next();
    return uid_from_bits(high, rng.next());
  };
  DicomTags tags;
  tags.patient_id = phantom.study.patient_id;
  tags.patient_sex = phantom.study.sex;
  tags.age_years = phantom.study.age_months.value_or(-12) / 12;
  tags.study_instance_uid = uid(prior ? 1 : 0);
  tags.series_instance_uid = uid(prior ? 3 : lateral ? 4 : 2);
  tags.sop_instance_uid = uid(prior ? 6 : lateral ? 7 : 5);
  tags.study_date = prior ? "20200101" : "20200301";
  tags.view_position = lateral ? "LL" : "PA";
  tags.patient_orientation = lateral ? "P\\F" : "L\\F";
  return tags;
}

StudyTruth truth_of(const PhantomStudy& phantom) {
  constexpr const char* kSides[] = {"", "right", "left", "bilateral"};
  constexpr const char* kChanges[] = {"", "new", "larger", "smaller", "unchanged", "resolved"};
  StudyTruth truth{phantom.study.study_id, phantom.prior_frontal.has_value(), phantom.lateral.has_value(), {}};
  for (const PhantomFinding& f : phantom.truth)
    truth.findings.push_back({finding_name(f.kind), finding_label(f.kind), kSides[static_cast<int>(f.side)],
        kChanges[static_cast<int>(f.change)], f.boxes, f.contrast_to_noise, f.subtle, f.lateral_only});
  return truth;
}

struct Lines {
  std::string study, truth;
};

Lines write_one(
    const PhantomConfig& config, uint64_t index, PhantomFormat format, const std::filesystem::path& out_dir) {
  PhantomStudy phantom = make_phantom(config, index);
  for (StudyImage& image : phantom.study.images) {
    const Image& pixels = image.view == "lateral"         ? *phantom.lateral
                          : image.view == "prior_frontal" ? *phantom.prior_frontal
                                                          : phantom.frontal;
    if (format == PhantomFormat::kDicom) {
      image.path.replace_extension(".dcm");
      write_dicom(out_dir / image.path, pixels, tags_of(config, index, phantom, image.view));
    } else {
      write_png(out_dir / image.path, pixels);
    }
  }
  return {study_to_json(phantom.study) + "\n", truth_to_json(truth_of(phantom)) + "\n"};
}

}  // namespace

void write_phantoms(PhantomConfig config, int64_t count, PhantomFormat format, bool with_lateral, bool with_prior,
    const std::filesystem::path& out_dir, int threads) {
  check(count > 0, "phantom", fmt::format("a count of {} makes nothing", count), "Ask for at least one.");
  if (!with_lateral) config.lateral_rate = 0;
  if (!with_prior) config.prior_rate = 0;
  if (threads < 1) threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  std::error_code error;
  // Another set's images would stay beside this one's rows, or its rows go and its images stay.
  const bool in_the_way = std::filesystem::exists(out_dir, error) && (!std::filesystem::is_directory(out_dir, error) ||
                                                                         !std::filesystem::is_empty(out_dir, error));
  check(!in_the_way, out_dir.c_str(), "is there already and not empty",
      "Give a folder that is new or empty, or take away what is in it first.");
  std::filesystem::create_directories(out_dir / "images", error);
  check(!error, out_dir.c_str(), "cannot be made (" + error.message() + ")", "Check the path and its permissions.");

  std::vector<Lines> lines(static_cast<size_t>(count));
  std::atomic<int64_t> next{0}, done{0};
  std::exception_ptr failure;
  std::mutex failure_guard;
  Progress progress("phantoms", count, "studies");
  const auto work = [&](bool draws) {
    try {
      for (int64_t i; (i = next.fetch_add(1)) < count;) {
        lines[static_cast<size_t>(i)] = write_one(config, static_cast<uint64_t>(i), format, out_dir);
        const int64_t so_far = done.fetch_add(1) + 1;
        if (draws) progress.update(so_far);
      }
    } catch (...) {
      const std::lock_guard lock(failure_guard);
      if (!failure) failure = std::current_exception();
      next = count;  // the others stop too
    }
  };
  std::vector<std::thread> others;
  for (int k = 1; k < threads; ++k) others.emplace_back(work, false);
  work(true);
  for (std::thread& other : others) other.join();
  if (failure) std::rethrow_exception(failure);

  std::string manifest, truth;
  for (const Lines& line : lines) {
    manifest += line.study;
    truth += line.truth;
  }
  write_file(out_dir / "truth.jsonl", truth);
  write_file(out_dir / "studies.jsonl", manifest);
}

}  // namespace hilum
