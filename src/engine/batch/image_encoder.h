// The image encoder of one model at work for many: a thread and a backend of its own, the pictures of all who wait
// together in one pass, and what was encoded kept for the next time. Reports and embeddings share it, and so its packed
// weights.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/batch/feature_cache.h"
#include "engine/model.h"

namespace hilum {

struct EncodedImages {
  Tensor features;           // of the encoder's backend [N, P, D]; the same bits as those of a pass of these alone
  uint64_t key = 0;          // of these pixels, for Generator's image_key; 0: no cache is kept
  bool known = false;        // they had been encoded before
  double ms = 0;             // their share of the pass
  std::exception_ptr error;  // then nothing of the above
};

struct EncoderConfig {
  BackendConfig backend;
  size_t feature_bytes = size_t{256} << 20;  // of encoded pictures kept; 0: none, and pixels are not hashed
  int64_t images_together = 0;               // pictures of several requests in one pass at most; 0: by their size
};

// As many pictures as fill a pass: small ones together, so that every thread has enough to do; large ones fill it by
// themselves, and more of them at once would only take memory.
inline constexpr int64_t kMostImagesOfAPass = 16;
int64_t images_of_a_pass(int64_t height, int64_t width);

class ImageEncoder {
 public:
  // `model` must outlive this.
  ImageEncoder(const Model& model, const EncoderConfig& config);
  ~ImageEncoder();  // what was posted is still encoded
  ImageEncoder(const ImageEncoder&) = delete;

  // pixels host [N, C, H, W]. `done` is told on the encoder's thread and must not throw. `wanted` (may be empty) is
  // asked right before: false, and neither is anything encoded nor `done` told.
  void post(Tensor pixels, std::function<void(EncodedImages)> done, std::function<bool()> wanted = {});
  // The same, waited for -> host [N, P, D]. Throws what the model throws.
  Tensor encode(Tensor pixels);

 private:
  struct Job {
    Tensor pixels;
    std::function<void(EncodedImages)> done;
    std::function<bool()> wanted;
    EncodedImages encoded;
    std::string sha256;  // "": not hashed
  };
  void work();
  std::vector<Job> take();  // waits; nothing: the end has come
  void run(std::vector<Job> jobs);
  void look_up(Job& job);                      // in the cache
  void encode_together(std::span<Job*> jobs);  // their pictures in one pass
  void tell(Job& job);

  const Model& model_;
  EncoderConfig config_;
  std::unique_ptr<Ops> ops_;  // used on the thread alone
  FeatureCache features_;     // of the thread

  std::mutex mutex_;  // of the two below
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool ended_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace hilum
