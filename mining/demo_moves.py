"""What happens at the pool now and then: credit charged and swapped, a withdrawal that was nobody's, a day said anew."""

from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from django.conf import settings

from aeghash.core import demo
from aeghash.core.acts import Act
from aeghash.core.egress import Call, EgressFailure, read
from aeghash.core.errors import Refusal
from aeghash.core.models import Proposal, User
from aeghash.core.money import format_amount
from aeghash.core.operations.approve_proposal import agree
from aeghash.core.operations.propose import propose
from aeghash.core.payouts import Accepted
from aeghash.core.strict_json import JsonValue
from mining.clients.hashdam import request_withdrawal
from mining.models import Allocation, DayFacts, OrderKind
from mining.operations.order_power import ACTS, CHARGE_CREDIT, content_of
from mining.operations.register_external import REGISTER_EXTERNAL
from mining.operations.sync_days import sync_days
from mining.operations.sync_histories import WITHDRAWALS, sync_history
from mining.queries.orphans import orphans

ORDERS: Final = {OrderKind.CHARGE: "2500", OrderKind.SWAP: "400"}
WAITING: Final = "1000"
TESTED: Final = ("DOGE", Decimal(25))
RESTATED: Final = "0.97"
LOCAL: Final = ("127.0.0.1", "localhost")

log = structlog.get_logger(__name__)


def seed_moves() -> None:
    """Only at a sandbox, whose days may be restated, and where two people of finance are there to agree."""
    people = list(User.objects.filter(email__in=[f"{name}@{demo.DOMAIN}" for name in ("finance", "finance2")]))
    is_sandbox = urlsplit(settings.HASHDAM_API_BASE_URL).hostname in LOCAL
    if len(people) < 2 or not is_sandbox or Proposal.objects.filter(kind=CHARGE_CREDIT.kind).exists():
        return
    try:
        _explain_an_orphan(people)
        _restate_a_day()
        _order(people)  # last: it says that all of this is done
        _leave_one_to_a_visitor(people[0])
    except (Refusal, EgressFailure) as failure:  # the rest of the demo doesn't hang on the pool
        log.warning("demo.moves_left_out", reason=str(failure))


def _leave_one_to_a_visitor(by: User) -> None:
    content = content_of(OrderKind.CHARGE, Decimal(WAITING))
    propose(act=CHARGE_CREDIT, content=content, by=by, reason="다음 주 스왑에 쓸 크레딧 충전")


def _agreed(people: list[User], act: Act, content: dict[str, Any], reason: str) -> None:
    one, other = people
    proposal = propose(act=act, content=content, by=one, reason=reason)
    agree(proposal_id=proposal.pk, digest=proposal.digest, by=other)


def _order(people: list[User]) -> None:
    """The jobs carry them out once the workers run."""
    for kind in (OrderKind.SWAP, OrderKind.CHARGE):
        _agreed(people, ACTS[kind], content_of(kind, Decimal(ORDERS[kind])), "다음 달 해시파워 확보")


def _explain_an_orphan(people: list[User]) -> None:
    """Asked for past our books, as somebody else with our key would."""
    coin, amount = TESTED
    if not isinstance(request_withdrawal(coin, amount, deadline=10), Accepted):
        return
    sync_history(history=WITHDRAWALS)
    explanation = "거래소 입금 주소를 확인하려고 풀 화면에서 직접 보낸 시험 출금"
    for row in orphans():
        content = {"remote_id": row.remote_id, "coin": row.coin, "amount": format_amount(row.amount, 0)}
        _agreed(people, REGISTER_EXTERNAL, content | {"explanation": explanation}, explanation)


def _restate_a_day() -> None:
    """The newest day but one that was given out; what becomes of it is for two people to decide."""
    days = Allocation.objects.order_by("-day").values_list("day", flat=True).distinct()[:2]
    if len(days) < 2 or DayFacts.objects.filter(day=days[1], version__gt=1).exists():
        return
    address = urlsplit(settings.HASHDAM_API_BASE_URL)._replace(path="/_control").geturl()
    control: JsonValue = {"action": "restate", "date": days[1].isoformat(), "factor": RESTATED}
    read(Call(purpose="hashdam.restate", url=address, json=control))
    sync_days(since=days[1])
