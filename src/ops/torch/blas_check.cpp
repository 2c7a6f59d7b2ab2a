#include "ops/torch/blas_check.h"

#include <dlfcn.h>

#include <climits>
#include <cstdlib>
#include <string>

#include "base/log.h"

namespace hilum {

void warn_if_reference_blas() {
  static const bool checked = [] {
    void* symbol = dlsym(RTLD_DEFAULT, "sgemm_");
    Dl_info info{};
    if (!symbol || !dladdr(symbol, &info) || !info.dli_fname)
      return true;  // a BLAS under another name: not the reference one
    char path[PATH_MAX];
    const std::string file = realpath(info.dli_fname, path) ? path : info.dli_fname;
    if (file.find("/blas/libblas") != std::string::npos)
      log_warning("libtorch uses the reference BLAS (" + file +
                  "), about 50 times slower than needed. Install libopenblas0-openmp.");
    return true;
  }();
  (void)checked;
}

}  // namespace hilum
