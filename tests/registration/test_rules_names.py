"""`correct_names`, and what is new of a receipt: neither has versions, both are logged as changes."""

from __future__ import annotations

import datetime as dt

import pytest

from finsam_site.access.acting import AccessRefused
from finsam_site.access.models import Atkomst, Handling
from finsam_site.access.roles import Roll
from registration.models import IMPORTED_FORM, Inregistrering, Samtycke
from registration.rules.facts import load_facts
from registration.rules.findings import ChangedMeanwhile, RuleError
from registration.rules.names import NyttNamn, Skal, correct_names, name_changes, names_mark, reason_of
from registration.rules.receipts import write_receipts
from registration.rules.values import Samtyckesuppgifter
from tests import factories

pytestmark = [pytest.mark.both, pytest.mark.django_db]

Day = dt.date
SENT, RECEIVED = Day(2024, 2, 1), Day(2024, 2, 9)


def changes() -> int:
    return Atkomst.objects.filter(handling=Handling.ANDRAT).count()


def test_a_corrected_name_leaves_nothing_of_the_old_one() -> None:
    """One name may be left as it is; the same again is no change, and no version is made."""
    one = factories.registered(0)
    with factories.as_system():
        assert correct_names([NyttNamn(one.pk, efternamn="Nysson")]) == [one.pk]
        assert factories.identitet_of(one).decrypt_names() == ("Förnamn0", "Nysson")
        assert correct_names([NyttNamn(one.pk, "Förnamn0", "Nysson")]) == []
    assert changes() == 1 and Inregistrering.unscoped.count() == 1
    assert "Nysson" not in repr(NyttNamn(one.pk, "Ny", "Nysson"))


def test_a_name_is_given_and_can_be_kept() -> None:
    """All that is wrong at once, and nothing is written."""
    one = factories.registered(0)
    with factories.as_system(), pytest.raises(RuleError) as caught:
        correct_names([NyttNamn(one.pk, " ", "x" * 201), NyttNamn(one.pk, "a\x00b")])
    assert [(found.field, found.kind) for found in caught.value.findings] == [
        ("fornamn", "namn_saknas"),
        ("efternamn", "namn_kan_inte_sparas"),
        ("fornamn", "namn_kan_inte_sparas"),
    ]
    assert factories.identitet_of(one).decrypt_names() == ("Förnamn0", "Efternamn0")


def test_names_are_corrected_in_the_own_insatser_only() -> None:
    """Out of scope is refused, and the try logged."""
    own, other = factories.insats(), factories.insats()
    one, stranger = factories.registered(0, insats=own), factories.registered(1, insats=other)
    account = factories.user(Roll.DELTAGARANSVARIG, insats=own)
    with factories.acting(account):
        assert correct_names([NyttNamn(one.pk, "Ny")]) == [one.pk]
    with pytest.raises(AccessRefused), factories.acting(account):
        correct_names([NyttNamn(stranger.pk, "Ny")])
    assert factories.identitet_of(stranger).decrypt_names()[0] == "Förnamn1"


def test_a_name_that_somebody_else_has_corrected_since_it_was_seen() -> None:
    """The mark says which names were seen and tells nothing of them; who and when stands in the access log."""
    one = factories.registered(0)
    with factories.as_system():
        seen = names_mark(one.pk, "Förnamn0", "Efternamn0")
        assert "Förnamn0" not in seen and seen != names_mark(one.pk, "Efternamn0", "Förnamn0")
        correct_names([NyttNamn(one.pk, efternamn="Ny", seen=seen)])
        with pytest.raises(ChangedMeanwhile):
            correct_names([NyttNamn(one.pk, efternamn="Nyare", seen=seen)])
        assert factories.identitet_of(one).decrypt_names() == ("Förnamn0", "Ny")
        correct_names([NyttNamn(one.pk, efternamn="Nyare", seen=names_mark(one.pk, "Förnamn0", "Ny"))])
    found = name_changes(one.pk)
    assert [(change.user, change.who) for change in found] == [
        (factories.system().pk, factories.system().namn)
    ] * 2
    assert found[0].when < found[1].when and name_changes(factories.registered(1).pk) == []


def test_a_reason_is_kept_of_each_where_there_is_one() -> None:
    """In one call too: the log says it of the deltagande that it is of, and nothing of others."""
    one, two, three = (factories.registered(n) for n in range(3))
    with factories.as_system():
        changed = correct_names(
            [
                NyttNamn(one.pk, "Ny", skal=Skal.LASTE_FEL),
                NyttNamn(two.pk, "Ny", skal=Skal.NYTT_NAMN),
                NyttNamn(three.pk, "Ny"),
            ]
        )
    assert set(changed) == {one.pk, two.pk, three.pk}
    said = [[reason_of(change) for change in name_changes(each.pk)] for each in (one, two, three)]
    assert said == [["Jag läste fel på papperet"], ["Personen har bytt namn"], [""]]


def test_of_a_receipt_the_later_days_are_taken() -> None:
    """Never an earlier one, and nothing that is empty."""
    one = factories.registered(0, original_skickat=SENT)
    stored = Samtycke.unscoped.get()

    def take(skickat: Day | None, mottaget: Day | None) -> tuple[bool, Day | None, Day | None]:
        """(changed, sent, received) after these days come in with another code, which does not replace the own."""
        said = Samtyckesuppgifter(
            stored.undertecknat, factories.FORMULAR, referenskod="other", original_skickat=skickat,
            original_mottaget=mottaget,
        )  # fmt: skip
        with factories.as_system():
            changed = bool(write_receipts({one.pk: said}, load_facts()))
        now = Samtycke.unscoped.get()
        assert now.referenskod == stored.referenskod
        return changed, now.original_skickat, now.original_mottaget

    assert take(SENT, None) == (False, SENT, None)
    assert take(Day(2024, 1, 31), RECEIVED) == (True, SENT, RECEIVED)
    assert take(RECEIVED, None) == (True, RECEIVED, RECEIVED)
    assert take(RECEIVED, RECEIVED) == (False, RECEIVED, RECEIVED)
    assert changes() == 2


def test_a_samtycke_without_a_receipt_gets_the_whole_of_it() -> None:
    """Once; from then on it keeps its code."""
    one = factories.registered(0, formular=IMPORTED_FORM, inlast=True)
    form = factories.formular()
    for code in ("ABC", "XYZ"):
        said = Samtyckesuppgifter(factories.UNDERTECKNAT, form.version, "ar", code, SENT)
        with factories.as_system():
            write_receipts({one.pk: said}, load_facts())
        stored = Samtycke.unscoped.get()
        assert (stored.inlast, stored.referenskod, stored.sprak) == (False, "ABC", "ar")
        assert (stored.formular_id, stored.original_skickat) == (form.pk, SENT)
