"""The filters of a page: in the address, in a popover, and as pills that can be taken away.

Here: the control for any filters with a list of allowed values, and the way back where they leave nothing. Not here: what they
select (data/).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboards import parameters
from dashboards.components import controls, paper
from dashboards.data import names, own_dimensions
from dashboards.data.filters import Own, own
from dashboards.snapshots import Ref


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One filter: its parameter, its name, what may be chosen, and what is.

    Attributes:
        name: the parameter in the address.
        title: what a reader calls it.
        allowed: the values that the snapshot holds.
        chosen: those of them that stand in the address.
        words: a value in words.
        single: at most one value at a time.
    """

    name: str
    title: str
    allowed: tuple[str, ...]
    chosen: tuple[str, ...]
    words: Callable[[str], str]
    single: bool = False


def read(name: str, title: str, allowed: Sequence[str], words: Callable[[str], str], *, single: bool = False) -> FilterChoice:
    """A filter as the address has it; a value that the snapshot does not hold is dropped."""
    chosen = parameters.several(name, allowed)
    return FilterChoice(name, title, tuple(allowed), chosen[:1] if single else chosen, words, single)


def read_own(ref: Ref, fact: str) -> tuple[FilterChoice, ...]:
    """The filters of a fact by the dimensions of one's own."""
    return tuple(
        read(own(name), title, own_dimensions.values(ref, fact, name), names.labels_of(ref, name))
        for name, title in own_dimensions.titles(ref, fact).items()
    )


def own_of(choices: Iterable[FilterChoice]) -> Own:
    """What was chosen by filters of `read_own`."""
    return tuple((choice.name.removeprefix(own("")), choice.chosen) for choice in choices if choice.chosen)


def control(choices: Sequence[FilterChoice]) -> None:
    """The popover with one control per filter."""
    if parameters.printing():
        for choice in choices:
            paper.words(choice.title, ", ".join(map(choice.words, choice.chosen)) or controls.ALL)
        return
    in_force = sum(len(choice.chosen) for choice in choices)
    with st.popover(f"Filters · {in_force}" if in_force else "Filters", icon=":material/filter_list:", key="filters"):
        for choice in choices:
            _control(choice)


def _control(choice: FilterChoice) -> None:
    titles = {value: choice.words(value) for value in choice.allowed}
    drawn: dict[str, Any] = {"key": f"choice_{choice.name}", "placeholder": "All", "width": 300}
    if choice.single:
        controls.choice(choice.name, choice.title, titles, next(iter(choice.chosen), None), index=None, **drawn)
    else:
        controls.several(choice.name, choice.title, titles, choice.chosen, **drawn)


def pills(choices: Sequence[FilterChoice]) -> None:
    """Every filter in force; choosing one takes it away."""
    titles = {f"{choice.name}={value}": f"{choice.title}: {choice.words(value)}" for choice in choices for value in choice.chosen}
    if not titles or parameters.printing():
        return

    def take_away() -> None:
        still_chosen = set(st.session_state["choices"])
        for choice in choices:
            parameters.put(choice.name, [value for value in choice.chosen if f"{choice.name}={value}" in still_chosen])
        parameters.drop(["page"])

    st.session_state["choices"] = list(titles)
    st.pills(
        "Filters in force; choose one to take it away",
        list(titles),
        format_func=lambda code: f"{titles[code]} ✕",
        selection_mode="multi",
        key="choices",
        label_visibility="collapsed",
        on_change=take_away,
    )


def clear(names: Iterable[str]) -> None:
    """A button that takes all filters away and begins at the top."""
    if not parameters.printing() and st.button("Clear filters", on_click=lambda: parameters.drop([*names, "page"])):
        st.rerun(scope="app")
