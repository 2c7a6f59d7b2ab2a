// The routes of the server: one file for each family of clients.
#pragma once

#include <vector>

#include "serve/service.h"

namespace hilum {

// Every route, in the order they are looked at.
std::vector<Route> all_routes(Service& service);
void add_azure_routes(std::vector<Route>& routes, Service& service);
void add_mlflow_routes(std::vector<Route>& routes, Service& service);
void add_openai_routes(std::vector<Route>& routes, Service& service);
void add_native_routes(std::vector<Route>& routes, Service& service);
void add_health_routes(std::vector<Route>& routes, Service& service);
void add_viewer_routes(std::vector<Route>& routes);

}  // namespace hilum
