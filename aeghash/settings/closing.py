"""Whether a drafted closing waits for two people. All else about closings is in the bonus settings, which staff change."""

from aeghash.settings.source import env

CLOSING_AUTO_CONFIRM = env.boolean("CLOSING_AUTO_CONFIRM", False)
