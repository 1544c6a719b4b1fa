"""Writing the descriptive files: create what is new, update what differs, leave what is equal."""

from __future__ import annotations

from typing import Any

from ..models import Forbund, ForbundAr, ForbundKommun, Insats, InsatsAr, InsatsBehovsgrupp, Samtyckesformular
from .columns import FORBUND, FORBUND_AR, FORBUND_KOMMUN, INSATS_AR, INSATSER, SAMTYCKESFORMULAR
from .describing import Described, formular_content
from .reports import Count

_EMPTY_TEXT = ("organisationsnummer",)


def write_described(described: Described) -> Count:
    """Write one file. The files come in the order of the format, so that what they refer to is there."""
    return {
        FORBUND: _write_forbund, FORBUND_KOMMUN: _write_forbund_kommun, INSATSER: _write_insatser,
        INSATS_AR: _write_insats_ar, FORBUND_AR: _write_forbund_ar, SAMTYCKESFORMULAR: _write_formular,
    }[described.spec](described)  # fmt: skip


def _values(described: Described, row: Any, *names: str) -> dict[str, Any]:
    """The columns that the file has, as the model holds them."""
    return {
        name: row.values[name] if row.values[name] is not None or name not in _EMPTY_TEXT else ""
        for name in names
        if name in described.columns
    }


def _save(model: Any, stored: dict[Any, Any], wanted: list[tuple[Any, dict[str, Any]]]) -> Count:
    """Create or update rows. stored: key → row. wanted: (key, every field that the file says, key fields too)."""
    new, changed, names = [], [], set()
    for key, values in wanted:
        one = stored.get(key)
        if one is None:
            stored[key] = one = model(**values)
            new.append(one)
            continue
        differing = {name: value for name, value in values.items() if getattr(one, name) != value}
        if differing:
            for name, value in differing.items():
                setattr(one, name, value)
            names |= set(differing)
            changed.append(one)
    manager = model._base_manager
    manager.bulk_create(new, batch_size=1000)
    if changed:
        manager.bulk_update(changed, sorted(names), batch_size=500)
    return Count(len(new), len(changed), len(wanted) - len(new) - len(changed))


def _write_forbund(described: Described) -> Count:
    stored = {one.forbund_id: one for one in Forbund.unscoped.all()}
    names = ("forbund_id", "namn", "organisationsnummer", "startdatum", "slutdatum")
    wanted = [(row.values["forbund_id"], _values(described, row, *names)) for row in described.rows]
    before = {key: one.uppgatt_i_id for key, one in stored.items()}
    # A slutdatum may go only when the successor has gone, and a successor come only when there is a slutdatum.
    cleared = [key for key, values in wanted if before.get(key) and values.get("slutdatum", True) is None]
    Forbund.unscoped.filter(forbund_id__in=cleared).update(uppgatt_i=None)
    count = _save(Forbund, stored, wanted)
    if "uppgatt_i" in described.columns:
        pks = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
        changed = []
        for row in described.rows:
            successor = row.values["uppgatt_i"]
            one = stored[row.values["forbund_id"]]
            if one.uppgatt_i_id != (pks[successor] if successor else None):
                one.uppgatt_i_id = pks[successor] if successor else None
                changed.append(one)
        Forbund.unscoped.bulk_update(changed, ["uppgatt_i"], batch_size=500)
        old = sum(one.forbund_id in before for one in changed)
        count = Count(count.new, min(count.changed + old, len(before)), max(count.unchanged - old, 0))
    return count


def _write_forbund_kommun(described: Described) -> Count:
    pks = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
    rows = ForbundKommun.objects.filter(stadsdel__isnull=True)
    stored = {(one.forbund_id, one.kommun_id, one.fran): one for one in rows}
    wanted = []
    for row in described.rows:
        forbund, kommun, fran = pks[row.values["forbund_id"]], row.values["kommunkod"], row.values["fran"]
        fields = {"forbund_id": forbund, "kommun_id": kommun, "fran": fran, **_values(described, row, "till")}
        wanted.append(((forbund, kommun, fran), fields))
    return _save(ForbundKommun, stored, wanted)


