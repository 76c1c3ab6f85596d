"""Sentences of the product and their Korean, without gettext's own tools: a bare machine has none of them."""
