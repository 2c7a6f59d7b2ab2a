#include "report/json.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace hilum {
namespace {

Json rounded(double value, double steps) {
  return std::isfinite(value) ? Json(std::round(value * steps) / steps) : Json(nullptr);
}
Json fraction(double value) { return rounded(value, 1e6); }

Json finding_json(const Finding& finding) {
  Json boxes = nullptr;
  if (finding.boxes) {
    boxes = Json::array();
    for (const BoxNorm& box : *finding.boxes)
      boxes.push_back({fraction(box.x_min), fraction(box.y_min), fraction(box.x_max), fraction(box.y_max)});
  }
  return {{"text", finding.text}, {"boxes", boxes},
      {"token_probability", finding.token_probability > 0 ? fraction(finding.token_probability) : Json(nullptr)}};
}

// The report's fields back out of JSON; each failure names the field.
class Fields {
 public:
  Fields(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
    check(object_.is_object(), where_.c_str(), "is not a JSON object");
  }
  const Json* find(const char* name) const {
    const auto found = object_.find(name);
    return found == object_.end() || found->is_null() ? nullptr : &*found;
  }
  const Json& need(const char* name) const {
    const Json* value = find(name);
    check(value, where_.c_str(), std::string("has no \"") + name + "\"", "Is this a report written by hilum?");
    return *value;
  }
  template <class T>
  void read(const char* name, T& into) const {
    if (const Json* value = find(name)) into = as<T>(*value, place(name));
  }
  std::string place(const std::string& name) const { return where_ + ": " + name; }

  template <class T>
  static T as(const Json& value, const std::string& place) {
    if constexpr (std::is_same_v<T, std::string>) {
      check(value.is_string(), place.c_str(), "is not a string");
    } else if constexpr (std::is_same_v<T, bool>) {
      check(value.is_boolean(), place.c_str(), "is neither true nor false");
    } else if constexpr (std::is_same_v<T, int>) {
      check(value.is_number_integer() && value >= INT32_MIN && value <= INT32_MAX, place.c_str(),
          "is not a whole number of that size");
    } else if constexpr (std::is_same_v<T, uint64_t>) {
      check(value.is_number_unsigned(), place.c_str(), "is not a whole number from 0");
    } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
      check(value.is_array(), place.c_str(), "is not a list");
      std::vector<std::string> list;
      for (const Json& item : value) list.push_back(as<std::string>(item, place));
      return list;
    } else {
      check(value.is_number(), place.c_str(), "is not a number");
    }
    return value.get<T>();
  }

 private:
  const Json& object_;
  std::string where_;
};

Finding finding_from(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  Finding finding;
  finding.text = Fields::as<std::string>(fields.need("text"), fields.place("text"));
  fields.read("token_probability", finding.token_probability);
  if (const Json* boxes = fields.find("boxes")) {
    const std::string place = fields.place("boxes");
    check(boxes->is_array() && !boxes->empty(), place.c_str(), "is neither null nor a list with boxes in it",
        "No boxes is null.");
    finding.boxes.emplace();
    for (const Json& box : *boxes) {
      check(box.is_array() && box.size() == 4, place.c_str(), "holds a box that is not [x_min, y_min, x_max, y_max]");
      const auto corner = [&](int i) { return Fields::as<double>(box[i], place); };
      finding.boxes->push_back({corner(0), corner(1), corner(2), corner(3)});
    }
  }
  return finding;
}

const std::string kDemoPrefix = std::string(kDemoWarning) + ". ";

}  // namespace

