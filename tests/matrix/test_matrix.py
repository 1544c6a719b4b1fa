"""The access matrix: every url × method × role × target, generated from the URLconf (QUALITY §2, "isolation").

What is expected stands in `table.py`. A url without a row there fails, and so does a row whose url is gone.
"""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client, TestCase
from django.urls import resolve, reverse
from django.utils import timezone

from finsam_site.access.middleware import SAFE
from finsam_site.access.models import Atkomst, User
from finsam_site.access.posts import TAKES_FILES
from finsam_site.access.requires import WITHOUT_UPPDRAG, roles_of
from finsam_site.access.roles import Roll
from registration.models import Deltagande, Uppdrag
from tests import factories
from tests.matrix.addresses import every_address
from tests.matrix.table import CAST, NAMES_A_PERSON, Row, rows
from tests.matrix.world import ROLES, World, build

METHODS = ("GET", "POST", "PUT", "DELETE")
SHOWN = 40
VISITS = 6
"""So many addresses of one url are followed."""
MAY_WRITE_ON_GET = ("access_atkomst", "django_session")

Named = Callable[[World], list[Deltagande]]
LEAVING: dict[str, dict[str, Named]] = {
    "registration:register_out_several": {
        "GET": lambda world: [world.deltagande["own"], *world.waiting],
        "POST": lambda world: [],
    },
    "registration:register_out_answers": {
        "GET": lambda world: world.leaving,
        "POST": lambda world: [],
    },
    "registration:register_out_confirm": {
        "GET": lambda world: world.leaving,
        "POST": lambda world: world.leaving,
    },
}
"""Of pages where several are registered out: page → method → whom it shows, or changes."""


def answered(response: HttpResponse) -> str:
    """The answer in a letter of the table, or its status where there is none."""
    if response.status_code == 302:
        where = response["Location"].partition("?")[0]
        return {reverse("access:log_in"): "L", reverse("access:uppdrag"): "U"}.get(where, "3")
    return {200: "2", 403: "F", 404: "4", 409: "C"}.get(response.status_code, str(response.status_code))


class Writes:
    """The tables that statements write to; for `execute_wrapper`."""

    def __init__(self) -> None:
        self.tables: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        found = re.match(r'\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+"?(\w+)', sql, re.I)
        if found:
            self.tables.append(found[1])
        return execute(sql, params, many, context)


