"""Business metrics of matching. It knows regions from events alone: as a label each goes through `known_region`."""

from prometheus_client import Counter, Gauge, Histogram

LOCATED = Gauge("mybuddy_round_people_located", "People of the open or closed round with coordinates.", ["region", "role"])
BARRIER_EXPECTED = Gauge("mybuddy_barrier_expected_people", "People on the announced roster of a closed round.", ["region"])
BARRIER_PRESENT = Gauge("mybuddy_barrier_present_people", "People of a closed round that were heard of.", ["region"])
BARRIER_WAITING = Gauge("mybuddy_barrier_waiting_seconds", "How long a closed round waits for people; else 0.", ["region"])
INCOMPLETE = Counter("mybuddy_rounds_incomplete_total", "Times registration was asked for what is missing.", ["region"])
RUNS = Counter("mybuddy_runs_total", "Solvings by how they ended.", ["kind", "state"])
RUNS_WAITING = Gauge("mybuddy_runs_waiting", "Runs that are not finished, those being solved included.")
RUNS_OLDEST = Gauge("mybuddy_runs_oldest_waiting_seconds", "Age of the oldest run that nobody has taken; 0 where none waits.")
RUNS_FAILED = Gauge("mybuddy_runs_failed", "Runs that failed for good, with no plan of their closing after them.")
SOLVE_SECONDS = Histogram(
    "mybuddy_solve_duration_seconds", "Time of one solving.", ["kind"], buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800)
)
SOLVER_PEAK = Gauge("mybuddy_solver_peak_bytes", "Largest memory of the last solver process.")
PLAN_VALUE = Gauge("mybuddy_plan_value", "What the newest plan reaches in each level.", ["region", "level"])
PLAN_BOUND = Gauge("mybuddy_plan_bound", "What no plan can surpass in each level, as proved.", ["region", "level"])
PLAN_GAP = Gauge("mybuddy_plan_gap_ratio", "How far the newest plan may be from the best one; 0 is proved best.", ["region"])
PLAN_PAIRS = Gauge("mybuddy_plan_pairs", "Pairs of the newest plan.", ["region"])
PLAN_LEFT_OVER = Gauge("mybuddy_plan_left_over_people", "People without a partner in the newest plan.", ["region", "reason"])
PAIRS = Gauge("mybuddy_pairs", "Published pairs of rounds that have not ended.", ["region", "state"])
PAIRS_PUBLISHED = Counter("mybuddy_pairs_published_total", "Pairs that were published.", ["region"])
PAIRS_INTRODUCED = Counter("mybuddy_pairs_introduced_total", "Pairs introduced after both agreed.", ["region"])
ANSWERED = Counter("mybuddy_pair_answers_total", "What people said to a pair they were asked about.", ["region", "answer"])
FOLLOWED_UP = Counter(
    "mybuddy_follow_up_answers_total", "What introduced people said of how it goes.", ["region", "step", "answer"]
)
PAIRS_ENDED = Counter("mybuddy_pairs_ended_total", "Published pairs that one of the two ended.", ["region", "reason"])
LEFT_OVER = Counter("mybuddy_left_over_total", "People without a partner when a plan was published.", ["region", "reason"])
