"""Texts of region files for these tests."""

from services.registration.tests.made import REGIONS_DIR

TEXT = (REGIONS_DIR / "ludwigsburg.toml").read_text(encoding="utf-8")
TEMPLATE = (REGIONS_DIR / "template.toml.example").read_text(encoding="utf-8")
# Nothing but what must be said.
NEEDED = """
slug = "smallest"
timezone = "Europe/Berlin"
languages = ["de", "en"]
municipalities = ["Asperg", "Murr"]
name = { de = "Kleinste" }
sender = { name = "myBuddy", email = "mybuddy@smallest.example" }
office = { name = "Landratsamt", phone = "030 23125-123", email = "office@smallest.example" }

[rules]
min_age = 18
max_km = 40
default_km = 10
quality_floor = 400
levels = ["pairs"]
weights = { languages = 1000, hobbies = 0, closeness = 0, age = 0 }
"""
