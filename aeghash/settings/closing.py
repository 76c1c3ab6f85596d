"""When bonuses are closed. What has been closed stays as it was, whatever is set later."""

from aeghash.settings.source import env

CLOSING_PERIOD = env.choice("CLOSING_PERIOD", ("daily", "weekly", "monthly"), "weekly")
CLOSING_WEEKLY_ANCHOR = env.choice(
    "CLOSING_WEEKLY_ANCHOR",
    ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"),
    "MONDAY",
)
CLOSING_MONTHLY_ANCHOR = env.integer("CLOSING_MONTHLY_ANCHOR", 1, least=1, most=28)
CLOSING_HOUR = env.integer("CLOSING_HOUR", 23, most=23)
CLOSING_MINUTE = env.integer("CLOSING_MINUTE", 50, most=59)
CLOSING_REFUND_LAG_DAYS = env.integer("CLOSING_REFUND_LAG_DAYS", 2, most=60)
CLOSING_CHUNK_SIZE = env.integer("CLOSING_CHUNK_SIZE", 2000, least=1, most=20_000)
CLOSING_AUTO_CONFIRM = env.boolean("CLOSING_AUTO_CONFIRM", False)
