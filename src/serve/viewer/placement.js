// Which of several files is the frontal, the prior and the lateral film? By what each says of itself (view position, study date), else by
// its name, else by the order they came in. Pure: the caller shows the result, and a person can swap.

const kLateralView = /^(LL|RL|LLO|RLO|LAT|LATERAL|L LAT|R LAT)$/i;
const kLateralName = /(^|[^a-z])(l|ll|lat|lateral)([^a-z]|$)/i;
const kPriorName = /(^|[^a-z])(pf|prior|prev|previous|old)([^a-z]|$)/i;

const stem = (item) => item.name.replace(/\.[a-z0-9]+$/i, "");
const date = (item) => item.info.study_date || "";

export function isLateral(item) {
  const view = (item.info.view ?? "").trim();
  return view ? kLateralView.test(view) : kLateralName.test(stem(item));
}

// items: [{name, info}]; occupied: {frontal, prior, lateral} as now (item or null); wanted: a role a single file was dropped on.
// -> {slots: {frontal?, prior?, lateral?} what to put where, fresh: whether everything else goes, left: items with no place}
export function place(items, occupied, wanted = null) {
  if (items.length === 1) return { slots: placeOne(items[0], occupied, wanted), fresh: false, left: [] };
  const slots = {}, left = [];
  const newestFirst = (a, b) => date(b).localeCompare(date(a));
  const laterals = items.filter(isLateral).sort(newestFirst);
  const frontals = items.filter((item) => !isLateral(item));
  if (laterals.length) slots.lateral = laterals.shift();
  left.push(...laterals);

  const isPrior = (item) => kPriorName.test(stem(item));
  const dated = frontals.every(date) && new Set(frontals.map(date)).size > 1;
  const ordered = dated ? [...frontals].sort(newestFirst) : [...frontals.filter((item) => !isPrior(item)), ...frontals.filter(isPrior)];
  const onlyPriors = !dated && occupied.frontal && frontals.every(isPrior);
  if (ordered.length && !onlyPriors) slots.frontal = ordered.shift();
  if (ordered.length) slots.prior = ordered.shift();
  left.push(...ordered);
  return { slots, fresh: Boolean(slots.frontal), left };
}

function placeOne(item, occupied, wanted) {
  if (wanted) return { [wanted]: item };
  if (isLateral(item)) return { lateral: item };
  if (!occupied.frontal) return { frontal: item };
  const here = date(item), there = date(occupied.frontal);
  if (here && there && here > there) return { frontal: item, ...(occupied.prior ? {} : { prior: occupied.frontal }) };
  if (kPriorName.test(stem(item)) || (here && there && here < there) || !occupied.prior) return { prior: item };
  return { frontal: item };
}
