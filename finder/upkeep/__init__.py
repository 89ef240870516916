"""What whoever keeps a site is told and asked about it: what is out of the ordinary, and to check crisis numbers."""
