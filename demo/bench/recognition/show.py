"""Reports as Markdown, to be pasted into docs/ as they are."""

from collections.abc import Sequence
from typing import Any, Final

from demo.bench.report import Report

_SHARES: Final = {
    "exact": "exact",
    "exact_o0i1": "O=0, I=1",
    "ed1": "at most one character wrong",
    "detected": "plate found",
}


def accuracy_text(report: Report) -> str:
    """Return the report of `accuracy` as a text."""
    rows = [
        [
            *("", "", "pictures", *_SHARES.values()),
            *("other reads per picture", "ms, median", "ms, 95 %"),
        ]
    ]
    readers: dict[str, dict[str, Any]] = report["readers"]
    first = next(iter(readers.values()))
    for group in (key for key, figures in first.items() if isinstance(figures, dict)):
        for name, reader in readers.items():
            figures = reader[group]
            rows.append(
                [group, name, str(figures["n"])]
                + [_percent(figures[key]) for key in _SHARES]
                + [f"{figures['false_per_picture']:.2f}"]
                + [f"{figures[key]:.0f}" for key in ("ms_p50", "ms_p95")]
            )
    levels = [["", "seconds to load", "memory at most, MB"]]
    levels += [
        [name, f"{reader['load_s']:.2f}", f"{reader['rss_mb']:.0f}"]
        for name, reader in readers.items()
    ]
    threads = f"{report['threads']} threads each."
    return "\n\n".join(
        [markdown(rows), markdown(levels), f"{threads} {machine_line(report)}"]
    )


def throughput_text(report: Report) -> str:
    """Return the report of `throughput` as a text."""
    rows: list[dict[str, Any]] = report["rows"]
    parts = [
        (
            f"Each camera takes {report['fps']:.0f} pictures per second, for"
            f" {report['seconds']:.0f} s; {report['pictures']} different ones."
            f" {report['threads']} threads in all."
        ),
        _lanes_table([row for row in rows if not row["flood"]]),
        _flood_table([row for row in rows if row["flood"]]),
        machine_line(report),
    ]
    wrong = "\n".join(f"- WRONG: {what}" for what in report["failures"])
    parts.append(
        wrong
        or "Every picture was answered, dropped for a newer one, or refused with the"
        " advice when to come again; no more waited than the service says."
    )
    return "\n\n".join(part for part in parts if part)


def _lanes_table(rows: Sequence[dict[str, Any]]) -> str:
    head = [
        *("", "workers", "lanes", "answers per s"),
        *("answered", "dropped for newer", "refused"),
        *("ms, median", "ms, 95 %", "ms, worst", "CPU ms per answer", "memory, MB"),
    ]
    return _table(
        head,
        [
            [
                *_who(row),
                f"{row['answered_per_s']:.1f}",
                *(str(row[fate]) for fate in ("answered", "dropped", "refused")),
                *_times(row["ms"], "p50", "p95", "max"),
                _whole(row["cpu_ms_per_answer"]),
                _whole(row["rss_mb"]),
            ]
            for row in rows
        ],
    )


def _flood_table(rows: Sequence[dict[str, Any]]) -> str:
    head = [
        *("", "workers", "clients", "sent", "answered", "refused", "no answer"),
        *("most without answer", "most waiting inside"),
        *("ms, 95 %, first third", "ms, 95 %, last third", "ms of a refusal, 95 %"),
        *("CPU ms per answer", "memory, MB"),
    ]
    return _table(
        head,
        [
            [
                *_who(row),
                *(str(row[key]) for key in ("taken", "answered", "refused", "lost")),
                str(row["in_flight_max"]),
                _whole(row["waiting_max"]),
                *_times(row["first_third_ms"], "p95"),
                *_times(row["last_third_ms"], "p95"),
                *_times(row["refused_ms"], "p95"),
                _whole(row["cpu_ms_per_answer"]),
                _whole(row["rss_mb"]),
            ]
            for row in rows
        ],
    )


def _table(head: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    return markdown([head, *body]) if body else ""


def _who(row: dict[str, Any]) -> list[str]:
    name = "rapidocr, plain queue" if row["peer"] else "Plate Gate"
    return [name, str(row["workers"]), str(row["lanes"])]


def _times(times: dict[str, float] | None, *which: str) -> list[str]:
    return [_whole(times[key] if times else None) for key in which]


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a table, the first one its head; numbers flush right."""
    head, *body = rows
    widths = [max(3, *map(len, column)) for column in zip(*rows, strict=True)]
    is_text = [
        not all(_is_number(row[column]) for row in body) for column in range(len(head))
    ]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(cells, widths, is_text, strict=True)
        ]
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * width if text else "-" * (width - 1) + ":"
        for width, text in zip(widths, is_text, strict=True)
    ]
    return "\n".join([line(head), line(rule), *map(line, body)])


def machine_line(report: Report) -> str:
    """Say on what it was measured, with which versions."""
    facts = report["machine"]
    said = [
        f"{facts['cpu']}, {facts['cores']} cores, load {facts['load']} at the start"
    ]
    for who, packages in facts["versions"].items():
        listed = ", ".join(f"{name} {number}" for name, number in packages.items())
        said.append(f"{who}: {listed}")
    return "; ".join(said) + "."


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _is_number(cell: str) -> bool:
    return cell[:1] in "-–0123456789"
