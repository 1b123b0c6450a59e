"""Add a source: from a file to an entry of promisekept.yml and a mapping, with what would land shown at each step.

Here: the page of the local mode over the steps of promisekept/project/wizard.py. A file that is chosen here lies in a temporary
folder while the page is drawn, and nowhere else. Not here: the draft, or writing it (promisekept/project).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
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
from promisekept.project.certainty import Certainty
from promisekept.project.sample import Answers, sheets_of
from promisekept.project.wizard import CodeChoice, ColumnChoice, Place, Trial, Wizard

_KINDS = ["csv", "tsv", "txt", "xlsx", "ods"]
_PREVIEWED = 9
_REJECTED = 10
_NONE = ""
_STEPS = ("File", "Columns", "Codes", "Check", "Save")


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
    st.caption("Five steps: choose a file, say what its columns and its words mean, see what would land, save the mapping as SQL")
    saved = st.session_state.pop("added", None)
    if saved:
        _saved(saved)
    uploaded = st.file_uploader("1. File", type=_KINDS, key="file", help="CSV, .xlsx or .ods. It stays on this machine.")
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
    prefix = f"{file}:{wizard.sheet}:{wizard.chosen}:"
    drafted, answered = _answered(wizard, prefix)
    trial = _tried(answered, settings, file)
    _progress(drafted, trial, prefix)
    _figures(trial)
    grid = st.grid(3, min_column_width=340, gap=(24, 28))
    with grid.cell():
        _table(answered, trial, prefix)
    with grid.cell():
        _mapping(drafted, prefix)
    with grid.cell():
        _outcome(trial)
    _save(answered, settings, trial, prefix)


def _answered(wizard: Wizard, prefix: str) -> tuple[Wizard, Wizard]:
    """With what a person has chosen or left out, and with that and what is sure; a proposal to be checked stays a question."""
    columns = {
        choice.column: st.session_state.get(f"{prefix}column:{choice.column}") or _NONE
        for choice in wizard.columns()
        if _is_settled(f"{prefix}column:{choice.column}")
    }
    for header in st.session_state.get(f"{prefix}unused", ()):
        columns |= {choice.column: _NONE for choice in wizard.columns() if choice.header == header}
        columns = {column: _NONE if name == header else name for column, name in columns.items()}
    drafted = replace(wizard, answers=Answers(columns))
    codes = {
        (code.column, code.word): st.session_state.get(f"{prefix}code:{code.column}:{code.word}") or _NONE
        for code in drafted.codes()
        if _is_settled(f"{prefix}code:{code.column}:{code.word}")
    }
    drafted = replace(wizard, answers=Answers(columns, codes))
    sure_columns = {one.column: one.header or _NONE for one in drafted.columns() if one.certainty and one.certainty.is_sure}
    sure_codes = {(one.column, one.word): one.code or _NONE for one in drafted.codes() if one.certainty and one.certainty.is_sure}
    return drafted, replace(wizard, answers=Answers(columns | sure_columns, codes | sure_codes))


def _is_settled(key: str) -> bool:
    """Whether a person chose what a control holds, or confirmed it."""
    state = st.session_state
    return key in state and bool(state.get(f"{key}:chosen") or state.get(f"{key}:confirmed"))


def _progress(wizard: Wizard, trial: Trial, prefix: str) -> None:
    """The steps by number, each with its state in words."""
    columns = sum(one.certainty is not None and not one.certainty.is_sure for one in wizard.columns())
    codes = sum(one.certainty is not None and not one.certainty.is_sure for one in wizard.codes())
    if wizard.needs_no_mapping:
        columns = codes = 0
    rejected = sum(trial.outcome.refused.values())
    states = (
        "read",
        f"{columns} to check" if columns else "done",
        f"{codes} to check" if codes else "done",
        "the whole file is rejected" if trial.outcome.held_back else f"{formats.count(rejected)} rejected",
        "possible" if _may_save(trial, prefix) else "waits",
    )
    done = (True, not columns, not codes, not rejected and not trial.outcome.held_back, _may_save(trial, prefix))
    with st.container(horizontal=True, gap="medium", key="steps"):
        for number, (step, state, is_done) in enumerate(zip(_STEPS, states, done, strict=True), start=1):
            icon = "check_circle" if is_done else "radio_button_unchecked"
            st.markdown(f":material/{icon}: **{number} {step}** {state}", width="content")


def _may_save(trial: Trial, prefix: str) -> bool:
    """Whether nothing is asked any more, or a person leaves what is asked open."""
    left_open = not trial.questions or bool(st.session_state.get(_left_open(trial, prefix)))
    return left_open and not trial.outcome.held_back


def _left_open(trial: Trial, prefix: str) -> str:
    """The key of the box that leaves these questions open: other questions have a box of their own."""
    return f"{prefix}left_open:{hashlib.sha256(repr(trial.questions).encode()).hexdigest()[:12]}"


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


def _table(wizard: Wizard, trial: Trial, prefix: str) -> None:
    header = wizard.sample.header
    with section("1. Your table", "The first rows; what names a person is masked"):
        reasons = _reasons(trial)
        cells = [
            {"Row": str(number), "Rejected": reasons.get(number, "")} | dict(zip(header, row, strict=False))
            for number, row in enumerate(wizard.preview(_PREVIEWED), start=1)
        ]
        if not any(one["Rejected"] for one in cells):
            cells = [{name: cell for name, cell in one.items() if name != "Rejected"} for one in cells]
        narrow = {"Row": st.column_config.TextColumn(width=50), "Rejected": st.column_config.TextColumn(width=140)}
        st.dataframe(cells, hide_index=True, width="stretch", column_config=narrow)
        st.multiselect(
            "Do not use these columns",
            list(header),
            key=f"{prefix}unused",
            placeholder="Every column may be used",
            help="No column of the log is taken from them. They are left out when the file is read.",
        )
        used = {one.header for one in wizard.columns() if one.header}
        unused = ", ".join(markdown.plain(one) for one in header if one not in used)
        st.caption(f"{len(used)} of {len(header)} columns are used.{f' Not used: {unused}.' if unused else ''}")
        st.caption("People are replaced by keyed pseudonyms while landing. No row is copied into the project.")


def _reasons(trial: Trial) -> dict[int, str]:
    """Why a row of the file is rejected, or an event of it."""
    found: dict[int, list[str]] = {}
    for row in trial.outcome.refused_rows:
        reason = labels.reject_reason(row["reason"], row["column_name"])
        several = found.setdefault(row["row_number"], [])
        if reason not in several:
            several.append(reason)
    return {number: "; ".join(several) for number, several in found.items()}


def _mapping(wizard: Wizard, prefix: str) -> None:
    if wizard.needs_no_mapping:
        with section("2. Columns", "The file has the columns of the log"):
            nothing("Nothing is to be mapped", "It lands as it is.", good=True)
        return
    with section("2. Columns", "What the log holds, and your column; confirm or change what says Check"):
        for choice in wizard.columns():
            _column(choice, wizard, f"{prefix}column:{choice.column}", st.session_state.get(f"{prefix}unused", ()))
    codes = wizard.codes()
    with section("3. Codes", "What each word stands for; one that is left open is rejected by its name"):
        if not codes:
            nothing("No word needs a code", "Every word is a code of the log, or no column of codes is chosen.", good=True)
        for code in codes:
            _code(code, f"{prefix}code:{code.column}:{code.word}")


def _column(choice: ColumnChoice, wizard: Wizard, key: str, unused: Sequence[str]) -> None:
    options = [_NONE, *(one for one in wizard.sample.header if one not in unused)]
    if not _is_settled(key) or st.session_state.get(key) not in options:
        st.session_state[key] = choice.header or _NONE
    _chosen(choice.meaning.replace("_", " "), options, key, "do not use a column", choice.certainty)


def _code(choice: CodeChoice, key: str) -> None:
    options = [_NONE, *(choice.codes or ([choice.code] if choice.code else []))]
    if not _is_settled(key) or st.session_state.get(key) not in options:
        st.session_state[key] = choice.code or _NONE
    _chosen(f"“{choice.word}”, {choice.column.replace('_', ' ')}", options, key, "not mapped", choice.certainty)


def _chosen(label: str, options: Sequence[str], key: str, none: str, certainty: Certainty | None) -> None:
    """A control beside its label, and below it how certain the proposal is; what is to be checked can be confirmed."""
    left, right = st.columns([2, 3], vertical_alignment="top")
    left.markdown(markdown.plain(label))
    right.selectbox(
        label,
        options,
        key=key,
        format_func=lambda one: one or none,
        label_visibility="collapsed",
        on_change=lambda: st.session_state.update({f"{key}:chosen": True}),
    )
    if certainty is None:
        if _is_settled(key):
            right.caption(":material/done: Chosen")
        return
    icon, word = ("check_circle", "Sure") if certainty.is_sure else ("help", "Check")
    right.caption(f":material/{icon}: **{word}**: {markdown.plain(certainty.reason)}")
    if not certainty.is_sure:
        right.button(
            f"Confirm {label}",
            key=f"{key}:confirm",
            type="tertiary",
            icon=":material/check:",
            on_click=lambda: st.session_state.update({f"{key}:confirmed": True}),
        )


def _outcome(trial: Trial) -> None:
    outcome = trial.outcome
    with section("4. Check", "The first events that come out, times in UTC; follows each change"):
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
            for row in rows[:_REJECTED]
        ],
        hide_index=True,
        width="stretch",
    )


def _save(wizard: Wizard, settings: Settings, trial: Trial, prefix: str) -> None:
    with section("5. Save", "Writes the mapping as SQL and adds the source to promisekept.yml"):
        if trial.questions:
            open_ones = "".join(f"\n- {markdown.plain(one)}" for one in trial.questions)
            st.warning(f"**Not answered yet; the mapping holds a guess for each:**{open_ones}", icon=":material/help:")
            one = len(trial.questions) == 1
            st.checkbox(
                "Leave this question open" if one else f"Leave these {len(trial.questions)} questions open",
                key=_left_open(trial, prefix),
                help="They stay in the mapping as comments, and `promisekept check` asks them again.",
            )
        left, right = st.columns(2)
        name = left.text_input("Name of the source", f"{wizard.chosen}_file", key="source_name")
        suffix = wizard.file.suffix
        path = right.text_input(
            "Where its files will lie",
            f"./inbox/{wizard.chosen}/*{suffix}",
            key="source_path",
            help="`reader.path`; put the file there.",
        )
        waits = not _may_save(trial, prefix)
        if waits and not trial.outcome.held_back:
            st.caption("Saving waits until every question is answered above, or is left open.")
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
