"""The report of the overhead as a text for people."""

from demo.bench.report import Report, table

from .run import goals

_ROWS = (
    ("score_ms", "a read, median"),
    ("score_ms_p99", "a read, p99"),
    ("score_worst_ms", "a poor read, plates all alike, median"),
    ("exact_ms", "  beside: exact match"),
    ("edit1_ms", "  beside: edit distance 1, one by one"),
    ("index_ms", "index of the list"),
    ("index_change_ms", "index after a change"),
)


def overhead_text(report: Report) -> str:
    """Return the tables."""
    parts = ("p50", "p99", "max")
    to_gate = [["from the answer to the gate, ms", *parts]]
    for name, key in (
        ("house at rest", "overhead_ms"),
        ("beside 200 state changes per second", "overhead_loaded_ms"),
    ):
        to_gate.append([name, *(_cell(report[f"{key}_{part}"]) for part in parts)])

    sizes = list(report["score_ms"])
    scoring = [["ms, by vehicles on the list", *(f"{int(size):,}" for size in sizes)]]
    for key, name in _ROWS:
        scoring.append([name, *(_cell(report[key][size]) for size in sizes)])

    aims = [["goal", "measured", "at most", ""]]
    for goal in goals(report):
        verdict = "met" if goal.is_met else "MISSED"
        aims.append([goal.name, _cell(goal.value), _cell(goal.limit), verdict])

    facts, seen = report["machine"], report["observed"]
    end = [
        (
            f"{report['arrivals']} arrivals each; {report['reads_observed']:,} reads"
            f" of {seen['visits']:,} listed vehicles, {seen['granted']:,} of them"
            f" granted, and {seen['strangers']:,} strangers;"
            f" {report['rss_mb']:.0f} MB at the end"
        ),
        f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']} at the start",
        *(f"WRONG: {what}" for what in report["failures"]),
    ]
    return "\n\n".join([table(to_gate), table(scoring), table(aims), "\n".join(end)])


def _cell(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
