#include "cli/rewrite_endpoint.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "datasets/curation/rewrite_answer.h"

namespace hilum {
namespace {

using Clock = std::chrono::steady_clock;

struct Address {
  bool tls = false;
  std::string host;
  int port = 80;
  std::string path;  // "/v1", without the last slash
};

// No user names, queries or fragments: what stands before an @ could be taken for the host.
Address parse_url(const std::string& url) {
  const auto bad = [](const std::string& what) {
    return Error("--rewrite", what, "Name it as in http://127.0.0.1:8000/v1.");
  };
  Address out;
  size_t at = 0;
  if (url.starts_with("http://")) at = 7;
  else if (url.starts_with("https://")) {
    at = 8;
    out.tls = true;
    out.port = 443;
  } else throw bad("is no http:// or https:// address");
  for (const char c : url)
    if (c <= ' ' || c == 0x7f || c == '@' || c == '?' || c == '#' || c == '\\')
      throw bad("holds a character that the address of an endpoint has not");
  const size_t slash = std::min(url.find('/', at), url.size());
  std::string authority = url.substr(at, slash - at);
  out.path = url.substr(slash);
  while (out.path.ends_with('/')) out.path.pop_back();
  size_t colon = authority.find(':');
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == authority.npos || (close + 1 < authority.size() && authority[close + 1] != ':'))
      throw bad("has a host that is no address");
    out.host = authority.substr(1, close - 1);
    colon = close + 1 < authority.size() ? close + 1 : authority.npos;
    in6_addr six{};
    if (inet_pton(AF_INET6, out.host.c_str(), &six) != 1) throw bad("has a host that is no address");
  } else {
    out.host = authority.substr(0, colon);
  }
  if (out.host.empty()) throw bad("names no host");
  if (colon == authority.npos) return out;
  const std::string port = authority.substr(colon + 1);
  if (port.size() > 5 || !is_ascii_number(port) || std::stoi(port) < 1 || std::stoi(port) > 65535)
    throw bad("has a port that is none");
  out.port = std::stoi(port);
  return out;
}

bool is_this_machine(const std::string& host) {
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return ntohl(four.s_addr) >> 24 == 127;
  in6_addr six{};
  if (inet_pton(AF_INET6, host.c_str(), &six) == 1) return IN6_IS_ADDR_LOOPBACK(&six);
  return host == "localhost";
}