def _write_insatser(described: Described) -> Count:
    pks = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
    stored = {one.insats_id: one for one in Insats.unscoped.all()}
    names = (
        "insats_id",
        "namn",
        "inriktning",
        "preciserad_inriktning",
        "registreringssatt",
        "startdatum",
        "slutdatum",
    )
    wanted = []
    for row in described.rows:
        fields = {"forbund_id": pks[row.values["forbund_id"]], **_values(described, row, *names)}
        if "esf" in described.columns:
            fields["esf"] = bool(row.values["esf"])
        wanted.append((row.values["insats_id"], fields))
    _free_names(stored, wanted)
    count = _save(Insats, stored, wanted)
    if "behovsgrupper" in described.columns:
        _write_behovsgrupper(described)
    return count


def _free_names(stored: dict[str, Insats], wanted: list[tuple[str, dict[str, Any]]]) -> None:
    """Let insatser swap names: the unique constraint looks at every row at once."""
    renamed = [
        one
        for key, fields in wanted
        if (one := stored.get(key)) and (one.namn, one.forbund_id) != (fields["namn"], fields["forbund_id"])
    ]
    for one in renamed:
        one.namn = f"\x1a{one.pk}"
    if len(renamed) > 1:
        Insats.unscoped.bulk_update(renamed, ["namn"], batch_size=500)


def _write_behovsgrupper(described: Described) -> None:
    pks = dict(Insats.unscoped.values_list("insats_id", "pk"))
    stored: dict[int, set[str]] = {}
    for insats, kod in InsatsBehovsgrupp.objects.values_list("insats_id", "kod"):
        stored.setdefault(insats, set()).add(kod)
    new = []
    for row in described.rows:
        insats, wanted = pks[row.values["insats_id"]], set(row.values["behovsgrupper"] or ())
        if gone := stored.get(insats, set()) - wanted:
            InsatsBehovsgrupp.objects.filter(insats=insats, kod__in=gone).delete()
        new += [
            InsatsBehovsgrupp(insats_id=insats, kod=kod) for kod in sorted(wanted - stored.get(insats, set()))
        ]
    InsatsBehovsgrupp.objects.bulk_create(new, batch_size=1000)


def _write_formular(described: Described) -> Count:
    stored = {one.version: one for one in Samtyckesformular.objects.all()}
    wanted = []
    for row in described.rows:
        values = _values(described, row, "version", "giltig_fran", "giltig_till")
        values["text"], values["namner_behovsgrupp"] = formular_content(row.values)
        values["sprak"] = row.values["sprak"] or "sv"
        wanted.append((row.values["version"], values))
    return _save(Samtyckesformular, stored, wanted)


def _write_insats_ar(described: Described) -> Count:
    pks = dict(Insats.unscoped.values_list("insats_id", "pk"))
    stored = {(one.insats_id, one.ar): one for one in InsatsAr.objects.all()}
    names = ("planerat_antal", "budget", "utfall", "budget_esf", "utfall_esf")
    wanted = []
    for row in described.rows:
        key = (pks[row.values["insats_id"]], row.values["ar"])
        wanted.append((key, {"insats_id": key[0], "ar": key[1], **_values(described, row, *names)}))
    return _save(InsatsAr, stored, wanted)


def _write_forbund_ar(described: Described) -> Count:
    pks = dict(Forbund.unscoped.values_list("forbund_id", "pk"))
    stored = {(one.forbund_id, one.ar, one.post): one for one in ForbundAr.objects.all()}
    wanted = []
    for row in described.rows:
        key = (pks[row.values["forbund_id"]], row.values["ar"], row.values["post"])
        fields = {
            "forbund_id": key[0],
            "ar": key[1],
            "post": key[2],
            **_values(described, row, "budget", "utfall"),
        }
        wanted.append((key, fields))
    return _save(ForbundAr, stored, wanted)
