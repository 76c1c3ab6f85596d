"""When and how bonuses are closed, as the plan says it, from before anybody joined."""

from datetime import UTC, datetime, time
from decimal import Decimal

import django.contrib.postgres.fields
import django.core.validators
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import aeghash.core.clock
import aeghash.core.money.fields


def seed_settings(apps, schema_editor):
    apps.get_model("bonus", "BonusSettings").objects.using(schema_editor.connection.alias).create(
        valid_from=datetime(2020, 1, 1, tzinfo=UTC),
        timezone="Asia/Seoul",
        period="weekly",
        close_time=time(23, 50),
        weekly_anchor="MONDAY",
        monthly_anchor=1,
        refund_lag_days=2,
        chunk_size=2000,
        max_close_duration_min=20,
        retry_attempts=5,
        retry_first_seconds=30,
        retry_longest_seconds=600,
        export_formats=["csv", "xlsx"],
        warning_times=Decimal(3),
        withdrawal_cap_percent=Decimal(300),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("bonus", "0002_plan"),
    ]

    operations = [
        migrations.CreateModel(
            name="BonusSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("valid_from", models.DateTimeField(unique=True, verbose_name="valid from")),
                (
                    "timezone",
                    models.CharField(
                        help_text="Of the time of closing and of the day on which a period ends.",
                        max_length=64,
                        verbose_name="time zone",
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("daily", "daily"), ("weekly", "weekly"), ("monthly", "monthly")],
                        help_text="How often bonuses are closed.",
                        max_length=7,
                        verbose_name="period",
                    ),
                ),
                (
                    "close_time",
                    models.TimeField(
                        help_text="A period ends at this time, and the next one begins there.",
                        verbose_name="time of closing",
                    ),
                ),
                (
                    "weekly_anchor",
                    models.CharField(
                        choices=[
                            ("MONDAY", "Monday"),
                            ("TUESDAY", "Tuesday"),
                            ("WEDNESDAY", "Wednesday"),
                            ("THURSDAY", "Thursday"),
                            ("FRIDAY", "Friday"),
                            ("SATURDAY", "Saturday"),
                            ("SUNDAY", "Sunday"),
                        ],
                        help_text="Counts where the period is weekly.",
                        max_length=9,
                        verbose_name="last day of a week",
                    ),
                ),
                (
                    "monthly_anchor",
                    models.PositiveSmallIntegerField(
                        help_text="1 to 28. Counts where the period is monthly.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(28),
                        ],
                        verbose_name="last day of a month",
                    ),
                ),
                (
                    "refund_lag_days",
                    models.PositiveSmallIntegerField(
                        help_text="Orders paid within so many days before a period's end roll over to the next closing.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="refund lag (days)",
                    ),
                ),
                (
                    "chunk_size",
                    models.PositiveSmallIntegerField(
                        help_text="How many members are credited by one transaction of a closing.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20000),
                        ],
                        verbose_name="members at once",
                    ),
                ),
                (
                    "max_close_duration_min",
                    models.PositiveSmallIntegerField(
                        help_text="A closing that credits nobody for so long is taken over by another worker.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(240),
                        ],
                        verbose_name="longest silence of a closing (minutes)",
                    ),
                ),
                (
                    "retry_attempts",
                    models.PositiveSmallIntegerField(
                        help_text="After the last one the credit has failed, and an alert says so.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(20),
                        ],
                        verbose_name="attempts at a credit",
                    ),
                ),
                (
                    "retry_first_seconds",
                    models.PositiveIntegerField(
                        help_text="After the first attempt. Each further pause is twice the last.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(86400),
                        ],
                        verbose_name="first pause (seconds)",
                    ),
                ),
                (
                    "retry_longest_seconds",
                    models.PositiveIntegerField(
                        help_text="No pause between two attempts is longer, give or take a quarter.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(86400),
                        ],
                        verbose_name="longest pause (seconds)",
                    ),
                ),
                (
                    "export_formats",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(choices=[("csv", "CSV"), ("xlsx", "Excel")], max_length=4),
                        help_text="As which files a closing's report can be taken.",
                        size=None,
                        verbose_name="formats of the report",
                    ),
                ),
                (
                    "warning_times",
                    aeghash.core.money.fields.MoneyField(
                        help_text="A draft's total that is so many times the usual of the last closings is marked.",
                        validators=[django.core.validators.MinValueValidator(Decimal("1.01"))],
                        verbose_name="warned of from so many times the usual",
                    ),
                ),
                (
                    "withdrawal_cap_percent",
                    aeghash.core.money.fields.MoneyField(
                        help_text="How much of a member's own purchases may ever be withdrawn as bonus.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(10000),
                        ],
                        verbose_name="cap of withdrawals (percent)",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(default=aeghash.core.clock.now, editable=False, verbose_name="created"),
                ),
            ],
            options={
                "verbose_name": "version of the bonus settings",
                "verbose_name_plural": "bonus settings",
                "db_table": "bonus_settings",
                "abstract": False,
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("period__in", ["daily", "weekly", "monthly"])),
                        name="bonus_settings_known_period",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "weekly_anchor__in",
                                ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"],
                            )
                        ),
                        name="bonus_settings_known_weekday",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("monthly_anchor__range", (1, 28))), name="bonus_settings_monthly_anchor"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refund_lag_days__lte", 60)), name="bonus_settings_refund_lag"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("chunk_size__range", (1, 20000))), name="bonus_settings_chunk_size"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_close_duration_min__range", (1, 240))), name="bonus_settings_duration"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("retry_attempts__range", (1, 20)),
                            ("retry_first_seconds__gte", 1),
                            ("retry_longest_seconds__gte", models.F("retry_first_seconds")),
                            ("retry_longest_seconds__lte", 86400),
                        ),
                        name="bonus_settings_retries",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("export_formats__len__gte", 1), ("export_formats__contained_by", ["csv", "xlsx"])
                        ),
                        name="bonus_settings_known_formats",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("warning_times__gt", 1), ("withdrawal_cap_percent__gte", 0)),
                        name="bonus_settings_figures",
                    ),
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="bonussettings",
            trigger=pgtrigger.compiler.Trigger(
                name="refuse_change",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    execute="refuse_change()",
                    func="RETURN NULL;",
                    hash="d947155ada3560f4be7c4ee4d58eb0abe5c7c625",
                    level="STATEMENT",
                    operation="UPDATE OR DELETE OR TRUNCATE",
                    pgid="pgtrigger_refuse_change_0d1e3",
                    table="bonus_settings",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunPython(seed_settings, migrations.RunPython.noop),
    ]
