#include "engine/batch/image_encoder.h"

#include <algorithm>
#include <future>
#include <map>

#include "base/stopwatch.h"

namespace hilum {
namespace {

bool same_size(const Tensor& a, const Tensor& b) {  // of one picture
  return std::equal(a.shape().dims().begin() + 1, a.shape().dims().end(), b.shape().dims().begin() + 1);
}

// [N, C, H, W] of several requests, one behind the other.
Tensor stacked(std::span<const Tensor> parts) {
  if (parts.size() == 1) return parts[0];
  std::vector<int64_t> dims = parts[0].shape().dims();
  dims[0] = 0;
  for (const Tensor& part : parts) dims[0] += part.dim(0);
  Tensor whole = Tensor::host(Shape(dims));
  float* to = whole.f32();
  for (const Tensor& part : parts) to = std::copy(part.values().begin(), part.values().end(), to);
  return whole;
}

}  // namespace

int64_t images_of_a_pass(int64_t height, int64_t width) {
  constexpr int64_t kPixels = 1 << 20;
  return std::clamp<int64_t>(kPixels / std::max<int64_t>(1, height * width), 1, kMostImagesOfAPass);
}

ImageEncoder::ImageEncoder(const Model& model, const EncoderConfig& config)
    : model_(model),
      config_(config),
      ops_(make_backend(config.backend)),
      features_(config.feature_bytes),
      thread_([this] { work(); }) {}

ImageEncoder::~ImageEncoder() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void ImageEncoder::post(Tensor pixels, std::function<void(EncodedImages)> done, std::function<bool()> wanted) {
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back({.pixels = std::move(pixels), .done = std::move(done), .wanted = std::move(wanted)});
  }
  wake_.notify_one();
}

Tensor ImageEncoder::encode(Tensor pixels) {
  // shared: the promise may still be ending on the encoder's thread when its result is here
  const auto promise = std::make_shared<std::promise<Tensor>>();
  std::future<Tensor> result = promise->get_future();
  post(std::move(pixels), [this, promise](const EncodedImages& encoded) {
    if (encoded.error) promise->set_exception(encoded.error);
    else promise->set_value(ops_->to_host(encoded.features));
  });
  return result.get();
}

void ImageEncoder::work() {
  for (;;) {
    std::vector<Job> jobs = take();
    if (jobs.empty()) return;
    run(std::move(jobs));
  }
}

std::vector<ImageEncoder::Job> ImageEncoder::take() {
  std::unique_lock lock(mutex_);
  wake_.wait(lock, [&] { return !jobs_.empty() || ended_; });
  std::vector<Job> taken;
  int64_t images = 0;
  while (!jobs_.empty()) {
    const Tensor& pixels = jobs_.front().pixels;
    const int64_t most =
        config_.images_together > 0 ? config_.images_together : images_of_a_pass(pixels.dim(2), pixels.dim(3));
    if (!taken.empty() && (images + pixels.dim(0) > most || !same_size(pixels, taken[0].pixels))) break;
    images += pixels.dim(0);
    taken.push_back(std::move(jobs_.front()));
    jobs_.pop_front();
  }
  return taken;
}

void ImageEncoder::run(std::vector<Job> jobs) {
  std::vector<Job*> unknown;
  for (Job& job : jobs) {
    if (job.wanted && !job.wanted()) {
      job.done = {};
      continue;
    }
    look_up(job);
    if (!job.encoded.known) unknown.push_back(&job);
  }
  try {
    if (!unknown.empty()) encode_together(unknown);
  } catch (...) {
    // Whose pictures they were is not known: each has its own try, and an error is the asker's alone.
    for (Job*& job : unknown) try {
        encode_together({&job, 1});
      } catch (...) {
        job->encoded.error = std::current_exception();
      }
  }
  for (Job& job : jobs)
    if (job.done) tell(job);
}

void ImageEncoder::look_up(Job& job) {
  if (config_.feature_bytes == 0) return;
  const Stopwatch watch;
  const PixelKey key = pixel_key(job.pixels);
  job.sha256 = key.sha256;
  job.encoded.key = key.number;
  job.encoded.features = features_.find(key.sha256);
  job.encoded.known = job.encoded.features.defined();
  job.encoded.ms = watch.ms();
}

void ImageEncoder::encode_together(std::span<Job*> jobs) {
  const Stopwatch watch;
  std::vector<Tensor> pixels;
  std::vector<int64_t> first{0};       // picture of each job
  std::map<std::string, size_t> made;  // the same pictures twice are encoded once
  std::vector<size_t> part(jobs.size());
  for (size_t i = 0; i < jobs.size(); ++i) {
    const auto [at, fresh] =
        jobs[i]->sha256.empty() ? std::pair(made.end(), true) : made.emplace(jobs[i]->sha256, pixels.size());
    part[i] = fresh ? pixels.size() : at->second;
    if (!fresh) continue;
    pixels.push_back(jobs[i]->pixels);
    first.push_back(first.back() + jobs[i]->pixels.dim(0));
  }
  const Tensor features = model_.network().encode_images(*ops_, stacked(pixels));  // [all N, P, D]
  for (size_t i = 0; i < jobs.size(); ++i) {
    EncodedImages& encoded = jobs[i]->encoded;
    const int64_t count = jobs[i]->pixels.dim(0);
    encoded.features = features;
    if (pixels.size() > 1) {  // a copy: what is kept of one request must not hold those of all
      const Tensor own = ops_->slice(features, 0, first[part[i]], count);
      encoded.features = ops_->concat(std::span<const Tensor>(&own, 1), 0);
    }
    if (!jobs[i]->sha256.empty()) features_.put(jobs[i]->sha256, encoded.features);
  }
  const double ms = watch.ms();
  for (Job* job : jobs)
    job->encoded.ms += ms * static_cast<double>(job->pixels.dim(0)) / static_cast<double>(first.back());
}

void ImageEncoder::tell(Job& job) {
  job.pixels = Tensor();
  job.done(std::move(job.encoded));
}

}  // namespace hilum
