#include <dlfcn.h>

#include <cstdlib>

#include "base/error.h"
#include "base/file.h"
#include "engine/torch_plugin.h"

namespace hilum {

TorchPlugin& torch_plugin() {
  static TorchPlugin& plugin = []() -> TorchPlugin& {
    const char* named = std::getenv("HILUM_TORCH_LIBRARY");
    const fs::path path = named ? fs::path(named) : fs::read_symlink("/proc/self/exe").parent_path() / "libhilum_torch.so";
    if (!fs::exists(path))
      throw Error(path.string(), "is missing: this Hilum was built without libtorch, which training and --device cuda need",
                  "Install libtorch-dev and libopenblas0-openmp and build with -DHILUM_TORCH=ON, or name the library in HILUM_TORCH_LIBRARY.");
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);  // global: exceptions thrown there are caught here by type
    if (!library) throw Error(path.string(), std::string("does not load: ") + dlerror(), "Is libtorch installed (libtorch1.13)?");
    auto* entry = reinterpret_cast<TorchPlugin* (*)()>(dlsym(library, "hilum_torch_plugin"));
    if (!entry) throw Error(path.string(), "is not Hilum's libtorch library", "Give the libhilum_torch.so of this build.");
    return *entry();
  }();
  return plugin;
}

}  // namespace hilum
