"""The cockpit's second half: from the close of a round to its pairs and what becomes of them."""

from grafana_foundation_sdk.models import units

from deploy.grafana.expressions import here, most, once, or_zero, regional, rose, total
from deploy.grafana.panels import About, Line, Panel, bars, curve, layers, number, rows, worry


def barrier(which: str) -> str:
    return most(regional(f"mybuddy_barrier_{which}_people"), "region")


def plan(what: str, *labels: str) -> str:
    return most(regional(f"mybuddy_plan_{what}"), "region", *labels)


def counted(metric: str, *labels: str) -> str:
    return or_zero(total(rose(regional(metric)), *labels), *labels[:1])


SECONDS_EACH = " / ".join(total(rose(here(f"mybuddy_solve_duration_seconds_{part}")), "kind") for part in ("sum", "count"))

CLOSING: list[Panel] = [
    number(
        About(
            "Waits for people since",
            "How long a closed round waits for everybody on its roster. Worry above a minute.",
            units.Seconds,
            6,
            worry(60, 300),
        ),
        Line(most(regional("mybuddy_barrier_waiting_seconds"), "region"), "{{region}}"),
    ),
    number(
        About("Runs waiting", "Solvings that are due or being done. Worry when it does not fall.", units.Short, 3, decimals=0),
        Line(most(here("mybuddy_runs_waiting"))),
    ),
    number(
        About(
            "Runs failed",
            "Solvings that ended without a plan; nobody repeats them by itself.",
            units.Short,
            3,
            worry(1, 1),
            decimals=0,
        ),
        Line(most(here("mybuddy_runs_failed"))),
    ),
    number(
        About(
            "Gap",
            "How much better a plan could be at most. Worry above 5 %: the solver had too little time.",
            units.PercentUnit,
            4,
            worry(0.01, 0.05),
            decimals=1,
        ),
        Line(plan("gap_ratio"), "{{region}}"),
    ),
    number(
        About("Pairs in the plan", "Of the newest finished run.", units.Short, 4, decimals=0),
        Line(plan("pairs"), "{{region}}"),
    ),
    number(
        About(
            "Solver's memory", "The largest of the last solver. Worry near the container's limit.", units.BytesIEC, 4, decimals=0
        ),
        Line(most(here("mybuddy_solver_peak_bytes"))),
    ),
    curve(
        About(
            "People at the close",
            "On the roster, and heard of by matching. The round is solved when both are equal; worry while they are not.",
            units.Short,
            decimals=0,
        ),
        Line(barrier("expected"), "{{region}}: on the roster"),
        Line(barrier("present"), "{{region}}: heard of"),
    ),
    rows(
        About(
            "Plan by level",
            "What the newest plan reached at each level, and the bound that no plan can pass. Equal is best.",
            units.Short,
        ),
        Line(plan("value", "level"), "reached"),
        Line(plan("bound", "level"), "bound"),
    ),
    bars(
        About(
            "Left over by reason",
            "People without a partner in the newest plan. Worry about what you can change: a side too small, rules too strict.",
            units.Short,
            decimals=0,
        ),
        Line(or_zero(total(plan("left_over_people", "reason"), "reason"), "reason"), "{{reason}}"),
    ),
    bars(
        About(
            "Runs",
            "Solvings within the time shown, by how they ended. Worry about each that is not done.",
            units.Short,
            12,
            decimals=0,
        ),
        Line(total(rose(here("mybuddy_runs_total")), "kind", "state"), "{{kind}}: {{state}}"),
    ),
    bars(
        About(
            "Seconds for a run", "On average within the time shown. Worry above some minutes.", units.Seconds, 12, worry(60, 300)
        ),
        Line(SECONDS_EACH, "{{kind}}"),
    ),
]

PAIRS: list[Panel] = [
    layers(
        About(
            "Pairs by state",
            "Of rounds that have not ended. Worry when published ones do not become agreed.",
            units.Short,
            decimals=0,
        ),
        Line(total(once(regional("mybuddy_pairs"), "region", "state"), "state"), "{{state}}"),
    ),
    bars(
        About(
            "Answers to a pair",
            "Within the time shown. Worry when more than one in five say no. None where a region introduces at once.",
            units.Short,
            decimals=0,
        ),
        Line(counted("mybuddy_pair_answers_total", "answer"), "{{answer}}"),
    ),
    bars(
        About(
            "Pairs ended by reason",
            "Published pairs that one of the two ended within the time shown. Worry about each that tells of danger.",
            units.Short,
            decimals=0,
        ),
        Line(counted("mybuddy_pairs_ended_total", "reason"), "{{reason}}"),
    ),
    bars(
        About(
            "How it goes",
            "What introduced people said when they were asked, by when. Worry when many have not met.",
            units.Short,
            16,
            decimals=0,
        ),
        Line(counted("mybuddy_follow_up_answers_total", "step", "answer"), "{{step}}: {{answer}}"),
    ),
    bars(
        About("Published and introduced", "Pairs within the time shown.", units.Short, decimals=0),
        Line(counted("mybuddy_pairs_published_total"), "published"),
        Line(counted("mybuddy_pairs_introduced_total"), "introduced"),
    ),
]
