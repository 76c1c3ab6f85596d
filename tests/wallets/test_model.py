"""The ledger against a model of it in a few dictionaries, over whatever sequence Hypothesis thinks of."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from aeghash.core import catalogue
from aeghash.core.errors import Refusal
from tests.wallets.books import make_member
from wallets.models import Balance, Debt, Entry, SystemAccount
from wallets.operations.hold import hold
from wallets.operations.post import post
from wallets.operations.post_many import post_many
from wallets.operations.raise_debt import raise_debt
from wallets.operations.release import release
from wallets.operations.settle import settle

PAYOUTS, ISSUANCE, EXPENSE = SystemAccount.PAYOUTS, SystemAccount.ISSUANCE, SystemAccount.BONUS_EXPENSE
MEMBERS = st.integers(0, 2)
ASSETS = st.sampled_from(["USDT", "POINT"])
AMOUNTS = st.integers(1, 120).map(Decimal)
REFERENCES = st.integers(0, 25).map(str)  # few, so that they meet
Key = tuple[int, str]


class Ledger(RuleBasedStateMachine):
    """`has`, `locked` and `owes` are what the ledger should say; `done` what each reference stands for."""

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.members = [make_member(f"M-{number}") for number in range(3)]
        self.has: dict[Key, Decimal] = {}
        self.locked: dict[Key, Decimal] = {}
        self.owes: dict[Key, Decimal] = {}
        self.done: dict[str, Any] = {}
        self.holds: dict[int, tuple[Key, Decimal]] = {}
        self.resolved: set[int] = set()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def available(self, key: Key) -> Decimal:
        return self.has.get(key, Decimal(0)) - self.locked.get(key, Decimal(0))

    def add(self, key: Key, amount: Decimal) -> None:
        self.has[key] = self.has.get(key, Decimal(0)) + amount

    def pay_debt(self, key: Key) -> None:
        paid = min(self.owes.get(key, Decimal(0)), self.available(key))
        self.owes[key] = self.owes.get(key, Decimal(0)) - paid
        self.add(key, -paid)

    def call(
        self, reference: str, content: Any, may: bool, act: Callable[[], Any], follow: Callable[[Any], None]
    ) -> None:
        """Known content is a no-op that gives the same again; other content and what may not be is refused."""
        known = self.done.get(reference)
        try:
            given = act()
        except Refusal:
            assert (known is not None and known[0] != content) or (known is None and not may)
            return
        if known is not None:
            assert known == (content, given)
            return
        assert may
        self.done[reference] = (content, given)
        follow(given)

    @rule(reference=REFERENCES, member=MEMBERS, asset=ASSETS, amount=AMOUNTS)
    def credit(self, reference: str, member: int, asset: str, amount: Decimal) -> None:
        key = (member, asset)

        def follow(_given: int) -> None:
            self.add(key, amount)
            self.pay_debt(key)

        def act() -> int:
            target = self.members[member]
            return post(reference=reference, asset=asset, amount=amount, source=ISSUANCE, target=target)

        self.call(reference, ("credit", key, amount), True, act, follow)

    @rule(reference=REFERENCES, gives=MEMBERS, takes=MEMBERS, asset=ASSETS, amount=AMOUNTS)
    def pay(self, reference: str, gives: int, takes: int, asset: str, amount: Decimal) -> None:
        if gives == takes:
            return
        giver, taker = (gives, asset), (takes, asset)

        def follow(_given: int) -> None:
            self.add(giver, -amount)
            self.add(taker, amount)
            self.pay_debt(taker)

        def act() -> int:
            source, target = self.members[gives], self.members[takes]
            return post(reference=reference, asset=asset, amount=amount, source=source, target=target)

        self.call(reference, ("pay", giver, taker, amount), self.available(giver) >= amount, act, follow)

    @rule(reference=REFERENCES, member=MEMBERS, asset=ASSETS, amount=AMOUNTS)
    def set_aside(self, reference: str, member: int, asset: str, amount: Decimal) -> None:
        key = (member, asset)

        def follow(given: int) -> None:
            self.locked[key] = self.locked.get(key, Decimal(0)) + amount
            self.holds[given] = (key, amount)

        def act() -> int:
            return hold(reference=reference, asset=asset, amount=amount, source=self.members[member])

        self.call(reference, ("hold", key, amount), self.available(key) >= amount, act, follow)

    @rule(reference=REFERENCES, number=st.integers(0, 30), verb=st.sampled_from(["settle", "release"]))
    def resolve(self, reference: str, number: int, verb: str) -> None:
        if not self.holds:
            return
        held = sorted(self.holds)[number % len(self.holds)]
        key, amount = self.holds[held]

        def follow(_given: int) -> None:
            self.resolved.add(held)
            self.locked[key] -= amount
            if verb == "settle":
                self.add(key, -amount)
            else:
                self.pay_debt(key)

        def act() -> int:
            if verb == "settle":
                return settle(hold=held, reference=reference)
            return release(hold=held, reference=reference)

        self.call(reference, (verb, held), held not in self.resolved, act, follow)

    @rule(reference=REFERENCES, member=MEMBERS, asset=ASSETS, amount=AMOUNTS)
    def take_back(self, reference: str, member: int, asset: str, amount: Decimal) -> None:
        key = (member, asset)

        def follow(given: Any) -> None:
            assert given.taken == min(amount, self.available(key))
            assert given.owed == amount - given.taken
            self.add(key, -given.taken)
            self.owes[key] = self.owes.get(key, Decimal(0)) + given.owed

        def act() -> Any:
            who = self.members[member]
            return raise_debt(reference=f"c{reference}", asset=asset, amount=amount, member=who, target=EXPENSE)

        self.call(f"c{reference}", ("take back", key, amount), True, act, follow)

    @rule(
        references=st.lists(REFERENCES, min_size=1, max_size=4, unique=True),
        member=MEMBERS,
        asset=ASSETS,
        amount=AMOUNTS,
    )
    def in_a_batch(self, references: list[str], member: int, asset: str, amount: Decimal) -> None:
        key = (member, asset)
        content = ("credit", key, amount)
        known = [self.done[reference] for reference in references if reference in self.done]
        entries = [Entry(reference, asset, amount, ISSUANCE, self.members[member]) for reference in references]
        try:
            count = post_many(entries=entries, batch="batch")
        except Refusal:
            assert any(each[0] != content for each in known)
            return
        assert all(each[0] == content for each in known)
        assert count == len(references) - len(known)
        for reference in references:
            if reference not in self.done:
                self.done[reference] = (content, post(**entry_of(entries, reference)))
                self.add(key, amount)
        self.pay_debt(key)

    @invariant()
    def the_books_say_what_the_model_says(self) -> None:
        for row in Balance.objects.all():
            key = (self.members.index(row.user_id), str(row.asset_id))
            assert (row.amount, row.locked_amount) == (self.has.get(key, 0), self.locked.get(key, 0)), key
        owed = {(self.members.index(row.user_id), str(row.asset_id)): row.amount for row in Debt.objects.all()}
        assert {key: amount for key, amount in owed.items() if amount} == {k: v for k, v in self.owes.items() if v}
        for finding in catalogue.look_at_all(only=("L1", "L2", "L3", "L4", "L5", "L6", "L7")):
            assert finding.holds, finding


def entry_of(entries: list[Entry], reference: str) -> dict[str, Any]:
    entry = next(each for each in entries if each.reference == reference)
    return {name: getattr(entry, name) for name in ("reference", "asset", "amount", "source", "target")}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("examples", "steps"),
    [pytest.param(8, 25, id="small"), pytest.param(100, 50, id="full", marks=pytest.mark.prove)],
)
def test_no_sequence_of_calls_leads_the_ledger_astray(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
