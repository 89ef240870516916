"""Which listings are the same group written down twice: how alike two are, why, and why not. It never merges."""