Json to_json(const Report& r) {
  Json findings = Json::array();
  for (const Finding& finding : r.findings) findings.push_back(finding_json(finding));
  Json warnings = Json::array();
  if (r.far_from_phantoms) warnings.push_back(kDemoWarning);
  for (const std::string& warning : r.warnings) warnings.push_back(warning);
  Json json = {{"schema", kReportSchema}, {"notice", kNotice}, {"demo", r.demo}, {"study_id", r.study_id}};
  json["model"] = {{"name", r.model_name}, {"weights_sha256", r.weights_sha256}, {"version", r.version}};
  json["task"] = r.task;
  json["seed"] = r.seed;
  json["sampling"] = r.sampling;
  json["findings"] = std::move(findings);
  json["report"] = r.report ? Json((r.far_from_phantoms ? kDemoPrefix : "") + *r.report) : Json(nullptr);
  if (r.labels) json["labels"] = *r.labels;
  json["finish"] = finish_word(r.finish);
  json["image"] = {
      {"width", r.image_width}, {"height", r.image_height}, {"view", r.view}, {"used", r.used}, {"steps", r.steps}};
  json["warnings"] = std::move(warnings);
  json["usage"] = {
      {"prompt_tokens", r.prompt_tokens}, {"image_tokens", r.image_tokens}, {"completion_tokens", r.completion_tokens}};
  const auto ms = [](double value) { return rounded(value, 1e3); };
  json["timing_ms"] = {{"load", ms(r.load_ms)}, {"decode", ms(r.decode_ms)}, {"image", ms(r.image_ms)},
      {"prefill", ms(r.prefill_ms)}, {"generate", ms(r.generate_ms)}};
  return json;
}

std::string to_json_text(const Report& report, int indent) {
  return to_json(report).dump(indent, ' ', false, Json::error_handler_t::replace);
}

Report report_from_json(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  const auto schema = Fields::as<std::string>(fields.need("schema"), fields.place("schema"));
  check(schema == kReportSchema, fields.place("schema").c_str(), "\"" + schema + "\" is not known",
      std::string("Known: ") + kReportSchema + ".");
  Report r;
  r.task = Fields::as<std::string>(fields.need("task"), fields.place("task"));
  fields.read("demo", r.demo);
  fields.read("study_id", r.study_id);
  fields.read("seed", r.seed);
  fields.read("sampling", r.sampling);
  if (const Json* finish = fields.find("finish")) {
    const auto word = Fields::as<std::string>(*finish, fields.place("finish"));
    const std::optional<Finish> known = finish_from_word(word);
    check(known.has_value(), fields.place("finish").c_str(), "\"" + word + "\" is not known",
        "Known: stop, length, stopped.");
    r.finish = *known;
  }
  fields.read("warnings", r.warnings);
  if (fields.find("report")) fields.read("report", r.report.emplace());
  if (const Json* labels = fields.find("labels")) {
    check(labels->is_object(), fields.place("labels").c_str(), "is not an object");
    r.labels.emplace();
    for (const auto& [name, state] : labels->items())
      (*r.labels)[name] = Fields::as<int>(state, fields.place("labels." + name));
  }
  if (const Json* model = fields.find("model")) {
    const Fields m(*model, fields.place("model"));
    m.read("name", r.model_name);
    m.read("weights_sha256", r.weights_sha256);
    m.read("version", r.version);
  }
  const Json& findings = fields.need("findings");
  check(findings.is_array(), fields.place("findings").c_str(), "is not a list");
  for (size_t i = 0; i < findings.size(); ++i)
    r.findings.push_back(finding_from(findings[i], fields.place("findings[" + std::to_string(i) + "]")));
  if (const Json* image = fields.find("image")) {
    const Fields m(*image, fields.place("image"));
    m.read("width", r.image_width);
    m.read("height", r.image_height);
    m.read("view", r.view);
    m.read("steps", r.steps);
    if (const Json* used = m.find("used")) {
      check(used->is_array() && used->size() == 4, m.place("used").c_str(), "is not [x0, y0, x1, y1]");
      for (int i = 0; i < 4; ++i) r.used[i] = Fields::as<int>((*used)[i], m.place("used"));
    }
  }
  if (const Json* usage = fields.find("usage")) {
    const Fields m(*usage, fields.place("usage"));
    m.read("prompt_tokens", r.prompt_tokens);
    m.read("image_tokens", r.image_tokens);
    m.read("completion_tokens", r.completion_tokens);
  }
  if (const Json* timing = fields.find("timing_ms")) {
    const Fields m(*timing, fields.place("timing_ms"));
    m.read("load", r.load_ms);
    m.read("decode", r.decode_ms);
    m.read("image", r.image_ms);
    m.read("prefill", r.prefill_ms);
    m.read("generate", r.generate_ms);
  }
  if (!r.warnings.empty() && r.warnings.front() == kDemoWarning) {
    r.far_from_phantoms = true;
    r.warnings.erase(r.warnings.begin());
    if (r.report && r.report->starts_with(kDemoPrefix)) r.report->erase(0, kDemoPrefix.size());
  }
  return r;
}

}  // namespace hilum
