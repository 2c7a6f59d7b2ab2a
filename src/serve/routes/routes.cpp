#include "serve/routes/routes.h"

#include "serve/request_error.h"

namespace hilum {

std::vector<Route> all_routes(Service& service) {
  std::vector<Route> routes;
  add_native_routes(routes, service);  // first: its form is that of errors without a route
  add_openai_routes(routes, service);
  add_azure_routes(routes, service);
  add_mlflow_routes(routes, service);
  add_health_routes(routes, service);
  add_viewer_routes(routes);
  for (Route& route : routes)  // what the engine's queue refuses gets its status here, whichever route asked
    route.handle = [handle = std::move(route.handle)](
                       const HttpRequest& request) { return with_request_errors([&] { return handle(request); }); };
  return routes;
}

}  // namespace hilum
