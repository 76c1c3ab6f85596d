"""How bonuses, rules and closings are shown to staff's programs."""

from typing import Any, Final

from rest_framework import serializers

from aeghash.core.api.fields import AmountField, InstantField, TextField, WholeNumberField, YesNoField
from aeghash.core.api.serializers import RowSerializer, StrictSerializer
from aeghash.core.models import Proposal
from bonus.models import PAYING, Closing, ClosingMember, Entry, Rule, RuleLine
from bonus.operations.change_rules import MOST_LEVELS, PLACES
from organization.api.histories import UidField
from organization.models import Rank

MOST_LINES: Final = 2 * MOST_LEVELS + 3  # two types have levels, three have none


class EntrySerializer(RowSerializer):
    beneficiary_uid = UidField(source="beneficiary")
    pv = AmountField()
    percentage = AmountField()
    amount = AmountField()

    class Meta:
        model = Entry
        fields = (
            "id", "order", "beneficiary_uid", "type", "level", "pv", "percentage", "amount", "rank", "rule", "status",
            "closing", "due_at", "created_at",
        )  # fmt: skip


class RuleLineSerializer(RowSerializer):
    percentage = AmountField()

    class Meta:
        model = RuleLine
        fields = ("type", "level", "percentage", "lowest_rank", "needs_active")


class RuleSerializer(RowSerializer):
    total_percentage = AmountField()
    lines = RuleLineSerializer(many=True)

    class Meta:
        model = Rule
        fields = ("id", "valid_from", "valid_until", "total_percentage", "reason", "lines", "created_at")


class RuleLineGiven(StrictSerializer):
    """One share of the PV."""

    type = TextField(max_length=15, help_text=f"One of {', '.join(PAYING)}.")
    level = WholeNumberField(min_value=0, max_value=MOST_LEVELS, default=0, help_text="0 where the type has no levels.")
    percentage = AmountField(places=PLACES, help_text="More than 0, at most 100.")
    lowest_rank = serializers.ChoiceField(choices=["", *Rank.values], default="")
    needs_active = YesNoField(default=False)


class NewRules(StrictSerializer):
    """A whole version of the plan, for two people to agree on."""

    lines = serializers.ListField(child=RuleLineGiven(), min_length=1, max_length=MOST_LINES)
    valid_from = InstantField(help_text="Ten minutes from now or later. The version without an end ends there.")
    valid_until = InstantField(required=False, help_text="Left out, it holds until another version begins.")
    reason = TextField(max_length=500)


class ProposedRulesSerializer(RowSerializer):
    class Meta:
        model = Proposal
        fields = ("id", "kind", "content", "digest", "status", "expires_at")


class ClosingSerializer(RowSerializer):
    pool = AmountField()
    pool_carried_in = AmountField()
    pool_carried_out = AmountField()
    progress = serializers.IntegerField(help_text="Percent.")
    figures = serializers.DictField(help_text="What the draft came to.")
    report = serializers.DictField(help_text="What the closing came to; empty before.")

    class Meta:
        model = Closing
        fields = (
            "id", "period", "starts_at", "ends_at", "cutoff", "status", "version", "figures", "report", "pool",
            "pool_carried_in", "pool_carried_out", "members_expected", "members_closed", "progress", "sha256",
            "confirmed_at", "started_at", "closed_at",
        )  # fmt: skip


class CreditSerializer(RowSerializer):
    member_uid = UidField(source="member")
    gross = AmountField()
    clawed_back = AmountField()
    amount = AmountField()

    class Meta:
        model = ClosingMember
        fields = ("id", "member_uid", "gross", "clawed_back", "amount", "digest", "status", "attempts", "error")


class Drafting(StrictSerializer):
    as_of = InstantField(required=False, help_text="The last period that was over then; now, if it is left out.")


class VerificationSerializer(serializers.Serializer[Any]):
    closing = serializers.IntegerField()
    differences = serializers.ListField(child=serializers.CharField())


class WhyLineSerializer(serializers.Serializer[Any]):
    type = serializers.CharField()
    level = serializers.IntegerField()
    percentage = AmountField(allow_null=True)
    part = AmountField(help_text="Of the PV.")
    member_uid = UidField(source="member")
    rank = serializers.CharField(help_text="Of the member, then.")
    amount = AmountField()
    outcome = serializers.CharField(help_text="A bonus's status, or why there is none.")
    closing = serializers.IntegerField(allow_null=True)


class WhySerializer(serializers.Serializer[Any]):
    order = serializers.IntegerField(source="order.pk")
    pv = AmountField()
    rule = serializers.IntegerField(allow_null=True)
    unilevel_level = serializers.IntegerField(allow_null=True, help_text="How far above the buyer the member stands.")
    binary_level = serializers.IntegerField(allow_null=True)
    lines = WhyLineSerializer(many=True)
