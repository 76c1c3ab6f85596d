"""How things look to a partner."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.db.models import Count, QuerySet, Sum

from aeghash.core import clock
from aeghash.core.audit.values import plain_time
from aeghash.core.money import format_amount
from bonus.models import BonusType, Entry, EntryState
from mining.queries.power import hash_power
from organization.models import Member, Node, Order, Tree
from partners.models import Partner, PartnerMember
from withdrawals.models import PayoutAddress, Withdrawal

POINT: Final = "POINT"

# Of what is asked most often: by hand, since making the ORM's text would take longer than the answer.
MADE: Final = "SELECT count(*), coalesce(sum(amount), 0) FROM bonus_entries WHERE order_id = %s AND type <> %s"
BALANCES: Final = """
    SELECT
        assets.symbol AS asset,
        coalesce(held.amount, 0) AS amount,
        coalesce(held.locked_amount, 0) AS locked,
        coalesce(held.amount - held.locked_amount, 0) AS available,
        CASE WHEN assets.symbol = %(bonus_asset)s THEN coalesce(
            (SELECT sum(entry.amount) FROM bonus_entries AS entry
             WHERE entry.beneficiary_id = %(member)s AND entry.status = %(pending)s), 0
        ) ELSE 0 END AS pending_bonus
    FROM assets LEFT JOIN balances AS held ON held.asset_id = assets.symbol AND held.user_id = %(member)s
    ORDER BY assets.symbol
"""
NOTHING: Final = Decimal()


def amount(value: Decimal) -> str:
    return format_amount(value, 0) if value else "0"  # most balances are none


def moment(value: datetime) -> str:
    return plain_time(value)


def member_document(partner: Partner, member: Member) -> dict[str, Any]:
    places = {
        node.tree: node for node in Node.objects.filter(member=member).select_related("parent__member__user")
    }  # fmt: skip
    above = [node.parent.member for node in places.values() if node.parent]
    sponsor = Member.objects.select_related("user").filter(pk=member.sponsor_id).first()
    own = known_to(partner, [*above, *([sponsor] if sponsor else [])])
    binary = places[Tree.BINARY]
    return {
        "uid": member.user.uid,
        "referral_code": member.referral_code,
        "sponsor_uid": own.get(sponsor.pk) if sponsor else None,
        "rank": member.rank,
        "unilevel": place(places[Tree.UNILEVEL], own) | {"side": None, "spilled_over": False},
        "binary": place(binary, own)
        | {"side": binary.side, "spilled_over": bool(binary.parent and binary.parent.member_id != member.sponsor_id)},
    }


def place(node: Node, own: dict[int, str | None]) -> dict[str, Any]:
    return {"parent_uid": own.get(node.parent.member_id) if node.parent else None, "depth": node.depth}


def known_to(partner: Partner, members: Iterable[Member]) -> dict[int, str | None]:
    """The numbers a partner may see: of its own members, and of the company at the top. Another's may be an e-mail."""
    people = {member.pk: member for member in members}
    own = set(PartnerMember.objects.filter(member__in=people, partner=partner).values_list("member_id", flat=True))
    return {pk: member.user.uid for pk, member in people.items() if pk in own or member.sponsor_id is None}


def member_with_holdings(partner: Partner, member: Member) -> dict[str, Any]:
    power = amount(hash_power(member.pk, clock.today()))
    return member_document(partner, member) | {"hash_power": power, "balances": balances(member)}


def balances(member: Member) -> list[dict[str, str]]:
    values = {"member": member.pk, "pending": EntryState.PENDING, "bonus_asset": POINT}
    with connection.cursor() as cursor:
        cursor.execute(BALANCES, values)
        names = [column.name for column in cursor.description]
        return [
            {"asset": symbol} | {name: amount(value) for name, value in zip(names[1:], sums, strict=True)}
            for symbol, *sums in cursor.fetchall()
        ]


def first_entries(order: Order) -> QuerySet[Entry]:
    """What the order brought when it came; what a refund took back are entries of their own."""
    return Entry.objects.filter(order=order).exclude(type=BonusType.CLAWBACK)


def taken_order(order: Order) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(MADE, [order.pk, BonusType.CLAWBACK])
        count, total = cursor.fetchone()
    return {"order_id": order.source_id, "status": "PAID", "bonuses_created": count, "bonus_total": amount(total)}


def refunded_order(order: Order) -> dict[str, Any]:
    """What was still pending is cancelled, what had been paid is taken back by entries of their own."""
    reversed_ones = first_entries(order).filter(status=EntryState.CANCELLED).count()
    taken = Entry.objects.filter(order=order, type=BonusType.CLAWBACK).aggregate(count=Count("id"), total=Sum("amount"))
    return {
        "order_id": order.source_id,
        "status": "REFUNDED",
        "bonuses_reversed": reversed_ones + taken["count"],
        "clawback_total": amount(-(taken["total"] or NOTHING)),
    }


def order_document(partner: Partner, order: Order) -> dict[str, Any]:
    entries = list(Entry.objects.filter(order=order).select_related("beneficiary__user").order_by("pk"))
    own = known_to(partner, [entry.beneficiary for entry in entries])
    return {
        "order_id": order.source_id,
        "status": "REFUNDED" if hasattr(order, "refund") else "PAID",
        "uid": order.buyer.user.uid,
        "total_amount": amount(order.total_amount),
        "pv_amount": amount(order.pv_amount),
        "channel": order.channel,
        "center_uid": order.center.user.uid if order.center else None,
        "paid_at": moment(order.paid_at),
        "metadata": order.metadata,
        "bonuses": [bonus_of_order(entry, own) for entry in entries],
    }


def bonus_of_order(entry: Entry, own: dict[int, str | None]) -> dict[str, Any]:
    return {
        "type": entry.type,
        "level": entry.level,
        "uid": own.get(entry.beneficiary_id),
        "percentage": amount(entry.percentage),
        "amount": amount(entry.amount),
        "status": entry.status,
    }


def bonus_document(entry: Entry, partner: Partner) -> dict[str, Any]:
    """To its beneficiary's partner; the order is named where it is that partner's too."""
    is_own = entry.order is not None and entry.order.source == partner.slug
    return {
        "id": entry.pk,
        "type": entry.type,
        "level": entry.level,
        "order_id": entry.order.source_id if entry.order and is_own else None,
        "pv": amount(entry.pv),
        "percentage": amount(entry.percentage),
        "amount": amount(entry.amount),
        "status": entry.status,
        "created_at": moment(entry.created_at),
    }


def withdrawal_document(withdrawal: Withdrawal) -> dict[str, Any]:
    return {
        "id": withdrawal.pk,
        "status": withdrawal.status,
        "uid": withdrawal.user.uid,
        "asset": withdrawal.asset_id,
        "amount": amount(withdrawal.amount),
        "fee": amount(withdrawal.fee),
        "address": withdrawal.address,
        "channel": withdrawal.channel,
        "reference_id": withdrawal.reference_id,
        "reason": withdrawal.reason,
        "requested_at": moment(withdrawal.requested_at),
        "updated_at": moment(withdrawal.moved_at),
    }


def address_document(address: PayoutAddress) -> dict[str, Any]:
    return {
        "id": address.pk,
        "asset": address.asset_id,
        "address": address.address,
        "label": address.label,
        "usable_from": moment(address.usable_from),
    }
