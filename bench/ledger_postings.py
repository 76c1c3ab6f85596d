"""What posting costs: the operation against its bare function, on one account against many, against the obvious way."""

import itertools
import os
import re
import subprocess
import tempfile
from decimal import Decimal
from functools import partial
from typing import Final

from django.db import transaction

from aeghash.core.actors import acting_as, job
from aeghash.core.embedded.postgres import binaries
from aeghash.core.models import AuditRow, User
from bench.crew import crew
from bench.measure import Row, compare
from wallets.models import Balance, Entry, SystemAccount, Transfer
from wallets.operations.post import post
from wallets.operations.post_many import post_many

CLIENTS: Final = 8
MEMBERS: Final = 400
ONE: Final = Decimal("0.01")
ONCE: Final = itertools.count(1)
ACCOUNTS: Final = (
    SystemAccount.ISSUANCE,
    SystemAccount.MINING_INCOME,
    SystemAccount.BONUS_EXPENSE,
    SystemAccount.UNALLOCATED,
)

CHOICE: Final = "\\set member random({first}, {last})\n\\set number :number + 1\n"
# What `post` asks of the database, asked by another program, with references that follow one another as ours do.
CALL: Final = """SELECT id, refusal FROM ledger_put('post', \
ROW('pgbench-' || :round || '-' || :number, 'USDT', '0.01'::numeric, NULL::bigint, 'issuance', :member::bigint, NULL)\
::transfer_entry, ROW(now()::timestamptz, 'job', 'bench', '', '', '')::posting_actor);
"""


def run() -> list[Row]:
    with acting_as(job("bench")):
        members = make_members()
    with crew(CLIENTS) as clients, crew(1) as one:
        return [
            compare(
                ("ledger posting, autocommit, one client", lambda: one.rate(partial(credit, members))),
                ("pgbench calling the same function", lambda: pgbench(members, CHOICE + CALL)),
                at_least=0.95,
            ),
            compare(  # for orientation: both keep the statement parsed, so what is left is Python
                ("the same", lambda: one.rate(partial(credit, members))),
                ("pgbench, prepared", lambda: pgbench(members, CHOICE + CALL, protocol="prepared")),
            ),
            compare(
                ("the same inside atomic", lambda: one.rate(partial(credit_in_atomic, members))),
                ("pgbench, in a transaction", lambda: pgbench(members, f"{CHOICE}BEGIN;\n{CALL}COMMIT;\n")),
                at_least=0.70,
            ),
            compare(
                (
                    f"ledger posting, {CLIENTS} clients, all on one company account",
                    lambda: clients.rate(partial(credit, members)),
                ),
                ("the same over spread accounts", lambda: clients.rate(partial(credit_spread, members))),
                at_least=0.90,
            ),
            compare(
                ("ledger posting through the operation", lambda: one.rate(partial(credit, members))),
                ("by the ORM with row locks", lambda: one.rate(partial(credit_by_orm, members))),
                at_least=3.0,
            ),
        ]


def make_members() -> list[int]:
    users = User.objects.bulk_create([User(email=f"m{n}@bench.example", uid=f"B-{n}") for n in range(MEMBERS)])
    start = [Entry(f"start-{user.pk}", "USDT", Decimal(10), SystemAccount.ISSUANCE, user.pk) for user in users]
    post_many(entries=start, batch="start")
    return [user.pk for user in users]


def pgbench(members: list[int], script: str, *, protocol: str = "simple", seconds: int = 1) -> float:
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script.format(first=members[0], last=members[-1]))
        file.flush()
        values = ["-D", f"round={next(ONCE)}", "-D", "number=0"]
        command = [str(binaries() / "pgbench"), "-n", "-c", "1", "-T", str(seconds), "-M", protocol, "-f", file.name]
        said = subprocess.run(
            [*command, *values, os.environ["DATABASE_URL"]], capture_output=True, text=True, check=True
        ).stdout
    found = re.search(r"tps = ([0-9.]+)", said)
    assert found, said
    return float(found[1])


def credit(members: list[int], number: int) -> None:
    post_from(SystemAccount.ISSUANCE, pick(members, number))


def credit_spread(members: list[int], number: int) -> None:
    post_from(ACCOUNTS[number % len(ACCOUNTS)], pick(members, number))


def credit_in_atomic(members: list[int], number: int) -> None:
    with transaction.atomic():
        credit(members, number)


def post_from(source: SystemAccount, member: int) -> None:
    with acting_as(job("bench")):
        post(reference=reference(), asset="USDT", amount=ONE, source=source, target=member)


def credit_by_orm(members: list[int], number: int) -> None:
    """The obvious way, as the owner, who alone may: lock the row, look, write transfer, balance and audit row."""
    with transaction.atomic(using="owner"):
        balance = Balance.objects.using("owner").select_for_update().get(user_id=pick(members, number), asset_id="USDT")
        name = reference()
        if Transfer.objects.using("owner").filter(reference=name).exists():
            return
        transfer = Transfer.objects.using("owner").create(
            kind="post", reference=name, asset_id="USDT", amount=ONE, source_system="issuance", target=balance
        )
        balance.amount += ONE
        balance.save(using="owner", update_fields=["amount"])
        AuditRow.objects.using("owner").create(
            actor_kind="job", actor_id="bench", verb="transfer.posted", object_type="wallets.transfer",
            object_id=str(transfer.pk), after={"amount": "0.01", "reference": name},
        )  # fmt: skip


def reference() -> str:
    return f"bench-{os.getpid()}-{next(ONCE)}"


def pick(members: list[int], number: int) -> int:
    """Each client its own members, so that what is compared is the company's side."""
    own = members[number::CLIENTS]
    return own[next(ONCE) % len(own)]
