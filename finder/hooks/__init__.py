"""Programs elsewhere that asked to be told when listings change (webhooks)."""
