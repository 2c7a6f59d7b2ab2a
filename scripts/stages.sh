# Sourced by scripts/test and scripts/test_long: stages with their times, what they counted, and one line at the end.
#   stage NAME COMMAND...   runs COMMAND, shows what it writes, and keeps it in build/test-logs/; a failure is kept for the end
#   wanted NAME             has stage NAME passed? For stages that cannot do without it
#   finish                  the table of stages; "N passed, N failed" is the last line; exit status
cd "$(dirname "${BASH_SOURCE[0]}")/.."
logs=build/test-logs
mkdir -p "$logs"
declare -A stage_status=()
stage_lines=() passed=0 failed=0 all_started=$SECONDS

stage() {
  local name=$1 started=$SECONDS log status
  shift
  log=$logs/${name//[^a-zA-Z0-9]/-}.log
  printf '\n== %s  (%d:%02d since the start)\n' "$name" $(((SECONDS - all_started) / 60)) $(((SECONDS - all_started) % 60))
  "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  stage_status[$name]=$status
  count_tests "$log" $status
  local word=passed
  ((status == 0)) || word="FAILED (exit $status)"
  stage_lines+=("$(printf '%3d:%02d  %s: %s' $(((SECONDS - started) / 60)) $(((SECONDS - started) % 60)) "$name" "$word")")
  echo "${stage_lines[-1]}"
}

wanted() { [[ ${stage_status[$1]:-1} == 0 ]]; }

# Tests of a stage: ctest's, node's and the fuzz targets' by their own summaries; any other stage is one.
count_tests() {
  local good=0 bad=0 a b
  while read -r a b; do good=$((good + b - a)) bad=$((bad + a)); done < <(
    sed -nE 's/^[0-9]+% tests passed, ([0-9]+) tests? failed out of ([0-9]+).*/\1 \2/p' "$1")
  while read -r a; do good=$((good + a)); done < <(sed -nE 's/^(# |ℹ )pass ([0-9]+)$/\2/p' "$1")
  while read -r a; do bad=$((bad + a)); done < <(sed -nE 's/^(# |ℹ )fail ([0-9]+)$/\2/p' "$1")
  good=$((good + $(grep -cE '^fuzz: [a-z0-9_]+ passed$' "$1"))) || true
  bad=$((bad + $(grep -cE '^fuzz: [a-z0-9_]+ FAILED$' "$1"))) || true
  ((good + bad > 0)) || { (($2 != 0)) || good=1; }
  (($2 == 0 || bad > 0)) || bad=1                          # it failed without naming a test
  passed=$((passed + good)) failed=$((failed + bad))
}

finish() {
  printf '\n== all stages, %d:%02d\n' $(((SECONDS - all_started) / 60)) $(((SECONDS - all_started) % 60))
  printf '%s\n' "${stage_lines[@]}"
  echo "$passed passed, $failed failed"
  ((failed == 0))
}
