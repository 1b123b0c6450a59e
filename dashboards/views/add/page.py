"""Add a source: from a file to an entry of promisekept.yml and a mapping, with what would land shown at each step.

Here: the page of the local mode over the steps of promisekept/project/wizard.py. A file that is chosen here lies in a temporary
folder while the page is drawn, and nowhere else. Not here: the draft, or writing it (promisekept/project).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import streamlit as st

from dashboards import bundling, clock, layout, markdown
from dashboards.components.sections import Card, cards, guarded, nothing, section
from promisekept.config.settings import Settings
from promisekept.config.source import LOGS
from promisekept.errors import ConfigError
from promisekept.presentation import formats, labels
from promisekept.project.adding import add_source
from promisekept.project.sample import Answers, sheets_of
from promisekept.project.wizard import CodeChoice, ColumnChoice, Place, Trial, Wizard

_KINDS = ["csv", "tsv", "txt", "xlsx", "ods"]
_PREVIEWED = 9
_REJECTED = 10
_NONE = ""


@guarded
def main() -> None:
    """Draw the page."""
    layout.sidebar(None)
    settings = bundling.project()
    if settings is None:
        return
    name = markdown.plain(settings.organisation.name)
    st.caption(f"Local mode · project of {name} · nothing is stored until you save")
    st.title("Add a source", anchor=False)
    st.caption("Choose a file, say what its columns and words mean, see what would land, and save the mapping as SQL")
    saved = st.session_state.pop("added", None)
    if saved:
        _saved(saved)
    uploaded = st.file_uploader("File", type=_KINDS, key="file", help="CSV, .xlsx or .ods. It stays on this machine.")
    if uploaded is None:
        nothing("No file is chosen", "Any log: requests, consents, disclosures, records, incidents. One file with a header.")
        return
    with _on_disk(uploaded.name, uploaded.getvalue()) as file:
        wizard = _begin(file)
        if wizard is not None:
            _steps(wizard, settings, hashlib.sha256(uploaded.getvalue()).hexdigest()[:12])


@contextmanager
def _on_disk(name: str, content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="promisekept-add-") as folder:
        file = Path(folder) / f"upload{Path(name).suffix.lower()}"
        file.write_bytes(content)
        yield file


def _begin(file: Path) -> Wizard | None:
    """The file with its sheet and its log; None while one of them is open."""
    try:
        sheets = sheets_of(file)
    except ConfigError as error:
        _refused(error)
        return None
    left, right = st.columns(2)
    if len(sheets) < 2:
        left, right = right, left
    sheet = left.selectbox("Sheet", sheets, key="sheet") if len(sheets) > 1 else None
    wizard = Wizard(file, sheet=sheet)
    try:
        _ = wizard.sample
    except ConfigError as error:
        _refused(error)
        return None
    try:
        guess: str | None = wizard.chosen
    except ConfigError:  # its headers fit no log, or several
        guess = None
    log = right.selectbox(
        "Log", LOGS, index=LOGS.index(guess) if guess else None, key="log", placeholder="Which log do these rows belong to?"
    )
    return replace(wizard, log=log) if log else None


def _refused(error: ConfigError) -> None:
    message = str(error).partition(": ")[2] or str(error)
    st.error(f"**This file can't be read.** {markdown.plain(message)}", icon=":material/error:")


def _steps(wizard: Wizard, settings: Settings, file: str) -> None:
    answered = _answered(wizard, file)
    trial = _tried(answered, settings, file)
    _figures(trial)
    grid = st.grid(3, min_column_width=340, gap=(24, 28))
    with grid.cell():
        _table(answered)
    with grid.cell():
        _mapping(answered, file)
    with grid.cell():
        _outcome(trial)
    _save(answered, settings, trial)


def _answered(wizard: Wizard, file: str) -> Wizard:
    """With what the controls of the page hold; a control that was not drawn yet holds its proposal."""
    prefix = f"{file}:{wizard.sheet}:{wizard.chosen}:"
    columns: dict[str, str] = {}
    for choice in wizard.columns():
        if (key := f"{prefix}column:{choice.column}") in st.session_state:
            columns[choice.column] = st.session_state[key] or _NONE
    answered = replace(wizard, answers=Answers(columns))
    codes: dict[tuple[str, str], str] = {}
    for code in answered.codes():
        if (key := f"{prefix}code:{code.column}:{code.word}") in st.session_state:
            codes[code.column, code.word] = st.session_state[key] or _NONE
    return replace(wizard, answers=Answers(columns, codes))


def _tried(wizard: Wizard, settings: Settings, file: str) -> Trial:
    """What would land; computed once for each set of answers."""
    key = (file, wizard.sheet, wizard.chosen, repr(wizard.answers))
    cached = st.session_state.get("trial")
    if cached is None or cached[0] != key:
        organisation = settings.organisation
        place = Place(organisation.name, organisation.country, str(organisation.time_zone))
        with st.spinner("Taking the rows through landing"):
            cached = (key, wizard.try_out(place, clock.now()))
        st.session_state["trial"] = cached
    trial: Trial = cached[1]
    return trial


def _figures(trial: Trial) -> None:
    outcome = trial.outcome
    if outcome.held_back:
        st.error(f"**The whole file would be rejected.** {markdown.plain(outcome.held_back)}", icon=":material/error:")
        return
    counts: Mapping[str, int] = outcome.counts
    read, rejected = counts["read"], counts["quarantined"]
    rows = f"{formats.count(counts['mapped'])} mapped + {formats.count(counts['unmapped'])} without an event"
    others = counts["superseding"] + counts["conflicting"]
    cards(
        [
            Card("Source rows", formats.count(counts["source_rows"]), rows),
            Card("Events read", formats.count(read), f"from {formats.count(counts['mapped'])} rows"),
            Card("Would land", formats.count(counts["landed"]), f"of {formats.count(read)} events"),
            Card("Duplicates", formats.count(counts["duplicate"]), f"{formats.count(others)} other versions"),
            Card("Rejected", formats.count(rejected), f"of {formats.count(read)} events"),
        ]
    )


def _table(wizard: Wizard) -> None:
    header = wizard.sample.header
    with section("Your table", "The first rows; what names a person is masked"):
        cells = [dict(zip(header, row, strict=False)) for row in wizard.preview(_PREVIEWED)]
        st.dataframe(cells, hide_index=True, width="stretch")
        st.caption("People are replaced by keyed pseudonyms while landing. No row is copied into the project.")


def _mapping(wizard: Wizard, file: str) -> None:
    prefix = f"{file}:{wizard.sheet}:{wizard.chosen}:"
    if wizard.needs_no_mapping:
        with section("Mapping", "The file has the columns of the log"):
            nothing("Nothing is to be mapped", "It lands as it is.", good=True)
        return
    with section("Mapping", "What the log holds, and your column"):
        for choice in wizard.columns():
            _column(choice, wizard, f"{prefix}column:{choice.column}")
    codes = wizard.codes()
    if codes:
        with section("Words", "What each stands for; one that is left open is rejected by its name"):
            for code in codes:
                _code(code, f"{prefix}code:{code.column}:{code.word}")


def _column(choice: ColumnChoice, wizard: Wizard, key: str) -> None:
    options = [_NONE, *wizard.sample.header]
    if key not in st.session_state:
        st.session_state[key] = choice.header or _NONE
    _chosen(choice.meaning.replace("_", " "), options, key, "no column")


def _code(choice: CodeChoice, key: str) -> None:
    options = [_NONE, *(choice.codes or ([choice.code] if choice.code else []))]
    if key not in st.session_state:
        st.session_state[key] = choice.code or _NONE
    _chosen(f"“{choice.word}”, {choice.column.replace('_', ' ')}", options, key, "not mapped")


def _chosen(label: str, options: list[str], key: str, none: str) -> None:
    """A control beside its label."""
    left, right = st.columns([2, 3], vertical_alignment="center")
    left.markdown(markdown.plain(label))
    right.selectbox(label, options, key=key, format_func=lambda one: one or none, label_visibility="collapsed")


def _outcome(trial: Trial) -> None:
    outcome = trial.outcome
    with section("What comes out", "The first events, times in UTC; follows each change"):
        events, rejects, sql = st.tabs(["Events", "Rejected", "SQL"])
        with events:
            shown = [_event(event) for event in outcome.events]
            if shown:
                st.dataframe(shown, hide_index=True, width="stretch")
            else:
                nothing("No event", "No row of the file would land.")
        with rejects:
            _rejects(outcome.refused_rows, sum(outcome.refused.values()))
        with sql:
            st.code(trial.mapping or "-- The file has the columns of the log.", language="sql", wrap_lines=True)
    if trial.questions:
        open_ones = "".join(f"\n- {markdown.plain(one)}" for one in trial.questions)
        st.warning(f"**To confirm in the mapping, which holds a guess for each:**{open_ones}", icon=":material/help:")
    for doubt in outcome.doubts:
        st.warning(markdown.plain(doubt), icon=":material/help:")


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    hidden = {"namespace", "revision", "subject_key", "subject_ref_type", "event_id", "role"}
    first = {"row": event["row_number"], "event_type": event.get("event_type", ""), "occurred_at": event["occurred_at"]}
    rest = {name: value for name, value in event.items() if name not in hidden | {"row_number", *first}}
    return {name: _cell(value) for name, value in (first | rest).items()}


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _rejects(rows: tuple[Mapping[str, Any], ...], number: int) -> None:
    if not number:
        nothing("No row would be rejected", "Of the rows of this file.", good=True)
        return
    st.caption(f"{formats.count(min(number, _REJECTED))} of {formats.count(number)}, by row")
    st.dataframe(
        [
            {
                "Row": row["row_number"],
                "Why": labels.reject_reason(row["reason"], row["column_name"]),
                "Value": row["value"] or "",
            }
            for row in rows
        ],
        hide_index=True,
        width="stretch",
    )


def _save(wizard: Wizard, settings: Settings, trial: Trial) -> None:
    with section("Save", "Writes the mapping as SQL and adds the source to promisekept.yml"):
        left, right = st.columns(2)
        name = left.text_input("Name of the source", f"{wizard.chosen}_file", key="source_name")
        suffix = wizard.file.suffix
        path = right.text_input(
            "Where its files will lie",
            f"./inbox/{wizard.chosen}/*{suffix}",
            key="source_path",
            help="`reader.path`; put the file there.",
        )
        waits = bool(trial.outcome.held_back)
        if st.button("Save the source", type="primary", icon=":material/save:", disabled=waits, key="save"):
            try:
                added = add_source(wizard, settings, name.strip(), path.strip())
            except ConfigError as error:
                st.error(markdown.plain(str(error)), icon=":material/error:")
                return
            mapping = None if added.mapping is None else str(added.mapping.relative_to(settings.base))
            st.session_state["added"] = {"name": name.strip(), "entry": added.entry, "mapping": mapping}
            st.rerun()


def _saved(saved: Mapping[str, Any]) -> None:
    mapping = f" Its mapping is {markdown.code(saved['mapping'])}." if saved["mapping"] else ""
    st.success(
        f"**The source {markdown.plain(saved['name'])} was added to promisekept.yml.**{mapping} "
        "Put its files where they will lie, then run `promisekept check`. The dashboard reads the configuration when it starts.",
        icon=":material/check_circle:",
    )
    st.code(saved["entry"], language="yaml")


if __name__ == "__main__":
    main()
