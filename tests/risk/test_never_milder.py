"""More risk in the context never gives a milder decision, whatever figures staff have set."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from aeghash.core.errors import Invalid
from risk.addresses import parsed_ip
from risk.case import Case, Listed, Looked, Sighting
from risk.context import RiskContext
from risk.figures import COUNT_LIMIT, HOURS, OUTCOME, PER_ASSET, SORTS, Figures, as_json, read_figures
from risk.models import ListEntry, ListKind, Target
from risk.operations.judge import judge
from risk.operations.look_up import readable, readable_address
from risk.severities import Decision, Outcome, decision_of
from tests.risk.contexts import ADDRESS, IP, NOW

ORDER = list(Decision)
amounts = st.decimals(min_value=0, max_value=10**6, places=3)
counts = st.integers(0, 30)
spans = st.timedeltas(timedelta(0), timedelta(hours=60))


def limits(values: st.SearchStrategy[Any], write: Any) -> st.SearchStrategy[dict[str, Any]]:
    both = st.tuples(values, values).map(sorted)
    return st.one_of(
        both.map(lambda pair: {"review": write(pair[0]), "block": write(pair[1])}),
        values.map(lambda value: {"review": write(value), "block": None}),
        values.map(lambda value: {"review": None, "block": write(value)}),
        st.just({"review": None, "block": None}),
    )


positive = st.decimals(min_value=Decimal("0.001"), max_value=10**6, places=3)
OF_KIND = {
    PER_ASSET: st.fixed_dictionaries({}, optional={"USDT": limits(positive, lambda value: format(value, "f"))}),
    COUNT_LIMIT: limits(st.integers(1, 30), int),
    HOURS: st.integers(0, 60),
    OUTCOME: st.sampled_from(Outcome.values),
}
figures = st.fixed_dictionaries({name: OF_KIND[kind] for name, (kind, _) in SORTS.items()}).map(read_figures)

# Each field's values from harmless to bad, as it grows.
worse: dict[str, st.SearchStrategy[Any]] = {
    "amount": amounts.map(lambda amount: amount + Decimal("0.001")),
    "count_24h": counts,
    "count_7d": counts,
    "sum_24h": amounts,
    "sum_7d": amounts,
    "debt": amounts,
    "members_from_ip": counts,
    "members_with_address": counts,
    "account_created_at": spans.map(lambda span: NOW - timedelta(hours=60) + span),
    "address_usable_from": spans.map(lambda span: NOW - timedelta(hours=30) + span),
    "address_first_used_at": spans.map(lambda span: NOW - timedelta(hours=30) + span),
}
pairs = st.fixed_dictionaries({name: st.tuples(values, values).map(sorted) for name, values in worse.items()})
# What the lists, the devices and the member's past say: of each the milder comes first.
lists: st.SearchStrategy[list[bool]] = st.tuples(st.booleans(), st.booleans()).map(sorted)
seen = st.tuples(spans, spans).map(lambda both: sorted(NOW - timedelta(hours=60) + span for span in both))

# What chance may miss in few examples: nothing to find at first, then an address that is blocked.
LONG_AGO = NOW - timedelta(hours=60)
CALM: dict[str, Any] = {"amount": Decimal(1), "count_24h": 0, "count_7d": 0, "sum_24h": Decimal(0), "sum_7d": Decimal(0),
                        "debt": Decimal(0), "members_from_ip": 0, "members_with_address": 0}  # fmt: skip
HARMLESS = {name: [CALM.get(name, LONG_AGO)] * 2 for name in worse}


def case_of(
    figures: Figures, fields: dict[str, Any], blocked: tuple[bool, bool], first_seen: Any, is_strange: bool
) -> Case:
    base: dict[str, Any] = {
        "user_id": 1, "uid": "kim", "asset": "USDT", "address": ADDRESS, "ip": IP, "device_id": "device", "at": NOW,
    }  # fmt: skip
    entries = [ListEntry(pk=1, kind=ListKind.BLOCKED, target=Target.IP)] * blocked[0]
    entries += [ListEntry(pk=2, kind=ListKind.BLOCKED, target=Target.ADDRESS)] * blocked[1]
    return Case(
        context=RiskContext(**base, **fields), figures=figures, decided_at=NOW, ip=parsed_ip(IP),
        address=readable_address(ADDRESS), device_id=readable("device"), listed=Looked(Listed(entries)),
        knows_ip=Looked(not is_strange), device=Looked(Sighting(first_seen)),
    )  # fmt: skip


def decision(case: Case) -> int:
    return ORDER.index(decision_of(finding.severity for finding in judge(case)))


def prove(examples: int) -> set[int]:
    reached: set[int] = set()

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(figures, pairs, lists, lists, seen, lists)
    @example(Figures(), HARMLESS, [False, True], [False, False], [LONG_AGO, LONG_AGO], [False, False])
    def never_milder(
        figures: Figures,
        fields: dict[str, Any],
        by_ip: list[bool],
        by_address: list[bool],
        seen: Any,
        strange: list[bool],
    ) -> None:
        mild, bad = (
            decision(
                case_of(
                    figures, {name: pair[step] for name, pair in fields.items()}, (by_ip[step], by_address[step]),
                    seen[step], strange[step],
                )
            )
            for step in (0, 1)
        )  # fmt: skip
        reached.update((mild, bad))
        assert mild <= bad

    never_milder()
    return reached


def test_more_risk_is_never_judged_milder() -> None:
    assert prove(150) == {0, 1, 2}


@pytest.mark.prove
def test_more_risk_is_never_judged_milder_in_20_000_cases() -> None:
    assert prove(20_000) == {0, 1, 2}


@settings(max_examples=60, deadline=None, database=None)
@given(
    figures,
    pairs,
    st.sampled_from(["ip", "address", "device_id"]),
    st.sampled_from(["\0", "한글 \u202e", "x" * 10_240]),
)
def test_what_cannot_be_read_is_never_allowed(figures: Figures, fields: dict[str, Any], field: str, junk: str) -> None:
    case = case_of(figures, {name: pair[0] for name, pair in fields.items()}, (False, False), NOW, False)
    changed: dict[str, Any] = {field: junk}
    unparsed: dict[str, Any] = {field: None}
    unread = replace(case, context=replace(case.context, **changed), **unparsed)
    assert decision(unread) >= ORDER.index(Decision.REVIEW)


@settings(max_examples=60, deadline=None, database=None)
@given(figures)
def test_figures_are_read_as_they_were_written(figures: Figures) -> None:
    assert read_figures(as_json(figures)) == figures


DEFAULT = as_json(Figures())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", None), ("amount", []), ("amount", {"usdt": {"review": "1", "block": None}}), ("amount", {"USDT": "1"}),
        ("amount", {"USDT": {"review": "1"}}), ("amount", {"USDT": {"review": "NaN", "block": None}}),
        ("amount", {"USDT": {"review": "-1", "block": None}}), ("amount", {"USDT": {"review": "0", "block": None}}),
        ("amount", {"USDT": {"review": "2", "block": "1"}}), ("amount", {"USDT": {"review": 1.5, "block": None}}),
        ("amount", {"USDT": {"review": "1", "block": None, "more": "1"}}),
        ("amount", {f"A{number}": {"review": "1", "block": None} for number in range(101)}),
        ("count_24h", {"review": 0, "block": None}), ("count_24h", {"review": True, "block": None}),
        ("count_24h", {"review": 5, "block": 4}), ("count_24h", {"review": "5", "block": None}), ("count_24h", 5),
        ("debt", "maybe"), ("debt", None), ("new_device_hours", -1), ("new_device_hours", 1.0), ("new_device_hours", 9999),
        ("trust_delay_hours", "24"),
    ],
)  # fmt: skip
def test_figures_that_cannot_be_understood_are_refused(name: str, value: Any) -> None:
    with pytest.raises(Invalid):
        read_figures({**DEFAULT, name: value})


@pytest.mark.parametrize("json", [None, [], "x", {}, {**DEFAULT, "more": 1}, dict(list(DEFAULT.items())[1:])])
def test_every_figure_must_be_there_and_no_other(json: Any) -> None:
    with pytest.raises(Invalid):
        read_figures(json)
