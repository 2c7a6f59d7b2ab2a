#include "cli/rewrite_endpoint.h"

#include <atomic>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <httplib.h>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/expect_error_for_test.h"
#include "base/json.h"

namespace hilum {
namespace {

// An endpoint on a free port of this machine; `answer` gets the number of the request, from 1.
class Endpoint {
 public:
  using Answer = std::function<void(int, httplib::Response&)>;
  explicit Endpoint(Answer answer) {
    server_.Post("/v1/chat/completions",
        [this, answer = std::move(answer)](const httplib::Request& request, httplib::Response& response) {
          last_ = request.body;
          authorization_ = request.get_header_value("Authorization");
          answer(++requests_, response);
        });
    port_ = server_.bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  ~Endpoint() { stop(); }
  void stop() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }
  int requests() const { return requests_; }
  const std::string& last() const { return last_; }
  const std::string& authorization() const { return authorization_; }

 private:
  httplib::Server server_;
  std::thread thread_;
  int port_ = 0;
  std::atomic<int> requests_ = 0;
  std::string last_, authorization_;
};

constexpr const char* kGood = R"({"id":"x","model":"served-7b-0613","choices":[{"index":0,
  "message":{"role":"assistant","content":" The lungs are clear.\n"},"finish_reason":"stop"}]})";
void good(httplib::Response& response) { response.set_content(kGood, "application/json"); }

const std::vector<PromptMessage> kMessages = {{"system", "Edit."}, {"user", "Secretly ill, \"quoted\"\nand more"}};

RewriteEndpoint to(const std::string& url) {
  return {.url = url,
      .model = "served-7b",
      .tries = 3,
      .backoff_s = 0.001,
      .most_wait_s = 0.05,
      .connect_s = 2,
      .answer_s = 2,
      .answer_bytes = 4096};
}

// The Error's problem, which goes into problems.csv.
std::string trouble(const RewriteEndpoint& endpoint) {
  const Error error = expect_error([&] { rewrite_hook(endpoint).ask(kMessages); });
  EXPECT_EQ(std::string(error.what()).find("ill"), std::string::npos) << error.what();
  return error.problem();
}

TEST(RewriteEndpoint, AsksAsAChatAndReadsTheFirstChoice) {
  Endpoint server([](int, auto& response) { good(response); });
  auto endpoint = to(server.url() + "/");
  endpoint.key = "k-1";
  const RewriteAnswer answer = rewrite_hook(endpoint).ask(kMessages);
  EXPECT_EQ(answer.text, "The lungs are clear.");
  EXPECT_EQ(answer.model, "served-7b-0613");
  EXPECT_EQ(server.authorization(), "Bearer k-1");
  EXPECT_EQ(Json::parse(server.last()), Json::parse(R"({"model":"served-7b","messages":[
    {"role":"system","content":"Edit."},{"role":"user","content":"Secretly ill, \"quoted\"\nand more"}],"temperature":0})"));
}

TEST(RewriteEndpoint, TriesAgainWhenBusyAfterTheWaitTheEndpointAsksForUpToItsBound) {
  Endpoint server([](int number, auto& response) {
    response.status = number == 1 ? 429 : 503;
    response.set_header("Retry-After", number == 1 ? "0" : "3600");
    if (number == 3) {
      response.status = 200;
      good(response);
    }
  });
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(rewrite_hook(to(server.url())).ask(kMessages).text, "The lungs are clear.");
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(50));
  EXPECT_EQ(server.requests(), 3);
}

TEST(RewriteEndpoint, GivesUpOnAnEndpointThatAlwaysFails) {
  Endpoint server([](int, auto& response) {
    response.status = 500;
    response.set_content("ill", "text/plain");
  });
  EXPECT_EQ(trouble(to(server.url())), "the endpoint answers with status 500, 3 times");
  EXPECT_EQ(server.requests(), 3);
}

TEST(RewriteEndpoint, WhatTryingAgainDoesNotMendIsNotTriedAgain) {
  for (const int status : {400, 401, 404, 302}) {
    Endpoint server([&](int, auto& response) {
      response.status = status;
      response.set_header("Location", "/v1/chat/completions");
    });
    EXPECT_EQ(trouble(to(server.url())), "the endpoint answers with status " + std::to_string(status));
    EXPECT_EQ(server.requests(), 1) << status;
  }
}

