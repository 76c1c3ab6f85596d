"""The outside world: the pool, the wallets, the alert channel."""

from aeghash.settings.source import env

HASHDAM_API_BASE_URL = env.web_url("HASHDAM_API_BASE_URL", "https://api.pool.hashdam.com/v1" if env.production else "")
HASHDAM_API_KEY = env.text("HASHDAM_API_KEY", required=True)
HASHDAM_IP_ALLOWLIST = env.networks("HASHDAM_IP_ALLOWLIST")
HASHDAM_LISTING_DELAY_SECONDS = env.integer("HASHDAM_LISTING_DELAY_SECONDS", 60, least=1, most=24 * 3600)

MBLOCK_API_BASE_URL = env.web_url("MBLOCK_API_BASE_URL")
MBLOCK_API_KEY = env.text("MBLOCK_API_KEY", required=True)
MBLOCK_TRANSIT_FEE = env.decimal("MBLOCK_TRANSIT_FEE")
MBLOCK_TRANSIT_FEE_WALLET_KEY = env.text("MBLOCK_TRANSIT_FEE_WALLET_KEY")
MBLOCK_TRANSIT_CALLBACK_URL = env.web_url("MBLOCK_TRANSIT_CALLBACK_URL")
MBLOCK_PAYOUT_WALLETS = env.words("MBLOCK_PAYOUT_WALLETS")

ALERT_WEBHOOK_URL = env.web_url("ALERT_WEBHOOK_URL", required=True)
