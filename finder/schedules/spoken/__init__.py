"""Schedules as people say them, in English and Spanish, read into the fields of a session and said again."""
