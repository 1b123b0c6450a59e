"""Consent strings as browsers carry them, decoded: IAB TCF v2 (Europe) and the sections of IAB GPP that record consent.

Here: which purposes and vendors a TC string consents to; of a GPP string its TCF section and the opt-outs of the US
sections listed in _US. Every field is text or a list of text, as a file's columns are. Not here: the log's words for
any of it, which a mapping finds. A string that can't be decoded has the reason in `problem` and nothing else; a section that is
not decoded here is named in `unread`, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from itertools import islice

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_BITS = {character: f"{value:06b}" for value, character in enumerate(_ALPHABET)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECTION = 4095
_TCF_SECTION, _US_PRIVACY_SECTION = 2, 6
_NAMES = {
    _TCF_SECTION: "tcfeuv2",
    _US_PRIVACY_SECTION: "uspv1",
    7: "usnat",
    8: "usca",
    9: "usva",
    10: "usco",
    11: "usut",
    12: "usct",
}
# The fields that each US section begins with, two bits each after six of the version; the rest is not needed here.
_US = {
    7: "~ +sale +sharing +targeted_advertising ~ ~ sale sharing targeted_advertising",
    8: "+sale +sharing ~ sale sharing",
    9: "~ +sale +targeted_advertising sale targeted_advertising",
    10: "~ +sale +targeted_advertising sale targeted_advertising",
    11: "~ +sale +targeted_advertising ~ sale targeted_advertising",
    12: "~ +sale +targeted_advertising sale targeted_advertising",
}
_US_VERSIONS = {7: (1, 2)}
_YES, _NO = 1, 2


class _UnreadableError(Exception):
    """What is wrong with a string, in words that do not quote it."""


@dataclass(frozen=True, slots=True)
class ConsentSignal:
    """The decoded content of a string.

    Attributes:
        created_at: when it was first made, ISO 8601.
        updated_at: when the person last decided, ISO 8601; since TCF 2.2 a day.
        language: of the notice, ISO 639-1.
        vendor_list_version: of the list of vendors that was shown.
        policy_version: of TCF.
        country: of the publisher, ISO 3166-1.
        purposes: numbers of the TCF purposes consented to.
        purposes_legitimate: those that legitimate interest was claimed for and not objected to.
        special_features: numbers of those opted into.
        vendors: numbers of the vendors consented to.
        vendors_legitimate: those whose legitimate interest was not objected to.
        sections: of a GPP string, by name.
        unread: sections that are not decoded here, by number.
        offered: of what a notice was given according to a US section: `sale`, `sharing`, `targeted_advertising`.
        opt_outs: what the person opted out of according to it, in the same words.
        gpc: `true` or `false`: whether the browser's own signal was sent.
        problem: why nothing could be read.
    """

    created_at: str | None = None
    updated_at: str | None = None
    language: str | None = None
    vendor_list_version: str | None = None
    policy_version: str | None = None
    country: str | None = None
    purposes: list[str] | None = None
    purposes_legitimate: list[str] | None = None
    special_features: list[str] | None = None
    vendors: list[str] | None = None
    vendors_legitimate: list[str] | None = None
    sections: list[str] | None = None
    unread: list[str] | None = None
    offered: list[str] | None = None
    opt_outs: list[str] | None = None
    gpc: str | None = None
    problem: str | None = None


FIELDS = tuple((field.name, "list" in str(field.type)) for field in fields(ConsentSignal))
"""Name of each field, and whether it is a list."""


def read_tcf(text: str) -> ConsentSignal:
    """The signal of a TC string; only its core, which every one has."""
    try:
        return _core(_Reader(text.strip().split(".", 1)[0]))
    except _UnreadableError as error:
        return ConsentSignal(problem=str(error))


def read_gpp(text: str) -> ConsentSignal:
    """The signal of a GPP string, its known sections taken together."""
    header, *parts = text.strip().split("~")
    try:
        numbers = list(islice(_sections(_Reader(header)), len(parts) + 1))
        if len(numbers) != len(parts):
            return ConsentSignal(problem=f"its header does not list as many sections as follow it, which are {len(parts)}")
        signal = ConsentSignal(sections=[_NAMES.get(number, str(number)) for number in numbers])
        for number, part in zip(numbers, parts, strict=True):
            signal = _with(signal, number, part)
    except _UnreadableError as error:
        return ConsentSignal(problem=str(error))
    return signal


class _Reader:
    """The bits of one part of a string, from the first on; six per character."""

    def __init__(self, text: str) -> None:
        try:
            self.bits = "".join([_BITS[character] for character in text.rstrip("=")])
        except KeyError:
            raise _UnreadableError("it has a character that is not of the web-safe base 64 alphabet") from None
        self.at = 0

    def number(self, width: int) -> int:
        if self.at + width > len(self.bits):
            raise _UnreadableError("it ends too early")
        self.at += width
        return int(self.bits[self.at - width : self.at], 2)

    def instant(self) -> str:
        return (_EPOCH + timedelta(milliseconds=100 * self.number(36))).isoformat(timespec="milliseconds")

    def letters(self) -> str:
        return "".join(chr(ord("A") + self.number(6)) for _ in range(2))

    def listed(self, width: int) -> list[str]:
        return [str(number) for number in range(1, width + 1) if self.number(1)]

    def vendors(self) -> list[str]:
        most = self.number(16)
        if not self.number(1):
            return self.listed(most)
        found: list[str] = []
        for _ in range(self.number(12)):
            is_range, first = self.number(1), self.number(16)
            last = self.number(16) if is_range else first
            if not first <= last <= most:
                raise _UnreadableError("a range of vendors does not lie within their number")
            found += map(str, range(first, last + 1))
            if len(found) > most:
                raise _UnreadableError("its ranges of vendors overlap")
        return found

    def fibonacci(self) -> int:
        """A number written as a sum of Fibonacci numbers, the smallest first, ended by two ones."""
        total, before, value, last = 0, 1, 1, 0
        while True:
            bit = self.number(1)
            if bit and last:
                return total
            total += bit * value
            before, value, last = value, before + value, bit
            if total > _LAST_SECTION:
                raise _UnreadableError("a section number in its header is out of all bounds")


def _core(bits: _Reader) -> ConsentSignal:
    version = bits.number(6)
    if version != 2:
        raise _UnreadableError(f"it is of TCF version {version}, and only version 2 is read here")
    created, updated = bits.instant(), bits.instant()
    bits.number(12 + 12 + 6)  # the consent manager, its version, and the screen on which it asked
    language, listed, policy = bits.letters(), bits.number(12), bits.number(6)
    bits.number(1 + 1)  # whether it holds for one service, and for texts of the publisher's own
    features, purposes, legitimate = bits.listed(12), bits.listed(24), bits.listed(24)
    bits.number(1)  # whether purpose 1 was not asked for
    country = bits.letters()
    return ConsentSignal(
        created_at=created,
        updated_at=updated,
        language=language,
        vendor_list_version=str(listed),
        policy_version=str(policy),
        country=country,
        purposes=purposes,
        purposes_legitimate=legitimate,
        special_features=features,
        vendors=bits.vendors(),
        vendors_legitimate=bits.vendors(),
    )


def _sections(bits: _Reader) -> Iterator[int]:
    kind, version = bits.number(6), bits.number(6)
    if kind != 3:
        raise _UnreadableError("it does not begin with a GPP header")
    if version != 1:
        raise _UnreadableError(f"it is of GPP version {version}, and only version 1 is read here")
    last = 0
    for _ in range(bits.number(12)):
        is_range = bits.number(1)
        first = last + bits.fibonacci()
        last = first + bits.fibonacci() if is_range else first
        yield from range(first, last + 1)


def _with(signal: ConsentSignal, number: int, part: str) -> ConsentSignal:
    if number == _TCF_SECTION:
        tcf = _core(_Reader(part.split(".", 1)[0]))
        also = {name: value for name, _ in FIELDS if (value := getattr(tcf, name)) is not None}
        return replace(signal, **also)
    if number == _US_PRIVACY_SECTION:
        return _with_us_privacy(signal, part)
    if number not in _US:
        return replace(signal, unread=[*(signal.unread or []), str(number)])
    return _with_us(signal, number, part)


def _with_us_privacy(signal: ConsentSignal, part: str) -> ConsentSignal:
    if len(part) != 4 or part[0] != "1" or set(part[1:].upper()) - set("YN-"):
        raise _UnreadableError("its US privacy section is not of the form 1YNN")
    return _joined(signal, ["sale"] if part[1] in "Yy" else [], ["sale"] if part[2] in "Yy" else [])


def _with_us(signal: ConsentSignal, number: int, part: str) -> ConsentSignal:
    core, *rest = part.split(".")
    bits = _Reader(core)
    version = bits.number(6)
    if version not in _US_VERSIONS.get(number, (1,)):
        return replace(signal, unread=[*(signal.unread or []), str(number)])
    offered: list[str] = []
    opted_out: list[str] = []
    for name in _US[number].split():
        value = bits.number(2)
        if value not in (0, _YES, _NO):
            raise _UnreadableError(f"its section {_NAMES[number]} has a value that means nothing")
        if name != "~" and value == _YES:
            (offered if name.startswith("+") else opted_out).append(name.removeprefix("+"))
    for extra in rest:
        more = _Reader(extra)
        if more.number(2) == 1:
            signal = replace(signal, gpc="true" if more.number(1) or signal.gpc == "true" else "false")
    return _joined(signal, offered, opted_out)


def _joined(signal: ConsentSignal, offered: list[str], opted_out: list[str]) -> ConsentSignal:
    return replace(
        signal,
        offered=sorted({*(signal.offered or []), *offered}),
        opt_outs=sorted({*(signal.opt_outs or []), *opted_out}),
    )
