"""Which metrics a PromQL expression reads, and which of their labels it names. Dashboards and rules are checked with it."""

from collections.abc import Iterator, Sequence

import promql_parser as promql

Labels = frozenset[str]
NONE: Labels = frozenset()
ONE_SIDED = {"and", "unless"}  # what comes out is of the left side only
NAME = "__name__"


def used(expr: str) -> list[tuple[str, Labels]]:
    """Each selector's metric with the labels that are matched, grouped or joined by, in the order they are written.

    Raises ValueError, with one sentence, where the expression does not parse or a selector names no metric.
    """
    try:
        tree = promql.parse(expr)
    except ValueError as error:
        raise ValueError(f"{expr!r} is no PromQL: {error}") from None
    return list(_read(tree, NONE))


def _read(tree: promql.Expr, asked: Labels) -> Iterator[tuple[str, Labels]]:
    """`asked`: the labels that what stands around the expression wants of it."""
    match tree:
        case promql.VectorSelector():
            yield _selected(tree, asked)
        case promql.MatrixSelector():
            yield _selected(tree.vector_selector, asked)
        case promql.AggregateExpr():
            yield from _aggregated(tree, asked)
        case promql.BinaryExpr():
            yield from _combined(tree, asked)
        case promql.Call():
            yield from _called(tree, asked)
        case promql.ParenExpr() | promql.UnaryExpr() | promql.SubqueryExpr():
            yield from _read(tree.expr, asked)


def _selected(selector: promql.VectorSelector, asked: Labels) -> tuple[str, Labels]:
    matchers = [*selector.matchers.matchers, *(one for some in selector.matchers.or_matchers for one in some)]
    named = [one.value for one in matchers if one.name == NAME and one.op == promql.MatchOp.Equal]
    name = selector.name or next(iter(named), None)
    if name is None:
        raise ValueError(f"{selector} names no metric: write its name before the braces.")
    return name, asked | {one.name for one in matchers if one.name != NAME}


def _aggregated(tree: promql.AggregateExpr, asked: Labels) -> Iterator[tuple[str, Labels]]:
    grouped = frozenset(tree.modifier.labels) if tree.modifier else NONE
    made = _texts([tree.param])[:1] if str(tree.op) == "count_values" and tree.param else []
    yield from _read(tree.expr, asked - {*made} | grouped)
    if tree.param:
        yield from _read(tree.param, NONE)


def _combined(tree: promql.BinaryExpr, asked: Labels) -> Iterator[tuple[str, Labels]]:
    modifier = tree.modifier
    matching = frozenset(modifier.matching.labels) if modifier and modifier.matching else NONE
    carried = frozenset(modifier.group_labels or ()) if modifier else NONE
    both, many, one = asked | matching, (asked - carried) | matching, matching | carried
    left, right = both, both
    if str(tree.op) in ONE_SIDED:
        right = matching
    elif modifier and modifier.card == promql.VectorMatchCardinality.ManyToOne:
        left, right = many, one
    elif modifier and modifier.card == promql.VectorMatchCardinality.OneToMany:
        left, right = one, many
    yield from _read(tree.lhs, left)
    yield from _read(tree.rhs, right)


def _called(tree: promql.Call, asked: Labels) -> Iterator[tuple[str, Labels]]:
    texts = _texts(tree.args)
    if tree.func.name == "label_replace":  # (vector, made, replacement, read, pattern)
        asked = asked - {texts[0]} | {texts[2]} - {""}
    elif tree.func.name == "label_join":  # (vector, made, between, read ...)
        asked = asked - {texts[0]} | {*texts[2:]}
    for argument in tree.args:
        yield from _read(argument, asked)


def _texts(expressions: Sequence[promql.Expr]) -> list[str]:
    return [one.val for one in expressions if isinstance(one, promql.StringLiteral)]
