"""The commands that are compared: a case is a name and its steps (steps.py), run one after another in a fresh folder.
In it in/ (inputs.py), testdata/, models/, recipes/ and shared/ can be read; what each step says and every file that a
case leaves is compared."""

import cases_checkpoints
import cases_data
import cases_embeddings
import cases_evaluation
import cases_reports
from steps import steps_of

GROUPS = [
    cases_reports.help_and_usage,
    cases_reports.reports,
    cases_reports.ground_and_chat,
    cases_embeddings.embeddings,
    cases_reports.systems,
    cases_checkpoints.checkpoints,
    cases_evaluation.evaluation,
    cases_data.data_sets,
    cases_checkpoints.training,
]


def all_cases(skip):
    """[(name, steps)]; skip(what) is told what is not there."""
    cases = []

    def add(name, lines):
        if any(name == other for other, _ in cases):
            raise ValueError(f"two cases are called {name}")
        cases.append((name, steps_of(lines)))

    for group in GROUPS:
        group(add)
    cases_data.shared_data(add, skip)
    return cases
