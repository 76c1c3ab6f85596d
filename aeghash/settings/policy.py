"""Rules of the house that the environment may set."""

from aeghash.settings.source import env

APP_ENV = env.name
WITHDRAWAL_TWO_STEP_REQUIRED = env.boolean("WITHDRAWAL_TWO_STEP_REQUIRED", True)
WITHDRAWAL_ADDRESS_COOLING_HOURS = env.integer("WITHDRAWAL_ADDRESS_COOLING_HOURS", 24, least=0, most=30 * 24)
APPROVAL_OTP_REQUIRED = env.boolean("APPROVAL_OTP_REQUIRED", True)
if env.production and not APPROVAL_OTP_REQUIRED:
    env.problem("APPROVAL_OTP_REQUIRED", "can't be false in production")
