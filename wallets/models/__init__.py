from wallets.models.assets import Asset, AssetKind

__all__ = ["Asset", "AssetKind"]
