#include "models/vision/davit.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "nn/pool.h"

namespace hilum {
namespace {

// The smallest grid or picture whose border makes it hold one patch.
int64_t least_side(const DavitStageConfig& stage) { return std::max(1, stage.patch_px - 2 * stage.padding_px); }

std::string block_name(bool channel) { return channel ? "channel_block." : "spatial_block."; }
std::string attention_name(bool channel) { return channel ? "channel_attn." : "window_attn."; }

}  // namespace

DavitWindows davit_windows(Ops& ops, const DavitGrid& grid, int64_t window) {
  DavitWindows w;
  const int64_t down = (grid.height + window - 1) / window, across = (grid.width + window - 1) / window,
                outside = grid.images * grid.tokens();
  w.count = grid.images * down * across;
  w.rows.reserve(static_cast<size_t>(w.count * window * window));
  w.back.resize(static_cast<size_t>(outside));
  for (int64_t n = 0; n < grid.images; ++n)
    for (int64_t at = 0; at < down * across; ++at)
      for (int64_t i = 0; i < window * window; ++i) {
        const int64_t y = at / across * window + i / window, x = at % across * window + i % window;
        const bool inside = y < grid.height && x < grid.width;
        const int64_t row = inside ? n * grid.tokens() + y * grid.width + x : outside;
        if (inside) w.back[static_cast<size_t>(row)] = static_cast<int32_t>(w.rows.size());
        w.filled = w.filled || !inside;
        w.rows.push_back(static_cast<int32_t>(row));
      }
  w.plan = ops.plan(RaggedBatch::uniform(w.count, window * window));
  return w;
}

DavitBlock::Depthwise::Depthwise(const std::string& name, int64_t width) {
  weight.declare(name + ".weight", {width, 1, 3, 3});
  bias.declare(name + ".bias", {width});
}

Tensor DavitBlock::Depthwise::forward(Ops& ops, const Tensor& x, const DavitGrid& grid) const {
  const Tensor map = ops.reshape(x, {grid.images, grid.height, grid.width, x.dim(-1)});  // [N, h, w, D]
  return ops.add(x, ops.reshape(ops.depthwise_conv3x3(map, weight, bias), x.shape()));   // [N*T, D]
}

DavitBlock::DavitBlock(const std::string& prefix, const DavitConfig& c, const DavitStageConfig& stage, bool channel)
    : channel_(channel),
      width_(stage.width),
      heads_(channel ? stage.num_groups : stage.num_heads),
      conv1_(prefix + "conv1.fn.dw", stage.width),
      conv2_(prefix + "conv2.fn.dw", stage.width),
      norm1_(prefix + attention_name(channel) + "norm", stage.width, c.norm_eps),
      norm2_(prefix + "ffn.norm", stage.width, c.norm_eps),
      qkv_(prefix + attention_name(channel) + "fn.qkv", stage.width, 3 * stage.width, c.qkv_bias),
      proj_(prefix + attention_name(channel) + "fn.proj", stage.width, stage.width, true),
      mlp_(prefix + "ffn.fn.net.fc1", prefix + "ffn.fn.net.fc2", stage.width, int64_t{c.mlp_ratio} * stage.width,
          Activation::kGelu) {}

// The reference fills the normalised map with zeros before the projection and does not mask what it filled: those
// places take part as keys and values equal to the bias. Here only real tokens are projected and one row of biases
// stands for all places past the grid.
Tensor DavitBlock::window_attention(Ops& ops, const Tensor& qkv, const DavitWindows& windows) const {
  Tensor all = qkv;  // [N*T, 3D]
  if (windows.filled) {
    const Tensor outside =
        qkv_.bias.declared()
            ? ops.reshape(ops.parameter(qkv_.bias), {1, 3 * width_})
            : ops.from_host(Tensor::host({1, 3 * width_}, std::vector<float>(static_cast<size_t>(3 * width_), 0.0f)));
    const Tensor parts[] = {qkv, outside};
    all = ops.concat(parts, 0);  // [N*T + 1, 3D]
  }
  all = ops.gather_rows(all, windows.rows);  // [windows*window², 3D]
  const Tensor q = ops.slice(all, 1, 0, width_), k = ops.slice(all, 1, width_, width_),
               v = ops.slice(all, 1, 2 * width_, width_);
  const AttentionConfig attention{
      .num_heads = static_cast<int>(heads_), .num_kv_heads = static_cast<int>(heads_), .causal = false};
  return ops.gather_rows(ops.attention(q, k, v, *windows.plan, attention), windows.back);  // [N*T, D]
}

// Each group's channels attend to each other over all tokens: softmax(qᵀk / sqrt(T)) · vᵀ.
Tensor DavitBlock::channel_attention(Ops& ops, const Tensor& qkv, const DavitGrid& grid) const {
  const int64_t n = grid.images, t = grid.tokens(), d = width_, g = heads_, e = d / g;
  const auto part = [&](int64_t i) { return ops.reshape(ops.slice(qkv, 1, i * d, d), {n, t, d}); };  // [N, T, D]
  const auto channels_first = [&](const Tensor& x) {
    return ops.reshape(ops.transpose(x, 1, 2), {n, g, e, t});
  };  // [N, G, e, T]
  const Tensor products = ops.matmul_nt(channels_first(part(0)), channels_first(part(1)));  // [N, G, e, e]
  const Tensor weights = ops.softmax(ops.scale(products, static_cast<float>(1.0 / std::sqrt(static_cast<double>(t)))));
  const Tensor v = ops.transpose(ops.reshape(part(2), {n, t, g, e}), 1, 2);        // [N, G, T, e]
  return ops.reshape(ops.transpose(ops.matmul_nt(v, weights), 1, 2), {n * t, d});  // [N, G, T, e] -> [N*T, D]
}

Tensor DavitBlock::forward(Ops& ops, const Tensor& x, const DavitGrid& grid, const DavitWindows& windows) const {
  Tensor h = conv1_.forward(ops, x, grid);                       // [N*T, D]
  const Tensor qkv = qkv_.forward(ops, norm1_.forward(ops, h));  // [N*T, 3D]
  h = ops.add(
      h, proj_.forward(ops, channel_ ? channel_attention(ops, qkv, grid) : window_attention(ops, qkv, windows)));
  h = conv2_.forward(ops, h, grid);
  return ops.add(h, mlp_.forward(ops, norm2_.forward(ops, h)));
}

void DavitBlock::params(ParamList& list) {
  list.insert(list.end(), {&conv1_.weight, &conv1_.bias});
  norm1_.params(list);
  qkv_.params(list);
  proj_.params(list);
  list.insert(list.end(), {&conv2_.weight, &conv2_.bias});
  norm2_.params(list);
  mlp_.params(list);
}

Davit::Stage::Stage(const std::string& prefix, const DavitConfig& c, int index)
    : embed(prefix + "convs." + std::to_string(index) + ".proj",
          index == 0 ? c.channels : c.stages[static_cast<size_t>(index) - 1].width,
          c.stages[static_cast<size_t>(index)].patch_px, c.stages[static_cast<size_t>(index)].width, true,
          c.stages[static_cast<size_t>(index)].stride_px, c.stages[static_cast<size_t>(index)].padding_px),
      norm(prefix + "convs." + std::to_string(index) + ".norm",
          index > 0 && c.stages[static_cast<size_t>(index)].norm_before ? c.stages[static_cast<size_t>(index) - 1].width
                                                                        : c.stages[static_cast<size_t>(index)].width,
          c.norm_eps) {
  const DavitStageConfig& stage = c.stages[static_cast<size_t>(index)];
  for (int pair = 0; pair < stage.depth; ++pair)
    for (const bool channel : {false, true})
      blocks.emplace_back(
          prefix + "blocks." + std::to_string(index) + "." + std::to_string(pair) + "." + block_name(channel), c, stage,
          channel);
}

Davit::Davit(const DavitConfig& c, const std::string& prefix)
    : config_(c), final_norm_(prefix + "norms", c.stages.back().width, c.norm_eps) {
  for (size_t i = 0; i < c.stages.size(); ++i) stages_.emplace_back(prefix, c, static_cast<int>(i));
}

Tensor Davit::forward(Ops& ops, const Tensor& pixels) const {
  const Shape& s = pixels.shape();
  if (s.rank() != 4 || s[0] < 1 || s[1] != config_.channels)
    throw Error("davit",
        "pixel values have shape " + s.text() + ", wanted [N, " + std::to_string(config_.channels) + ", h, w]",
        "Preprocess the image with the steps of this model's preset.");
  DavitGrid grid{.images = s[0], .height = s[2], .width = s[3]};
  Tensor x = pixels;  // [N, C, h, w], later [N*T, D]
  int block = 0;
  for (size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    const bool norm_before = config_.stages[i].norm_before;
    const int64_t height = stage.embed.outputs(grid.height), width = stage.embed.outputs(grid.width),
                  d = config_.stages[i].width;
    if (least_side(config_.stages[i]) > std::min(grid.height, grid.width))
      throw Error("davit", "a picture of " + std::to_string(s[2]) + " x " + std::to_string(s[3]) + " px is too small");
    if (i > 0) {
      if (norm_before) x = stage.norm.forward(ops, x);
      x = ops.reshape(x, {grid.images, grid.tokens(), x.dim(-1)});  // [N, T, D]
      x = ops.reshape(ops.transpose(x, 1, 2), {grid.images, x.dim(-1), grid.height, grid.width});
    }
    grid.height = height;
    grid.width = width;
    x = ops.reshape(stage.embed.forward(ops, x), {grid.images * grid.tokens(), d});  // [N*T, D]
    if (!norm_before) x = stage.norm.forward(ops, x);
    x = ops.tag(x, "stage_embed", static_cast<int>(i));
    const DavitWindows windows = davit_windows(ops, grid, config_.window);
    for (const DavitBlock& one : stage.blocks) x = ops.tag(one.forward(ops, x, grid, windows), "block", block++);
  }
  const Tensor mean = mean_rows(ops, ops.reshape(x, {grid.images, grid.tokens(), width()}));  // [N, D]
  return final_norm_.forward(ops, mean);
}

void Davit::params(ParamList& list) {
  for (Stage& stage : stages_) {
    stage.embed.params(list);
    stage.norm.params(list);
  }
  for (Stage& stage : stages_)
    for (DavitBlock& block : stage.blocks) block.params(list);
  final_norm_.params(list);
}

std::string Davit::summary() const {
  std::string widths, depths;
  for (const DavitStageConfig& stage : config_.stages) {
    widths += (widths.empty() ? "" : "-") + std::to_string(stage.width);
    depths += (depths.empty() ? "" : "-") + std::to_string(stage.depth);
  }
  return "DaViT, widths " + widths + ", pairs of blocks " + depths + ", windows of " + std::to_string(config_.window);
}

}  // namespace hilum
