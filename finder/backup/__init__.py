"""Copies of the database that can be trusted: made while people work, proved, kept for a while, and put back."""