std::string request_body(const std::string& model, const std::vector<PromptMessage>& messages) {
  Json json{{"model", model}, {"messages", Json::array()}, {"temperature", 0}};
  for (const PromptMessage& m : messages) json["messages"].push_back({{"role", m.role}, {"content", m.content}});
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What a try came to; status 0: no whole answer, and `trouble` says why.
struct Try {
  int status = 0;
  std::string trouble, retry_after, body;
  bool again = false;
};

class Client {
 public:
  explicit Client(RewriteEndpoint endpoint) : endpoint_(std::move(endpoint)), address_(parse_url(endpoint_.url)) {}

  const Address& address() const { return address_; }

  RewriteAnswer ask(const std::vector<PromptMessage>& messages) const {
    const std::string body = request_body(endpoint_.model, messages);
    for (int number = 1;; ++number) {
      const Try got = post(body);
      if (got.status >= 200 && got.status < 300) return read_completion(got.body);
      const std::string what =
          got.status ? fmt::format("the endpoint answers with status {}", got.status) : got.trouble;
      if (!got.again) throw Error("rewriting", what);
      if (number >= endpoint_.tries) throw Error("rewriting", fmt::format("{}, {} times", what, number));
      wait(got.retry_after, number);
    }
  }

 private:
  // A connection a try: an endpoint that restarts in between is no trouble, and beside the model's time it costs
  // nothing.
  Try post(const std::string& body) const {
    std::unique_ptr<httplib::ClientImpl> client;
    if (address_.tls) client = std::make_unique<httplib::SSLClient>(address_.host, address_.port);
    else client = std::make_unique<httplib::ClientImpl>(address_.host, address_.port);
    const auto seconds = [](double s) { return std::chrono::microseconds(std::llround(s * 1e6)); };
    client->set_connection_timeout(seconds(endpoint_.connect_s));
    client->set_read_timeout(seconds(endpoint_.answer_s));
    client->set_write_timeout(seconds(endpoint_.answer_s));
    client->set_follow_location(false);
    Try out;
    httplib::Request request;
    request.method = "POST";
    request.path = address_.path + "/chat/completions";
    request.body = body;
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    if (!endpoint_.key.empty()) request.headers.emplace("Authorization", "Bearer " + endpoint_.key);
    Clock::time_point until = Clock::time_point::max();
    bool too_large = false, too_slow = false;
    request.content_receiver = [&](const char* data, size_t count, uint64_t, uint64_t) {
      if (until == Clock::time_point::max()) until = Clock::now() + seconds(endpoint_.answer_s);
      too_large = out.body.size() + count > endpoint_.answer_bytes;
      too_slow = Clock::now() > until;
      if (!too_large && !too_slow) out.body.append(data, count);
      return !too_large && !too_slow;
    };
    httplib::Response response;
    httplib::Error error = httplib::Error::Success;
    if (client->send(request, response, error)) {
      out.status = response.status;
      out.retry_after = response.get_header_value("Retry-After");
      out.again = response.status == 429 || (response.status >= 500 && response.status < 600);
    } else if (too_large) {
      out.trouble = fmt::format("the endpoint's answer is larger than {} bytes", endpoint_.answer_bytes);
    } else {
      out.trouble = too_slow ? "the endpoint's answer takes too long"
                             : "the endpoint cannot be asked (" + httplib::to_string(error) + ")";
      out.again = true;
    }
    return out;
  }

  void wait(const std::string& retry_after, int number) const {
    double s = retry_after_s(retry_after, static_cast<double>(std::time(nullptr)));
    if (s < 0) s = endpoint_.backoff_s * std::pow(2.0, number - 1);
    std::this_thread::sleep_for(std::chrono::duration<double>(std::min(s, endpoint_.most_wait_s)));
  }

  RewriteEndpoint endpoint_;
  Address address_;
};

std::string key_from(const std::string& file) {
  std::string key = read_file(file, 1 << 16);
  while (!key.empty() && (key.back() == '\n' || key.back() == '\r' || key.back() == ' ')) key.pop_back();
  const bool plain = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
  check(!key.empty() && plain, file.c_str(), key.empty() ? "holds no key" : "holds more than one key",
      "The file holds the key alone, on one line.");
  return key;
}

}  // namespace

double retry_after_s(const std::string& header, double now) {
  if (header.empty()) return -1;
  if (is_ascii_number(header)) return header.size() > 9 ? 1e9 : std::stod(header);
  std::tm date{};
  const char* end = strptime(header.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
  return end && *end == '\0' ? std::max(0.0, static_cast<double>(timegm(&date)) - now) : -1;
}

RewriteHook rewrite_hook(RewriteEndpoint endpoint) {
  const std::string model = endpoint.model;
  const bool remote = endpoint.remote;
  const auto client = std::make_shared<const Client>(std::move(endpoint));
  check(remote || is_this_machine(client->address().host), "--rewrite",
      "'" + client->address().host + "' is another machine: report text would leave this one",
      "Give --rewrite-remote if the data's terms of use allow that; those of MIMIC-CXR forbid third parties.");
  return {model, [client](const std::vector<PromptMessage>& messages) { return client->ask(messages); }};
}

std::optional<RewriteHook> rewrite_hook_from(const OptionValues& options) {
  const auto url = options.maybe("--rewrite");
  if (!url) {
    for (const char* name : {"--rewrite-model", "--rewrite-key-file", "--rewrite-remote"})
      check(!options.flag(name), name, "belongs to --rewrite", "Name the endpoint with --rewrite URL.");
    return std::nullopt;
  }
  RewriteEndpoint endpoint{
      .url = *url, .model = options.text("--rewrite-model"), .remote = options.flag("--rewrite-remote")};
  check(!endpoint.model.empty(), "--rewrite-model", "is missing", "Name the model as the endpoint does.");
  if (const auto file = options.maybe("--rewrite-key-file")) endpoint.key = key_from(*file);
  RewriteHook hook = rewrite_hook(endpoint);
  const Address address = parse_url(*url);
  log_warning(fmt::format("report text is sent to {}:{}{}", address.host, address.port,
      is_this_machine(address.host) ? " on this machine"
      : address.tls                 ? ", another machine"
                                    : ", another machine, without encryption"));
  return hook;
}

}  // namespace hilum
