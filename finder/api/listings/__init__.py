"""Listings changed by programs of those who keep them."""
