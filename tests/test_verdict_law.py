"""The law of results, on the real record: over any history only a datum of a target's own year changes its verdict.

The verdicts are recomputed by a second, plainer implementation: rows of plain numbers, ifs, statsmodels' intervals.
"""

import datetime as dt
import itertools

import pytest
from given import NOW, recorded, summary_csv
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from kyodo.brief import brief_of, build_brief
from kyodo.errors import KyodoError
from kyodo.intake import read_upload
from kyodo.record import Record

LATE = dt.datetime(2026, 5, 1, 10, tzinfo=NOW.tzinfo)
STEPS = st.one_of(
    st.tuples(
        st.just("register"),
        st.sampled_from(["H24", "H25", "H26", "H29", "H30", "R7"]),
        st.dictionaries(
            st.integers(1, 5), st.integers(0, 1000).map(lambda tenths: tenths / 10), min_size=1, max_size=5
        ),
        st.sampled_from([None, 40, 900]),
    ),
    st.tuples(st.just("undo"), st.integers(1, 8)),
)


def take(record, step, plan):
    """One step of a history; what the record refuses (an undo of nothing) is no step."""
    kind, *facts = step
    names = dict(zip(plan.indicators["indicator"], plan.indicators["name"], strict=True))
    try:
        if kind == "undo":
            return record.undo(*facts, by="山田", at=LATE)
        year, values, n = facts
        reading = read_upload(
            summary_csv(values, year=year, n="" if n is None else n, names=names),
            "調査.csv",
            plan=plan,
            today=LATE.date(),
        )
        return record.submit(reading, by="山田", at=LATE, replace=True)
    except KyodoError:
        return None


def settled(brief):
    """What a closed target shows: its own year's datum, and everything that rests on it."""
    rows = brief.targets[brief.targets["state"] == "closed"]
    columns = ["actual", "actual_n", "gap", "attainment", "improvement", "verdict", "against_target"]
    return {
        (row["indicator"], row["target_year"]): tuple(str(row[name]) for name in columns)
        for row in rows.to_dict("records")
    }


@settings(max_examples=3, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=2, max_size=4))
def test_only_a_datum_of_its_own_year_changes_a_result(tmp_path_factory, plan, steps):
    assert_only_its_own_year_counts(tmp_path_factory, plan, steps)


@pytest.mark.slow
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(STEPS, min_size=2, max_size=6))
def test_only_a_datum_of_its_own_year_changes_a_result_over_long_histories(tmp_path_factory, plan, steps):
    assert_only_its_own_year_counts(tmp_path_factory, plan, steps)


def assert_only_its_own_year_counts(tmp_path_factory, plan, steps):
    record = Record(f"sqlite:///{tmp_path_factory.mktemp('law') / 'kyodo.db'}")
    briefs = [brief_of(plan, record, now=LATE)]
    for step in steps:
        take(record, step, plan)
        briefs.append(brief_of(plan, record, now=LATE))
    for before, after in itertools.pairwise(briefs):
        then, now = settled(before), settled(after)
        for key in then.keys() & now.keys():
            assert then[key] == now[key] or datum(before, key) != datum(after, key)
        for indicator, year in then.keys() - now.keys():
            assert datum(after, (indicator, year)) is None, "closed is left only with the datum of that year"


def datum(brief, key):
    indicator, year = key
    rows = brief.values_of(indicator)
    rows = rows[(rows["kind"] == "actual") & (rows["fiscal_year"] == year)]
    return None if rows.empty else (rows["value"].iloc[0], str(rows["n"].iloc[0]))


def plainly(rows, target_year, target):
    """State, verdict and later reading of one target from (kind, year, value, n) rows, by the definitions' words."""
    actuals = sorted((year, value, n) for kind, year, value, n in rows if kind == "actual")
    [(t0, b, n0)] = [(year, value, n) for kind, year, value, n in rows if kind == "baseline"]
    later = [(year, value) for year, value, _ in actuals if year > target_year]
    own = [(value, n) for year, value, n in actuals if year == target_year]
    if own:
        return "closed", "達成" if own[0][0] >= target else "未達成", later[-1:]
    if later:
        return "unmeasured", "未調査", later[-1:]
    if not actuals:
        return "open", "", []
    t1, c, n = actuals[-1]
    return "open", outlook(b, t0, n0, c, t1, n, target, target_year), []


def outlook(b, t0, n0, c, t1, n, target, target_year):
    if c >= target:
        return "到達"
    if n is None:
        flat = round(abs(c - b), 9) < round(0.1 * abs(target - b), 9)
    elif n0 is None:
        low, high = proportion_confint(c / 100 * n, n, method="wilson")
        flat = low <= b / 100 <= high
    else:
        low, high = confint_proportions_2indep(c / 100 * n, n, b / 100 * n0, n0, method="newcomb")
        flat = low <= 0 <= high
    if flat:
        return "横ばい"
    if c < b:
        return "後退"
    pace = round((c - b) / (target - b) / ((t1 - t0) / (target_year - t0)), 9)
    return "順調" if pace >= 0.95 else "やや遅れ" if pace >= 0.6 else "遅れ"


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 5), st.sampled_from([2006, 2011, *range(2012, 2026)])),
        st.tuples(st.integers(0, 1000).map(lambda tenths: tenths / 10), st.sampled_from([None, 30, 1100])),
        max_size=25,
    )
)
def test_a_second_implementation_agrees_on_every_state_and_verdict(plan, surveys):
    printed = plan.values.to_dict("records")
    fixed = {(row["indicator"], row["fiscal_year"]): row for row in printed if row["kind"] != "target"}
    values = [
        (indicator, year, fixed.get((indicator, year), {"value": value})["value"], n)
        for (indicator, year), (value, n) in surveys.items()
    ]
    brief = build_brief(plan, recorded(values), as_of=LATE)
    for row in brief.targets.to_dict("records"):
        n_of = {(indicator, year): n for indicator, year, _, n in values}
        rows = [
            (each["kind"], each["fiscal_year"], each["value"], n_of.get((each["indicator"], each["fiscal_year"])))
            for each in fixed.values()
            if each["indicator"] == row["indicator"]
        ]
        rows += [
            ("actual", year, value, n)
            for indicator, year, value, n in values
            if indicator == row["indicator"] and (indicator, year) not in fixed
        ]
        state, verdict, later = plainly(rows, row["target_year"], row["target"])
        assert (row["state"], row["verdict"]) == (state, verdict)
        assert ([(row["later_year"], row["later"])] if later else []) == later
