from datetime import UTC, datetime
from decimal import Decimal

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import aeghash.core.clock
import aeghash.core.models.transaction_ids
import aeghash.core.money.fields


def seed_rank_rules(apps, schema_editor):
    """The plan as it is sold. Valid since before anybody joined."""
    rule = apps.get_model("organization", "RankRule")
    since = datetime(2020, 1, 1, tzinfo=UTC)
    rules = [rule(rank="D0", valid_from=since, direct_referrals=10, own_sales=Decimal(200))]
    rules += [rule(rank=rank, valid_from=since, referrals_of_rank_below=2) for rank in ("D1", "D2", "D3", "D4", "D5")]
    rule.objects.using(schema_editor.connection.alias).bulk_create(rules)


class Migration(migrations.Migration):
    dependencies = [
        ("organization", "0002_placement"),
    ]

    operations = [
        # A primary key isn't altered: the table was empty, and is made anew with one that is what is looked up.
        migrations.DeleteModel(name="DailyVolume"),
        migrations.CreateModel(
            name="DailyVolume",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "day", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="volumes",
                        to="organization.member",
                        verbose_name="member",
                    ),
                ),
                ("day", models.DateField(verbose_name="day")),
                ("personal_volume", aeghash.core.money.fields.MoneyField(default=0, verbose_name="personal volume")),
                ("group_volume", aeghash.core.money.fields.MoneyField(default=0, verbose_name="group volume")),
                ("volume_left", aeghash.core.money.fields.MoneyField(default=0, verbose_name="left volume")),
                ("volume_right", aeghash.core.money.fields.MoneyField(default=0, verbose_name="right volume")),
                ("orders_count", models.IntegerField(default=0, verbose_name="orders")),
                ("group_joined", models.IntegerField(default=0, verbose_name="joined the group")),
                ("joined_left", models.IntegerField(default=0, verbose_name="joined on the left")),
                ("joined_right", models.IntegerField(default=0, verbose_name="joined on the right")),
            ],
            options={
                "verbose_name": "volumes of a day",
                "verbose_name_plural": "volumes per day",
                "db_table": "organization_metrics_daily",
            },
        ),
        migrations.CreateModel(
            name="GroupRank",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "rank", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="group_ranks",
                        to="organization.member",
                        verbose_name="member",
                    ),
                ),
                (
                    "rank",
                    models.CharField(
                        choices=[
                            ("FREE", "FREE"),
                            ("D0", "D0"),
                            ("D1", "D1"),
                            ("D2", "D2"),
                            ("D3", "D3"),
                            ("D4", "D4"),
                            ("D5", "D5"),
                        ],
                        max_length=4,
                        verbose_name="rank",
                    ),
                ),
                ("members", models.IntegerField(verbose_name="members")),
            ],
            options={
                "verbose_name": "ranks of a group",
                "verbose_name_plural": "ranks of groups",
                "db_table": "organization_group_ranks",
            },
        ),
        migrations.CreateModel(
            name="RankRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rank",
                    models.CharField(
                        choices=[
                            ("FREE", "FREE"),
                            ("D0", "D0"),
                            ("D1", "D1"),
                            ("D2", "D2"),
                            ("D3", "D3"),
                            ("D4", "D4"),
                            ("D5", "D5"),
                        ],
                        max_length=4,
                        verbose_name="rank",
                    ),
                ),
                ("valid_from", models.DateTimeField(verbose_name="valid from")),
                ("direct_referrals", models.IntegerField(blank=True, null=True, verbose_name="direct referrals")),
                (
                    "own_sales",
                    aeghash.core.money.fields.MoneyField(blank=True, null=True, verbose_name="own sales (USD)"),
                ),
                (
                    "referrals_of_rank_below",
                    models.IntegerField(blank=True, null=True, verbose_name="direct referrals of the rank below"),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=aeghash.core.clock.now, editable=False, verbose_name="created"),
                ),
            ],
            options={
                "verbose_name": "rule of a rank",
                "verbose_name_plural": "rules of ranks",
                "db_table": "organization_rank_rules",
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="member",
            name="is_rank_held",
            field=models.BooleanField(db_default=False, default=False, verbose_name="rank held by hand"),
        ),
        migrations.AddField(
            model_name="member",
            name="xid",
            field=aeghash.core.models.transaction_ids.TransactionIdField(
                db_default=aeghash.core.models.transaction_ids.CurrentTransactionId(), db_index=True, editable=False
            ),
        ),
        migrations.AddField(
            model_name="rankchange",
            name="xid",
            field=aeghash.core.models.transaction_ids.TransactionIdField(
                db_default=aeghash.core.models.transaction_ids.CurrentTransactionId(), db_index=True, editable=False
            ),
        ),
        migrations.AddIndex(
            model_name="spillover",
            index=models.Index(fields=["sponsor", "created_at"], name="organization_spillovers_by_day"),
        ),
        migrations.AddConstraint(
            model_name="rankrule",
            constraint=models.UniqueConstraint(
                fields=("rank", "valid_from"), name="organization_rank_rules_once_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="rankrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank__in", ["D0", "D1", "D2", "D3", "D4", "D5"])),
                name="organization_rank_rules_known_rank",
            ),
        ),
        migrations.AddConstraint(
            model_name="rankrule",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("direct_referrals__isnull", True), ("direct_referrals__gt", 0), _connector="OR"),
                    models.Q(("own_sales__isnull", True), ("own_sales__gt", 0), _connector="OR"),
                    models.Q(
                        ("referrals_of_rank_below__isnull", True), ("referrals_of_rank_below__gt", 0), _connector="OR"
                    ),
                ),
                name="organization_rank_rules_positive",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rankrule",
            trigger=pgtrigger.compiler.Trigger(
                name="refuse_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="refuse_change()",
                    func="RETURN NULL;",
                    hash="7ad8c3f2401bea591f1fe9e65371867a95363f52",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_refuse_change_fccef",
                    table="organization_rank_rules",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(seed_rank_rules, migrations.RunPython.noop),
    ]
