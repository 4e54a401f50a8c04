"""Invented people to try everything with: nobody in here lives, and no address belongs to anybody."""
