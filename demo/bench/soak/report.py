"""What came out of a soak: what failed, and how long everything took."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from demo.bench.report import Report, machine, quantile, table

if TYPE_CHECKING:
    from .log_watch import LogWatch
    from .patient import Episode, Patient
    from .vitals import Level

_MOST: Final = 10
"""Failures of one kind that are told one by one."""


def findings(
    patients: Sequence[Patient],
    log: LogWatch,
    *,
    growth: float,
    growth_limit: float,
    memory: float,
    before: Level,
    after: Level,
    stopping: float,
    stopping_limit: float,
) -> Report:
    """Return the report.

    Args:
        patients: The cameras and what befell them.
        log: What was logged.
        growth: By how many MB memory has grown.
        growth_limit: By how many it may.
        memory: MB at the end.
        before: Threads and files in use before.
        after: And after everything was stopped.
        stopping: Seconds that this took.
        stopping_limit: And may take.

    """
    failures = [failure for patient in patients for failure in patient.failures]
    for patient in patients:
        if not patient.ledger.frames:
            failures.append(f"{patient.name}: no frame was checked")
        wrong = patient.ledger.faults
        failures += [f"{patient.name}: {what}" for what in wrong[:_MOST]]
        if len(wrong) > _MOST:
            failures.append(
                f"{patient.name}: and {len(wrong) - _MOST} more such frames"
            )
    if growth > growth_limit:
        failures.append(f"memory has grown by {growth:.1f} MB")
    if len(after.threads) > len(before.threads):
        left = Counter(after.threads) - Counter(before.threads)
        names = ", ".join(f"{count} {name}" for name, count in sorted(left.items()))
        failures.append(f"threads are left over: {names}")
    if after.files > before.files:
        failures.append(f"{after.files - before.files} files are left open")
    if stopping > stopping_limit:
        failures.append(f"stopping took {stopping:.1f} s")
    failures += [f"a secret in the log of {name}" for name in log.leaks]
    return {
        "failures": failures,
        "faults": _by_fault([e for patient in patients for e in patient.episodes]),
        "cameras": {patient.name: _of_camera(patient) for patient in patients},
        "growth_mb": round(growth, 1),
        "rss_mb": round(memory, 1),
        "threads": [len(before.threads), len(after.threads)],
        "files": [before.files, after.files],
        "stop_s": round(stopping, 2),
        "log_lines": log.lines,
        "machine": machine(),
    }


def soak_text(report: Report) -> str:
    """Return a report for people."""
    rows = [["fault", "count", "noticed p50", "max", "back p50", "max, s", "shown as"]]
    for name, figures in report["faults"].items():
        numbers = (
            figures[key]
            for key in ("noticed_p50_s", "noticed_max_s", "back_p50_s", "back_max_s")
        )
        cells = ["-" if number is None else f"{number:.1f}" for number in numbers]
        shown = ", ".join(figures["shown"]) or "-"
        rows.append([name, str(figures["count"]), *cells, shown])
    cameras = [
        ["camera", "frames", "oldest, s", "claims, s", "stuck", "reconnects", "dropped"]
    ]
    for name, camera in report["cameras"].items():
        cameras.append(
            [
                name,
                str(camera["frames"]),
                f"{camera['oldest_s']:.2f}",
                f"{camera['optimism_s']:+.2f}",
                str(camera["stuck"]),
                str(camera["reconnects"]),
                str(camera["dropped"]),
            ]
        )
    lines = [
        table(rows),
        table(cameras),
        f"{report['seconds']:.0f} s, seed {report['seed']}, load"
        f" {report['machine']['load']}; memory {report['rss_mb']:.0f} MB, grown by"
        f" {report['growth_mb']:.1f} MB; threads {_pair(report['threads'])}, open files"
        f" {_pair(report['files'])}; stopped within {report['stop_s']:.1f} s;"
        f" {report['log_lines']} log lines without a secret"
        if not any("secret" in failure for failure in report["failures"])
        else "There are secrets in the log.",
    ]
    if report["failures"]:
        lines.append("\n".join(["FAILED:", *(f"- {f}" for f in report["failures"])]))
    else:
        lines.append(
            f"Each fault was recovered from within {report['bound_s']:.0f} s of its end,"
            " and no frame was handed on that was older than 2 s."
        )
    return "\n\n".join(lines)


def _pair(numbers: Sequence[int]) -> str:
    return f"{numbers[0]} before and {numbers[1]} after"


def _by_fault(episodes: Sequence[Episode]) -> Report:
    """Return what is to be told of each fault."""
    groups: dict[str, list[Episode]] = defaultdict(list)
    for episode in episodes:
        groups[episode.fault].append(episode)
    report: Report = {}
    for name, group in sorted(groups.items()):
        noticed = [e.noticed for e in group if e.noticed is not None]
        back = [e.back for e in group if e.back is not None]
        report[name] = {
            "count": len(group),
            "noticed_p50_s": _rounded(noticed, 0.5),
            "noticed_max_s": _rounded(noticed, 1.0),
            "back_p50_s": _rounded(back, 0.5),
            "back_max_s": _rounded(back, 1.0),
            "shown": sorted(set().union(*(e.shown for e in group))),
        }
    return report


def _of_camera(patient: Patient) -> Report:
    ledger, status = patient.ledger, patient.source.status
    return {
        "frames": ledger.frames,
        "oldest_s": round(ledger.oldest, 3),
        "optimism_s": round(ledger.optimism, 3),
        "stuck": ledger.stuck,
        "reconnects": status.reconnects,
        "dropped": status.dropped,
        "late": status.late,
        "corrupt": status.corrupt,
    }


def _rounded(values: Sequence[float], share: float) -> float | None:
    return round(quantile(values, share), 2) if values else None