class Matrix(TestCase):
    """One world for all; what a request writes is undone before the next."""

    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        cls.world = build(size=2)

    def setUp(self) -> None:
        for name in ("finsam_site.jobs.api.nudge", "finsam_site.jobs.api.broker_answers"):
            patcher = patch(name, lambda *_: True)
            patcher.start()
            self.addCleanup(patcher.stop)
        logging.disable(logging.WARNING)  # a line for each of a thousand refusals tells nobody anything
        self.addCleanup(logging.disable, logging.NOTSET)
        self.clients = {who: self.world.client(who) for who in CAST}

    def ask(
        self, who: str, row: Row, target: str, method: str = ""
    ) -> tuple[Any, list[tuple[str, ...]], list[str]]:
        """(the answer, the rows it added to the access log, the tables it wrote to); all of it is undone."""
        method = method or row.method
        url = self.world.url(row.name, row.kind, target, who)
        body = self.world.body(row.name, target, who) if method == "POST" else {}
        writes = Writes()
        client = self.world.client(who) if row.name.startswith("access:") else self.clients[who]
        with transaction.atomic():
            last = Atkomst.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
            with connection.execute_wrapper(writes):
                answer = getattr(client, method.lower())(url, body)
            looks: list[tuple[str, ...]] = list(
                Atkomst.objects.filter(pk__gt=last).order_by("pk").values_list("handling", "resultat", "objekt_id")
            )  # fmt: skip
            transaction.set_rollback(True)
        return answer, looks, writes.tables

    # The table itself

    def test_every_url_has_a_row_and_every_row_a_url(self) -> None:
        wanted, found = {one.name for one in rows()}, set(every_address())
        assert found - wanted == set(), "these urls have no row in tests/matrix/table.py"
        assert wanted - found == set(), "these rows of tests/matrix/table.py have no url"
        assert len({(one.name, one.method) for one in rows()}) == len(rows())

    def test_every_role_is_in_the_cast(self) -> None:
        assert set(ROLES.values()) == set(Roll)

    def test_the_views_say_the_same(self) -> None:
        """Roles that `requires` names are those with a right in the table; the marks for open pages fit too."""
        addresses = every_address()
        for name in sorted(addresses):
            mine = [one for one in rows() if one.name == name]
            with_right = {
                roll for who, roll in ROLES.items() for row in mine if set(row.cells[who].values()) != {"F"}
            }
            view = addresses[name].view
            assert with_right == (roles_of(view) or set(Roll)), name
            needs_uppdrag = all(set(row.cells["u"].values()) == {"U"} for row in mine)
            assert needs_uppdrag == (not getattr(view, WITHOUT_UPPDRAG, False)), name
            needs_log_in = name == "access:log_out" or any("2" in row.cells["-"].values() for row in mine)
            assert needs_log_in == (not getattr(view, "login_required", True)), name

    # Each cell

    def test_every_cell(self) -> None:
        wrong: list[str] = []
        for row in rows():
            for who in CAST:
                for target in row.targets:
                    wrong += self._wrong_in(row, who, target)
        assert not wrong, "\n".join(["", *wrong[:SHOWN]])

    def _wrong_in(self, row: Row, who: str, target: str) -> list[str]:
        wanted = row.cells[who][target]
        answer, looks, written = self.ask(who, row, target)
        got = answered(answer)
        where = f"{row.method:4} {row.name} as {who}, {target}:"
        if got != wanted:
            return [f"{where} {got}, expected {wanted}"]
        wrong = []
        if sorted(looks) != (expected := self._looks(row, target, wanted, who)):
            wrong.append(f"{where} access log {looks}, expected {expected}")
        if row.method in SAFE and set(written) - set(MAY_WRITE_ON_GET):
            wrong.append(f"{where} a GET wrote to {written}")
        if wanted in "F4" and set(written) - set(MAY_WRITE_ON_GET):
            wrong.append(f"{where} a refused request wrote to {written}")
        return wrong

    def _looks(self, row: Row, target: str, wanted: str, who: str) -> list[tuple[str, ...]]:
        """Exactly one row for each look at, change of, or refused try at a person."""
        if row.name.startswith("registration:samtycken") and wanted in "23":
            return self._looks_at_samtycken(row, who)
        if row.name == "registration:deltaganden" and wanted == "2":
            return sorted(("last", "utfort", str(one.pk)) for one in self.world.in_own)
        if row.name == "registration:deltagare":
            all_insatser = {one.pk for one in (*self.world.in_own, *self.world.same_person)}
            return sorted(("last", "utfort", str(pk)) for pk in all_insatser) if wanted == "2" else []
        if row.name == "registration:find" and row.method == "POST" and wanted == "2":
            found = [("last", "utfort", str(one.pk)) for one in self.world.same_person]
            return sorted([("sokt", "utfort", "egna insatser"), *found])
        if row.name.startswith("registration:person") and who == "G":
            return self._looks_of_the_granskare(row, target)
        if row.name in LEAVING and wanted in "23":
            who_leave = LEAVING[row.name][row.method](self.world)
            handling = "andrat" if row.method == "POST" else "last"
            return sorted((handling, "utfort", str(one.pk)) for one in who_leave)
        if row.kind != NAMES_A_PERSON or wanted in "LU":
            return []
        if row.name == "registration:protect" and wanted == "3":  # concerns the person, not the deltagande
            return sorted(("avidentifierat", "utfort", str(one.pk)) for one in self.world.same_person)
        [pk] = self.world.args(row.name, row.kind, target, "")
        changes = ("registration:samtycke_scan_remove", "registration:wrong_insats")
        done = "andrat" if row.name in changes else "avidentifierat"
        handling = done if wanted == "3" else "last"
        return [(handling, "nekat" if wanted in "F4" else "utfort", str(pk))]

    def _looks_of_the_granskare(self, row: Row, target: str) -> list[tuple[str, ...]]:
        """One for each of the person's deltaganden; of an act one for each that it was done to."""
        if target == "unknown":
            return [("last", "nekat", "uppslag")]
        if row.kind == "rattelse":
            [_, pk] = self.world.args(row.name, row.kind, target, "")
            return [("last", "nekat" if target == "other" else "utfort", str(pk))]
        own = self.world.deltagande["own"]
        every = [str(one.pk) for one in self.world.same_person]
        handling, ids = {
            ("registration:person_find", "GET"): ("", []),
            ("registration:person_find", "POST"): ("sokt", every),
            ("registration:person_withdraw", "POST"): ("avidentifierat", [str(own.pk)]),
            ("registration:person_protect", "POST"): ("avidentifierat", every),
            ("registration:person_names", "POST"): ("andrat", every),
            ("registration:person_number", "POST"): (
                "andrat",
                [*every, str(factories.identitet_of(own).person_id)],
            ),
        }.get((row.name, row.method), ("last", every))
        # Whether somebody has the new number already is looked for as by a search.
        number = (row.name, row.method) == ("registration:person_number", "POST")
        looked_for = [("sokt", "utfort", "ingen träff")] if number else []
        return sorted([*looked_for, *((handling, "utfort", pk) for pk in ids)])

    def _looks_at_samtycken(self, row: Row, who: str) -> list[tuple[str, ...]]:
        """The samtyckesmottagare sees nobody; what is marked is logged by the samtycke, else by the deltagande."""
        own = self.world.deltagande["own"]
        if row.name == "registration:samtycken":
            listed = (
                {one.pk for one in [*self.world.in_own, *self.world.same_person]} if who == "D" else set()
            )
            return sorted(("last", "utfort", str(pk)) for pk in listed)
        if row.method == "POST" and not row.name.endswith("_undo"):
            marked = own.pk if who == "D" else factories.samtycke_of(own).pk
            return [("andrat", "utfort", str(marked))]
        return []

    def test_other_methods(self) -> None:
        """A method that a page has no row for is never done: 405 for who may come there, and no look at anybody."""
        wrong = []
        known = {(one.name, one.method) for one in rows()}
        for row in {one.name: one for one in rows()}.values():
            for method in METHODS:
                if (row.name, method) in known:
                    continue
                first = row.targets[0]
                alike = {
                    row.cells[who][first]: who for who in CAST
                }  # one of those who get the same is enough
                for right, who in alike.items():
                    got = answered(self.ask(who, row, first, method)[0])
                    wanted = {"F": ("F", "405"), "L": ("L",), "U": ("U",)}.get(right, ("405",))
                    if row.name == "access:log_out":
                        wanted = ("405",)
                    if got not in wanted:
                        wrong.append(f"{method} {row.name} as {who}: {got}, expected {wanted}")
        assert not wrong, "\n".join(["", *wrong[:SHOWN]])

    def test_every_post_asks_for_the_token(self) -> None:
        """A post from elsewhere changes nothing, also where the view checks the token by itself."""
        for row in rows():
            who = next(
                (one for one in CAST if row.method == "POST" and row.cells[one][row.targets[0]] in "23"), ""
            )
            if not who or row.name == "ui:components":
                continue
            client = self.world.client(who)
            client.handler.enforce_csrf_checks = True
            answer = client.post(self.world.url(row.name, row.kind, row.targets[0], who), {})
            assert answer.status_code == 403 and b"Ingenting sparades" in answer.content, row.name

    def test_every_view_that_takes_files_asks_by_itself(self) -> None:
        """Token and uppdrag are asked of its post when its own handler stands ready, by the mark and nowhere else."""
        for name, address in every_address().items():
            takes = getattr(address.view, TAKES_FILES, False)
            assert takes == getattr(address.view, "csrf_exempt", False), name
        wanted = {name for name, one in every_address().items() if getattr(one.view, TAKES_FILES, False)}
        asked = set()
        for row in rows():
            who = next(
                (one for one in CAST if row.name in wanted and row.cells[one][row.targets[0]] in "23"), ""
            )
            if not who:
                continue
            client, url = self.world.client(who), self.world.url(row.name, row.kind, row.targets[0], who)
            if row.method == "GET":
                assert b'enctype="multipart/form-data"' in client.get(url).content, row.name
            else:
                assert client.post(url, {"_uppdrag": "0"}).status_code == 409, row.name
                asked.add(row.name)
        assert asked == wanted

    def test_a_file_of_who_may_not_come_there_meets_no_upload_handler(self) -> None:
        """Refused before anything is read: `requires` stands outside `takes_files` (posts.py)."""
        wanted = {name for name, one in every_address().items() if getattr(one.view, TAKES_FILES, False)}
        refused = Counter[str]()
        for row in rows():
            if row.name not in wanted or row.method != "POST":
                continue
            for who in CAST:
                if row.cells[who][row.targets[0]] not in "FLU":
                    continue
                body = {"fil": SimpleUploadedFile("prov.pdf", b"%PDF-1.4 prov")}
                url = self.world.url(row.name, row.kind, row.targets[0], who)
                with (
                    patch.object(FileUploadHandler, "__init__", side_effect=AssertionError(row.name)),
                    patch.object(FileUploadHandler, "handle_raw_input", side_effect=AssertionError(row.name)),
                    transaction.atomic(),
                ):
                    answer: Any = self.world.client(who).post(url, body)
                    transaction.set_rollback(True)
                assert answered(answer) == row.cells[who][row.targets[0]], f"{row.name} as {who}"
                refused[row.name] += 1
        assert refused.keys() == wanted and all(count > 1 for count in refused.values())

    def test_every_link_leads_to_a_page_that_may_be_seen(self) -> None:
        """From the start page on, nobody is offered what is refused."""
        wrong = []
        for who in CAST:
            found, queue, visits = {"/"}, [("/", "")], Counter[str]()
            while queue:
                url, page = queue.pop(0)
                name = resolve(url).view_name
                visits[name] += 1
                if visits[name] > VISITS or name == "access:log_out":
                    continue
                answer = self._get(self.clients[who], url)
                if answer.status_code not in (200, 302):
                    wrong.append(f"{who}: {url} on {page} gives {answer.status_code}")
                if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                    links = re.findall(r'<a[^>]*\shref="(/[^"#?]*)', answer.content.decode())
                    queue += [(one, url) for one in dict.fromkeys(links) if one not in found]
                    found.update(links)
        assert not wrong, "\n".join(["", *wrong[:SHOWN]])

    def _get(self, client: Client, url: str) -> Any:
        with transaction.atomic():
            answer = client.get(url)
            transaction.set_rollback(True)
        return answer

    # Rights end

    def test_a_right_taken_away_bites_at_the_next_request(self) -> None:
        """Whatever the page: the uppdrag ended yesterday, the role is taken, the account is closed."""
        yesterday = timezone.localdate() - dt.timedelta(days=1)
        for who, roll in ROLES.items():
            user = User.objects.filter(pk=self.world.users[who].pk)
            uppdrag = Uppdrag.objects.filter(user__in=user)
            for rights, change, wanted in (
                (uppdrag, {"till": yesterday}, "U"),
                (user, {roll.value: False}, "U"),
                (user, {"is_active": False}, "L"),
            ):
                with transaction.atomic():
                    client = self.world.client(who)
                    assert client.get("/").status_code == 200
                    rights.update(**change)
                    self._opens_nothing(who, client, wanted)
                    transaction.set_rollback(True)

    def _opens_nothing(self, who: str, client: Client, wanted: str) -> None:
        before = Atkomst.objects.count()
        for row in self._rows_of(who):
            first = row.targets[0]
            body = self.world.body(row.name, first, who)
            answer = getattr(client, row.method.lower())(self.world.url(row.name, row.kind, first, who), body)
            assert answered(answer) == wanted, f"{row.method} {row.name} as {who}"
        assert Atkomst.objects.count() == before

    def _rows_of(self, who: str) -> list[Row]:
        """Where somebody of the cast has a right that hangs on an uppdrag."""
        return [
            row
            for row in rows()
            if row.cells["u"][row.targets[0]] == "U" and row.cells[who][row.targets[0]] in "23"
        ]
