"""The page at a sandbox's root: what the remote did, and forms to steer it. Readable without any script."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

from aeghash.sandbox.faults.remote import FaultyRemote
from aeghash.sandbox.jsontext import JsonObject, to_json
from aeghash.sandbox.model import Chapter
from aeghash.sandbox.serving.forms import render_forms

ROWS_SHOWN = 50
CELL_SHOWN = 160
MOMENTS = {"at", "now", "due", "createAt", "updateAt", "listedAt", "sentAt", "receiptAt", "requestedAt"}

_FOLDER = Path(__file__).parent / "assets"
ASSETS = {
    "/assets/page.css": ("text/css; charset=utf-8", (_FOLDER / "page.css").read_bytes()),
    "/assets/icon.svg": ("image/svg+xml", (_FOLDER / "icon.svg").read_bytes()),
    "/assets/page.js": ("text/javascript; charset=utf-8", (_FOLDER / "page.js").read_bytes()),
}

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name} sandbox</title>
<link rel="icon" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/page.css">
<script src="/assets/page.js" defer></script>
</head>
<body>
<header>
<h1>{name} sandbox</h1>
<p>API at <code>{path}</code>. Also <a href="/_books">books</a>, <a href="/_trace">trace</a>,
<a href="/_faults">faults</a> as JSON.</p>
<p id="notice" role="status"></p>
</header>
<main>
<section class="forms">
{forms}
</section>
<div id="state">
{state}
</div>
</main>
</body>
</html>
"""


def render_page(remote: FaultyRemote) -> str:
    model = remote.model
    return PAGE.format(
        name=escape(model.name),
        path=escape(model.path),
        forms=render_forms(model.name, methods=list(model.methods), kinds=remote.kinds()),
        state=_state(remote),
    )


def _state(remote: FaultyRemote) -> str:
    remote.model.catch_up()
    faults = [fault.as_json() for fault in remote.plan.faults]
    requests = Chapter(remote.trace, _request_row)
    parts = [
        _summary(remote.model.summary()),
        _table("faults", faults, len(faults)),
        _table("requests", requests.newest(ROWS_SHOWN), len(remote.trace)),
    ]
    for name, chapter in remote.model.chapters().items():
        parts.append(_table(name, chapter.newest(ROWS_SHOWN), len(chapter.entries)))
    return "\n".join(parts)


def _request_row(entry: JsonObject) -> JsonObject:
    """Return a trace entry as a row: what came, what struck, what was shown."""
    if entry["event"] != "call":
        told = entry.get("request") or {"method": entry["method"], "number": entry["number"]}
        return {"n": entry["n"], "at": entry["at"], "method": entry["event"], "arguments": told}
    shown = entry["shown"]
    return {
        "n": entry["n"],
        "at": entry["at"],
        "method": f"{entry['method'] or 'unreadable'} #{entry['number']}",
        "arguments": entry["arguments"],
        "faults": entry["faults"] or "",
        "executed": entry["executions"],
        "shown": shown["kind"] if shown["kind"] != "answered" else f"{shown['status']} {shown['text']}",
    }


def _summary(values: JsonObject) -> str:
    items = (f"<div><dt>{escape(name)}</dt><dd>{_cell(name, value)}</dd></div>" for name, value in values.items())
    return f'<dl class="summary">{"".join(items)}</dl>'


def _table(name: str, newest: Sequence[JsonObject], total: int) -> str:
    count = f"{len(newest)} of {total}" if total > len(newest) else str(total)
    heading = f"<h2>{escape(name.capitalize())} <small>{count}</small></h2>"
    if not newest:
        return f'<section id="{escape(name)}">{heading}<p class="none">None yet.</p></section>'
    columns = list(dict.fromkeys(column for row in newest for column in row))
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join(_row(columns, row) for row in newest)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'<section id="{escape(name)}">{heading}<div class="wide">{table}</div></section>'


def _row(columns: Sequence[str], row: JsonObject) -> str:
    return "<tr>" + "".join(f"<td>{_cell(column, row.get(column))}</td>" for column in columns) + "</tr>"


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in MOMENTS and isinstance(value, int):
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)).strftime("%Y-%m-%d %H:%M:%S")
    text = value if isinstance(value, str) else to_json(value)
    return escape(text if len(text) <= CELL_SHOWN else text[:CELL_SHOWN] + "…")
