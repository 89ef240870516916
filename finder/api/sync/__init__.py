"""What changed since, for those who keep a copy."""
