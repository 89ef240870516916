"""Feeds and files of everything that is published."""
