"""What a query reads is found wherever it stands in the query."""

import pytest

from deploy.checks.promql import used

CASES = {
    "up": [("up", set())],
    'rate(x_total{a="b",c!~"d"}[1m])': [("x_total", {"a", "c"})],
    '{__name__="x",a="b"}': [("x", {"a"})],
    'x{a="1" or b="2"}': [("x", {"a", "b"})],
    "sum by (topic) (x)": [("x", {"topic"})],
    "sum without (instance) (x)": [("x", {"instance"})],
    "topk(3, sum by (a) (rate(x[5m])))": [("x", {"a"})],
    "max_over_time(sum by (a) (x)[1h:1m])": [("x", {"a"})],
    "-(x) + vector(0)": [("x", set())],
    "sum by (a) (x) or vector(0)": [("x", {"a"})],
    "x / on (a) y": [("x", {"a"}), ("y", {"a"})],
    "x unless ignoring (b) y": [("x", {"b"}), ("y", {"b"})],
    "sum by (c) (x and on (a) y)": [("x", {"a", "c"}), ("y", {"a"})],
    "sum by (k) (x * on (a) group_left (k) y)": [("x", {"a"}), ("y", {"a", "k"})],
    "sum by (k) (x * on (a) group_right (k) y)": [("x", {"a", "k"}), ("y", {"a"})],
    'sum by (new) (label_replace(x, "new", "$1", "old", "(.*)"))': [("x", {"old"})],
    'sum by (new) (label_replace(x, "new", "1", "", ""))': [("x", set())],
    'sum by (new) (label_join(x, "new", "-", "a", "b"))': [("x", {"a", "b"})],
    'sum by (v) (count_values("v", x))': [("x", set())],
    "topk(scalar(n), x)": [("x", set()), ("n", set())],
    "histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))": [("x_bucket", {"le"})],
    "mybuddy:burn:ratio5m{service='geo'}": [("mybuddy:burn:ratio5m", {"service"})],
}


@pytest.mark.parametrize(("expr", "expected"), CASES.items(), ids=CASES)
def test_metrics_and_their_labels_are_found(expr: str, expected: list[tuple[str, set[str]]]) -> None:
    assert [(name, set(labels)) for name, labels in used(expr)] == expected


@pytest.mark.parametrize("expr", ["sum(", "rate(x)", "nosuch(x)", "$x", 'x{a=~"["}', "", '{a="b"}', '{__name__=~"x.*"}'])
def test_what_cannot_be_read_is_refused_with_one_sentence(expr: str) -> None:
    with pytest.raises(ValueError, match=r"is no PromQL|names no metric") as refused:
        used(expr)
    assert "\n" not in str(refused.value)
