"""The way to a cell of a computed table."""

from collections.abc import Iterable, Mapping

from reporting.charts.words import percent
from reporting.tables.compute import TableResult, Value

HIDDEN = "skyddat"
_NOT_KEYS = frozenset(("ar", "varde", "status"))


class Figures:
    """The cells of a computed table by their keys: `figures("andel", kon="K", alder="20-24")`."""

    def __init__(self, result: TableResult) -> None:
        self.result = result
        self.year = result.year
        self._cells = {
            self._key("ar" in row, {name: str(value) for name, value in row.items() if name not in _NOT_KEYS}): (
                row["varde"], row["status"]
            )
            for row in result.rows
        }  # fmt: skip

    def __call__(self, matt: str, **keys: str) -> Value:
        """The value of the year, None when there is none."""
        return self.cell({"matt": matt, **keys})[0]

    def cell(self, keys: Mapping[str, str], *, before: bool = False) -> tuple[Value, str | None]:
        """Value and status; a cell that the table does not have does not apply."""
        value, status = self._cells.get(self._key(before, keys), (None, "ej_tillamplig"))
        assert not isinstance(value, str)
        return value, None if status is None else str(status)

    def label(self, dimension: str, code: str) -> str:
        """The label of a code as the code list has it."""
        return self.result.labels.get(dimension, {}).get(code, code)

    def largest(
        self, matt: str, dimension: str, *, but: Iterable[str] = ("saknas",), **keys: str
    ) -> str | None:
        """The code with the largest value; None when all are empty, or any is hidden: that one might be larger."""
        left_out = set(but)
        codes = [code for code in self.result.labels.get(dimension, {}) if code not in left_out]
        cells = {code: self.cell({"matt": matt, **keys, dimension: code}) for code in codes}
        if any(status == HIDDEN for _, status in cells.values()):
            return None
        known = {code: value for code, (value, _) in cells.items() if value}
        return max(known, key=lambda code: known[code]) if known else None

    def women_and_men(self, matt: str, **keys: str) -> str | None:
        """`29 procent av kvinnorna och 37 procent av männen`."""
        women, men = self(matt, kon="K", **keys), self(matt, kon="M", **keys)
        if women is None or men is None:
            return None
        return f"{percent(women)} av kvinnorna och {percent(men)} av männen"

    @staticmethod
    def _key(before: bool, keys: Mapping[str, str]) -> tuple[bool, frozenset[tuple[str, str]]]:
        return before, frozenset(keys.items())