TEST(RewriteEndpoint, AnswersOfAnotherShapeAreRefusedWithoutQuotingThem) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"choices": ill)", "the endpoint's answer is not JSON"},
      {R"({"ill":1,"ill":2})", "the endpoint's answer is not JSON"},
      {"", "the endpoint's answer is not JSON"},
      {R"({"error":{"message":"ill"}})", "the endpoint's answer holds no choices"},
      {R"({"choices":[]})", "the endpoint's answer holds no choices"},
      {R"({"choices":["ill"]})", "the endpoint's answer holds no choices"},
      {R"({"choices":[{"message":{"content":" \n"}}]})", "the endpoint's answer holds no text"},
      {R"({"choices":[{"message":{"content":null}}]})", "the endpoint's answer holds no text"},
      {R"({"choices":[{"text":"ill"}]})", "the endpoint's answer holds no text"},
      {R"({"choices":[{"message":{"content":"ill"},"finish_reason":"length"}]})", "the answer was cut off"},
      {R"({"choices":[{"message":{"content":"ill"},"finish_reason":"content_filter"}]})", "the answer was withheld"},
  };
  for (const auto& [body, wanted] : cases) {
    Endpoint server([&, sent = body](int, auto& response) { response.set_content(sent, "application/json"); });
    EXPECT_EQ(trouble(to(server.url())), wanted) << body;
    EXPECT_EQ(server.requests(), 1);
  }
}

TEST(RewriteEndpoint, AnAnswerPastTheBoundIsNotRead) {
  Endpoint server(
      [](int, auto& response) { response.set_content(std::string(5000, ' ') + kGood, "application/json"); });
  EXPECT_EQ(trouble(to(server.url())), "the endpoint's answer is larger than 4096 bytes");
  EXPECT_EQ(server.requests(), 1);
}

TEST(RewriteEndpoint, AnAnswerThatDripsEndsWithItsTime) {
  Endpoint server([](int, auto& response) {
    response.set_chunked_content_provider("application/json", [](size_t, httplib::DataSink& sink) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      return sink.write(" ", 1);
    });
  });
  auto endpoint = to(server.url());
  endpoint.answer_s = 0.2;
  endpoint.tries = 2;
  EXPECT_EQ(trouble(endpoint), "the endpoint's answer takes too long, 2 times");
}

TEST(RewriteEndpoint, AnEndpointThatIsGoneIsSaidToBe) {
  Endpoint server([](int, auto& response) { good(response); });
  server.stop();
  EXPECT_EQ(trouble(to(server.url())), "the endpoint cannot be asked (Connection), 3 times");
}

TEST(RewriteEndpoint, OnlyThisMachineUnlessRemoteIsAllowed) {
  for (const char* url :
      {"http://localhost:1/v1", "http://127.0.0.1/v1", "http://127.9.8.7:80", "https://[::1]:8443/v1"})
    EXPECT_NO_THROW(rewrite_hook(to(url))) << url;
  for (const char* url : {"http://example.org/v1", "https://127.0.0.1.example.org/v1", "http://localhost.example.org",
           "http://10.0.0.5:8000/v1", "http://0.0.0.0:80", "http://[2001:db8::1]/v1", "http://2130706433/v1"}) {
    EXPECT_THROW(rewrite_hook(to(url)), Error) << url;
    auto allowed = to(url);
    allowed.remote = true;
    EXPECT_NO_THROW(rewrite_hook(allowed)) << url;
  }
}

TEST(RewriteEndpoint, AddressesThatAreNoneAreRefused) {
  for (const char* url :
      {"", "localhost:80", "ftp://localhost", "http://", "http://:80", "http://localhost:", "http://localhost:0",
          "http://localhost:65536", "http://localhost:8x", "http://localhost@example.org", "http://localhost/v1?x=1",
          "http://localhost/v 1", "http://[::1", "http://[::1]x", "http://[127.0.0.1]", "http://localhost\r\nX: y"})
    EXPECT_THROW(rewrite_hook({.url = url, .remote = true}), Error) << url;
}

TEST(RewriteEndpoint, RetryAfterIsSecondsOrADate) {
  EXPECT_EQ(retry_after_s("120", 0), 120);
  EXPECT_EQ(retry_after_s("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 - 30), 30);
  EXPECT_EQ(retry_after_s("Sun, 06 Nov 1994 08:49:37 GMT", 784111777 + 30), 0);
  EXPECT_EQ(retry_after_s("99999999999999999999", 0), 1e9);
  for (const char* header : {"", "soon", "-1", "1.5", "Sun, 06 Nov 1994 08:49:37 GMT+1"})
    EXPECT_LT(retry_after_s(header, 0), 0) << header;
}

}  // namespace
}  // namespace hilum
