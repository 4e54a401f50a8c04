"""Owns people, contact, consent, links and the rounds from draft to ended.
Consumes pairings (round incomplete, published), messages and receipts.
Produces participants and rounds.
"""
