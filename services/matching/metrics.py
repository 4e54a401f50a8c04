"""Business metrics of matching."""

from prometheus_client import Counter, Gauge, Histogram

BARRIER_EXPECTED = Gauge("barrier_expected_people", "People on the announced roster of a closed round.", ["region"])
BARRIER_PRESENT = Gauge("barrier_present_people", "People of a closed round that were heard of.", ["region"])
INCOMPLETE = Counter("rounds_incomplete_total", "Times registration was asked for what is missing.", ["region"])
RUNS = Counter("runs_total", "Solvings by how they ended.", ["kind", "state"])
SOLVE_SECONDS = Histogram("solve_seconds", "Time of one solving.", buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800))
SOLVER_PEAK = Gauge("solver_peak_megabytes", "Largest memory of the last solver process.")
PAIRS_PUBLISHED = Counter("pairs_published_total", "Pairs that were published.", ["region"])
PAIRS_INTRODUCED = Counter("pairs_introduced_total", "Pairs introduced after both agreed.", ["region"])
ANSWERED = Counter("pair_answers_total", "What people said to a pair they were asked about.", ["region", "answer"])
FOLLOWED_UP = Counter("follow_up_answers_total", "What introduced people said of how it goes.", ["region", "step", "answer"])
PAIRS_ENDED = Counter("pairs_ended_total", "Published pairs that one of the two ended, by reason.", ["region", "reason"])
LEFT_OVER = Counter("left_over_total", "People without a partner when a plan was published, by reason.", ["region", "reason"])
