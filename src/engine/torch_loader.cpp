#include <dlfcn.h>

#include <cstdlib>

#include "base/environment.h"
#include "base/error.h"
#include "base/file.h"
#include "engine/torch_plugin.h"

namespace hilum {
namespace {

// NOLINTBEGIN(concurrency-mt-unsafe): variables are set when a model is loaded, before the threads that work with it
// start

// A forced kernel table (HILUM_KERNELS) caps the libraries libtorch computes with as well; they read these once, when
// first used.
void cap_instruction_sets() {
  const char* forced = environment("HILUM_KERNELS");
  const std::string table = forced ? forced : "";
  if (table != "portable" && table != "avx2") return;
  const bool portable = table == "portable";
  for (const char* name : {"DNNL_MAX_CPU_ISA", "ONEDNN_MAX_CPU_ISA"})
    setenv(name, portable ? "SSE41" : "AVX2", /*overwrite=*/1);
  setenv("ATEN_CPU_CAPABILITY", portable ? "default" : "avx2", 1);
}

// oneDNN keeps the kernels it has made for BF16 products, one a shape, 1,024 at most by itself. Batches of many lengths
// are of more shapes than that, and a kernel that is made while another thread makes one now and then ends in
// bad_array_new_length (2.6; seen under brgemm_kernel_create).
void keep_made_kernels() {
  for (const char* name : {"DNNL_PRIMITIVE_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY"})
    setenv(name, "20000", /*overwrite=*/0);
}

// NOLINTEND(concurrency-mt-unsafe)

}  // namespace

TorchPlugin& torch_plugin() {
  static TorchPlugin& plugin = []() -> TorchPlugin& {
    const char* named = environment("HILUM_TORCH_LIBRARY");
    const fs::path path =
        named ? fs::path(named) : fs::read_symlink("/proc/self/exe").parent_path() / "libhilum_torch.so";
    if (!fs::exists(path))
      throw Error(path.string(),
          "is missing: this Hilum was built without libtorch, which training and --device cuda need",
          "Install libtorch-dev and libopenblas0-openmp and build with -DHILUM_TORCH=ON, or name the library in "
          "HILUM_TORCH_LIBRARY.");
    cap_instruction_sets();
    keep_made_kernels();
    void* library =
        dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);  // global: exceptions thrown there are caught here by type
    if (!library) {
      const std::string reason = dlerror();  // NOLINT(concurrency-mt-unsafe): glibc keeps one for each thread
      throw Error(path.string(), "does not load: " + reason, "Is libtorch installed (libtorch1.13)?");
    }
    auto* entry = reinterpret_cast<TorchPlugin* (*)()>(dlsym(library, "hilum_torch_plugin"));
    if (!entry)
      throw Error(path.string(), "is not Hilum's libtorch library", "Give the libhilum_torch.so of this build.");
    return *entry();
  }();
  return plugin;
}

}  // namespace hilum
