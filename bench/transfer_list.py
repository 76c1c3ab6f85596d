"""The staff's list of transfers with a million rows against the same with a thousand: its time, and its queries."""

import time
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aeghash.core import rights
from aeghash.core.actors import acting_as, job
from aeghash.core.models import User
from bench.measure import Row
from wallets.models import Entry, SystemAccount
from wallets.operations.post_many import post_many

# Each fills its page at both sizes.
URLS: Final = ("", "?q=B-7", "?q=list-1", "?kind__exact=post", "?asset__symbol__exact=USDT")
ROUNDS: Final = 9
FEW, MANY = 1_000, 1_000_000
MOST_QUERIES: Final = 12

FILL: Final = """
    SELECT ledger_post_many(array_agg(ROW('list-' || n, CASE n %% 10 WHEN 0 THEN 'USDT' ELSE 'LTC' END, 0.5, NULL,
        'mining_income', (%(members)s::bigint[])[1 + n %% 20], NULL)::transfer_entry ORDER BY n), 'list',
        ROW(now(), 'job', 'bench', '', '', '')::posting_actor) FROM generate_series(%(first)s::int, %(last)s::int) n
"""


def run() -> list[Row]:
    settings.ALLOWED_HOSTS = ["*"]
    with acting_as(job("bench")):
        members = make_members()
    client = staff()
    fill(members, 1, FEW)
    few = {url: measured(client, url) for url in URLS}
    for first in range(FEW + 1, MANY + 1, 100_000):
        fill(members, first, min(first + 99_999, MANY))
    many = {url: measured(client, url) for url in URLS}
    return [row(url, few[url], many[url]) for url in URLS]


def row(url: str, few: tuple[float, int], many: tuple[float, int]) -> Row:
    ratio, queries = many[0] / few[0], many[1]
    if queries >= MOST_QUERIES:
        ratio = float("inf")
    seen = f"{many[0] * 1000:.1f} ms against {few[0] * 1000:.1f} ms, {queries} queries"
    return Row(f"list of {MANY:,} transfers {url}", f"of {FEW:,}", [ratio], at_most=2.0, seen=seen)


def make_members() -> list[int]:
    users = User.objects.bulk_create([User(email=f"l{n}@bench.example", uid=f"B-{n}") for n in range(20)])
    entries = [Entry(f"l-{user.pk}", "LTC", Decimal(1), SystemAccount.ISSUANCE, user.pk) for user in users]
    post_many(entries=entries, batch="start")
    return [user.pk for user in users]


def fill(members: list[int], first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(FILL, {"members": members, "first": first, "last": last})
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE transfers")  # as autovacuum would have


def staff() -> Client:
    user = User.objects.create_user("bench@bench.example", is_admin=True, is_superuser=True)
    assert user.has_perm(rights.EXPORT)
    client = Client()
    client.force_login(user, backend="aeghash.core.authentication.StaffBackend")
    session = client.session
    session["second_factor"] = True
    session.save()
    return client


def measured(client: Client, url: str) -> tuple[float, int]:
    """The best of several, and how many queries one takes."""
    address = f"/admin/wallets/transfer/{url}"
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
        count = len(queries)  # the next request forgets them
    times = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        client.get(address)
        times.append(time.perf_counter() - began)
    return min(times), count
