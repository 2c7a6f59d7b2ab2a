// Every subcommand of `hilum`: its option table and the function that runs it. One .cpp a subcommand.
#pragma once

#include <vector>

#include "cli/options.h"

namespace hilum {

std::vector<Command> all_commands();

int run_report(const OptionValues& options);
int run_ground(const OptionValues& options);
int run_phantom(const OptionValues& options);
int run_chat(const OptionValues& options);
int run_embed(const OptionValues& options);
int run_classify(const OptionValues& options);
int run_search_index(const OptionValues& options);
int run_search_query(const OptionValues& options);
int run_label(const OptionValues& options);
int run_eval_reports(const OptionValues& options);
int run_eval_labels(const OptionValues& options);
int run_eval_ratings(const OptionValues& options);
int run_eval_embeddings(const OptionValues& options);
int run_eval_drift(const OptionValues& options);
int run_eval_phantoms(const OptionValues& options);
int run_curate(const OptionValues& options);
int run_train(const OptionValues& options);
int run_convert(const OptionValues& options);
int run_verify(const OptionValues& options);
int run_serve(const OptionValues& options);
int run_bench(const OptionValues& options);
int run_info(const OptionValues& options);
int run_options_page(const OptionValues& options);

}  // namespace hilum
